import { FirebreakError } from '@firebreak/core'

/** Every code this package's requests can fail with. Each has a line in docs/fly.md that says what to do. */
export type FlyErrorCode =
  | 'ABORTED'
  | 'TIMEOUT'
  | 'NETWORK'
  | 'FLY_UNAUTHORIZED'
  | 'FLY_FORBIDDEN'
  | 'FLY_NOT_FOUND'
  | 'FLY_INVALID_REQUEST'
  | 'FLY_LEASE_HELD'
  | 'FLY_UPDATE_IN_PROGRESS'
  | 'FLY_STALE_VERSION'
  | 'FLY_CONFLICT'
  | 'FLY_NAME_TAKEN'
  | 'FLY_PRECONDITION'
  | 'FLY_RATE_LIMITED'
  | 'FLY_CAPACITY'
  | 'FLY_HOST_MAINTENANCE'
  | 'FLY_PLATFORM'
  | 'FLY_UNEXPECTED_ANSWER'
  | 'FLY_GRAPHQL'
  | 'FLY_WAIT_TIMEOUT'
  | 'FLY_CRASHED'

/** Where and how a request failed. */
export interface FlyErrorDetails {
  readonly method: string
  /** The address without its query: no token and no filter stands in it. */
  readonly path: string
  readonly status?: number | undefined
  /** `fly-request-id`: what Fly's support asks for. */
  readonly requestId?: string | undefined
  readonly retryAfterMs?: number | undefined
  /** Whether the request may have taken effect all the same. */
  readonly ambiguous?: boolean | undefined
  /** Whether another attempt could help. */
  readonly retryable?: boolean | undefined
  readonly cause?: unknown
}

/** The family. Branch on `code`; `status`, `requestId`, `method` and `path` say where it happened. */
export class FlyError<Code extends FlyErrorCode = FlyErrorCode> extends FirebreakError<Code> {
  readonly method: string
  readonly path: string
  readonly status?: number
  readonly requestId?: string
  readonly retryAfterMs?: number
  readonly ambiguous: boolean
  readonly retryable: boolean
  /** How often it was tried, when it was tried more than once. */
  readonly attempts?: number

  constructor(code: Code, message: string, details: FlyErrorDetails) {
    super({ code, message, cause: details.cause })
    this.name = 'FlyError'
    this.method = details.method
    this.path = details.path
    this.ambiguous = details.ambiguous ?? false
    this.retryable = details.retryable ?? false
    if (details.status !== undefined) this.status = details.status
    if (details.requestId !== undefined) this.requestId = details.requestId
    if (details.retryAfterMs !== undefined) this.retryAfterMs = details.retryAfterMs
  }

  /** Of this family, also across two copies of the package. */
  static override isInstance(error: unknown): error is FlyError {
    return FirebreakError.isInstance(error) && 'method' in error && 'path' in error && 'ambiguous' in error
  }
}
