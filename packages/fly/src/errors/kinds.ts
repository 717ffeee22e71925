import { FlyError, type FlyErrorDetails } from './fly-error.ts'

/** Fly could not be reached, or the connection broke off. `ambiguous` is false when nothing was sent. */
export class FlyNetworkError extends FlyError<'NETWORK'> {
  constructor(message: string, details: FlyErrorDetails) {
    super('NETWORK', message, { ...details, retryable: true })
    this.name = 'FlyNetworkError'
  }
}

/** No answer in time: ours ran out, or Fly said 408 (then its API timed out talking to the host). */
export class FlyTimeoutError extends FlyError<'TIMEOUT'> {
  constructor(message: string, details: FlyErrorDetails) {
    super('TIMEOUT', message, { ambiguous: true, retryable: true, ...details })
    this.name = 'FlyTimeoutError'
  }
}

/** The caller's signal aborted. */
export class FlyAbortedError extends FlyError<'ABORTED'> {
  constructor(message: string, details: FlyErrorDetails) {
    super('ABORTED', message, { ambiguous: true, ...details })
    this.name = 'FlyAbortedError'
  }
}

/** 401: the token is missing, malformed, expired, or not of the kind this endpoint takes. */
export class FlyUnauthorizedError extends FlyError<'FLY_UNAUTHORIZED'> {
  constructor(message: string, details: FlyErrorDetails) {
    super('FLY_UNAUTHORIZED', message, details)
    this.name = 'FlyUnauthorizedError'
  }
}

/** 403: it exists and belongs to another organization, or the token may not do this. */
export class FlyForbiddenError extends FlyError<'FLY_FORBIDDEN'> {
  constructor(message: string, details: FlyErrorDetails) {
    super('FLY_FORBIDDEN', message, details)
    this.name = 'FlyForbiddenError'
  }
}

/** 404, or GraphQL's `NOT_FOUND`. */
export class FlyNotFoundError extends FlyError<'FLY_NOT_FOUND'> {
  constructor(message: string, details: FlyErrorDetails) {
    super('FLY_NOT_FOUND', message, details)
    this.name = 'FlyNotFoundError'
  }
}

/** 400 or 422: Fly does not accept what was asked for. */
export class FlyInvalidRequestError extends FlyError<'FLY_INVALID_REQUEST'> {
  constructor(message: string, details: FlyErrorDetails) {
    super('FLY_INVALID_REQUEST', message, details)
    this.name = 'FlyInvalidRequestError'
  }
}

export type FlyConflictCode =
  | 'FLY_LEASE_HELD'
  | 'FLY_UPDATE_IN_PROGRESS'
  | 'FLY_STALE_VERSION'
  | 'FLY_NAME_TAKEN'
  | 'FLY_CONFLICT'

/** 409 (a taken name: 422): somebody else holds the lease, is updating, has updated, or has the name. */
export class FlyConflictError extends FlyError<FlyConflictCode> {
  /** Who holds the lease, as Fly names him. */
  readonly holder?: string
  /** RFC 3339: until when. */
  readonly until?: string

  constructor(
    code: FlyConflictCode,
    message: string,
    details: FlyErrorDetails & { readonly holder?: string | undefined; readonly until?: string | undefined },
  ) {
    super(code, message, details)
    this.name = 'FlyConflictError'
    if (details.holder !== undefined) this.holder = details.holder
    if (details.until !== undefined) this.until = details.until
  }
}

/** 412: not possible in the present state. */
export class FlyPreconditionError extends FlyError<'FLY_PRECONDITION'> {
  constructor(message: string, details: FlyErrorDetails) {
    super('FLY_PRECONDITION', message, details)
    this.name = 'FlyPreconditionError'
  }
}

/** 429: nothing was done; `retryAfterMs` when Fly says how long to wait. */
export class FlyRateLimitedError extends FlyError<'FLY_RATE_LIMITED'> {
  constructor(message: string, details: FlyErrorDetails) {
    super('FLY_RATE_LIMITED', message, { ...details, retryable: true, ambiguous: false })
    this.name = 'FlyRateLimitedError'
  }
}

/** The host or the region has no room. */
export class FlyCapacityError extends FlyError<'FLY_CAPACITY'> {
  constructor(message: string, details: FlyErrorDetails) {
    super('FLY_CAPACITY', message, details)
    this.name = 'FlyCapacityError'
  }
}

/** 5xx: Fly's side. With `FLY_HOST_MAINTENANCE` the host takes no deploys for a while. */
export class FlyPlatformError extends FlyError<'FLY_PLATFORM' | 'FLY_HOST_MAINTENANCE'> {
  constructor(code: 'FLY_PLATFORM' | 'FLY_HOST_MAINTENANCE', message: string, details: FlyErrorDetails) {
    super(code, message, details)
    this.name = 'FlyPlatformError'
  }
}

/** An answer that is not Fly's API speaking: too large, cut, HTML, a redirect, or of another shape. */
export class FlyUnexpectedAnswerError extends FlyError<'FLY_UNEXPECTED_ANSWER'> {
  constructor(message: string, details: FlyErrorDetails) {
    super('FLY_UNEXPECTED_ANSWER', message, details)
    this.name = 'FlyUnexpectedAnswerError'
  }
}

/** GraphQL answered 200 with errors. */
export class FlyGraphqlError extends FlyError<'FLY_GRAPHQL'> {
  /** `extensions.code`; an open set. */
  readonly graphqlCode?: string
  constructor(message: string, details: FlyErrorDetails & { readonly graphqlCode?: string | undefined }) {
    super('FLY_GRAPHQL', message, details)
    this.name = 'FlyGraphqlError'
    if (details.graphqlCode !== undefined) this.graphqlCode = details.graphqlCode
  }
}

/** The machine did not reach the state in the time given. */
export class FlyWaitTimeoutError extends FlyError<'FLY_WAIT_TIMEOUT'> {
  constructor(message: string, details: FlyErrorDetails) {
    super('FLY_WAIT_TIMEOUT', message, details)
    this.name = 'FlyWaitTimeoutError'
  }
}

/** The machine went to `failed` instead of starting. */
export class FlyCrashedError extends FlyError<'FLY_CRASHED'> {
  constructor(message: string, details: FlyErrorDetails) {
    super('FLY_CRASHED', message, details)
    this.name = 'FlyCrashedError'
  }
}
