import { redactSecrets } from './redact.ts'

/** What this package tells. Other packages have unions of their own; all codes are in docs/errors.md. */
export type CoreErrorCode =
  | 'ABORTED'
  | 'TIMEOUT'
  | 'NETWORK'
  | 'INVALID_INPUT'
  | 'VERSION_CONFLICT'
  | 'ID_CONFLICT'
  | 'CLAIM_LOST'
  | 'UNIT_CHANGED'
  | 'NOTIFY_FAILED'

export interface FirebreakErrorOptions<Code extends string = string> {
  /** SCREAMING_SNAKE; stable; branch on it. */
  readonly code: Code
  /** One line that names the thing and says what to do. Secrets are taken out. */
  readonly message: string
  readonly cause?: unknown
}

const deepestCause = 8

/** The marker survives two copies of this package in one process; `instanceof` does not. */
const marker = Symbol.for('firebreak.error')

/** What all of ours throw. Branch on `code`; `FirebreakError.isInstance` works across copies of the package. */
export class FirebreakError<Code extends string = string> extends Error {
  readonly code: Code

  constructor({ code, message, cause }: FirebreakErrorOptions<Code>) {
    super(redactSecrets(message), cause === undefined ? undefined : { cause: withoutSecrets(cause) })
    this.name = 'FirebreakError'
    this.code = code
    Object.defineProperty(this, marker, { value: true })
  }

  static isInstance(error: unknown): error is FirebreakError {
    return typeof error === 'object' && error !== null && marker in error
  }
}

/** A cause is printed with its error. One that holds a secret is replaced by a copy that does not; others are kept as they are. */
function withoutSecrets(cause: unknown, depth = 0): unknown {
  if (typeof cause === 'string') return redactSecrets(cause)
  if (!(cause instanceof Error) || depth > deepestCause) return cause
  const inner = cause.cause === undefined ? undefined : withoutSecrets(cause.cause, depth + 1)
  const message = redactSecrets(cause.message)
  const stack = redactSecrets(cause.stack ?? '')
  if (message === cause.message && stack === (cause.stack ?? '') && inner === cause.cause) return cause
  const copy = new Error(message, inner === undefined ? undefined : { cause: inner })
  copy.name = cause.name
  copy.stack = stack
  const { code } = cause as { code?: unknown }
  return code === undefined ? copy : Object.assign(copy, { code })
}

/** The caller gave up. */
export class AbortedError extends FirebreakError<'ABORTED'> {
  constructor(message: string, cause?: unknown) {
    super({ code: 'ABORTED', message, cause })
    this.name = 'AbortedError'
  }
}

/** Ours took too long. */
export class TimeoutError extends FirebreakError<'TIMEOUT'> {
  readonly timeoutMs: number
  constructor(message: string, timeoutMs: number, cause?: unknown) {
    super({ code: 'TIMEOUT', message, cause })
    this.name = 'TimeoutError'
    this.timeoutMs = timeoutMs
  }
}

/** The other side could not be reached, or broke off. The effect may have happened. */
export class NetworkError extends FirebreakError<'NETWORK'> {
  constructor(message: string, cause?: unknown) {
    super({ code: 'NETWORK', message, cause })
    this.name = 'NetworkError'
  }
}

/** An argument or option that cannot be used: says which, and what would do. */
export class InvalidInput extends FirebreakError<'INVALID_INPUT'> {
  /** The field's path: 'symptoms[0].ratio'. */
  readonly field: string
  constructor(field: string, message: string) {
    const path = redactSecrets(field)
    super({ code: 'INVALID_INPUT', message: `${path}: ${message}` })
    this.name = 'InvalidInput'
    this.field = path
  }
}

/** A needed secret or setting that is unset: names the option. */
export function required<T>(value: T | null | undefined | '', option: string, where: string): T {
  if (value === undefined || value === null || value === '')
    throw new InvalidInput(
      option,
      `is not set; pass it to ${where} (an environment variable that is unset arrives as undefined)`,
    )
  return value as T
}
