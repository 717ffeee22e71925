import { FirebreakError } from '@firebreak/core'

/** Somebody else holds the service's lock. */
export class LockHeld extends FirebreakError<'LOCK_HELD'> {
  readonly holder: string
  /** RFC 3339. */
  readonly expiresAt: string
  constructor(holder: string, expiresAt: string) {
    super({ code: 'LOCK_HELD', message: `${holder} holds the lock until ${expiresAt}` })
    this.name = 'LockHeld'
    this.holder = holder
    this.expiresAt = expiresAt
  }
}

/** The platform asks to come back later. */
export class Throttled extends FirebreakError<'RATE_LIMITED'> {
  readonly retryAfterMs: number
  constructor(retryAfterMs: number) {
    super({ code: 'RATE_LIMITED', message: `rate limited: come back in ${retryAfterMs} ms` })
    this.name = 'Throttled'
    this.retryAfterMs = retryAfterMs
  }
}

/** The registry, the machine or the release is not there. */
export class NotThere extends FirebreakError<'NOT_FOUND'> {
  constructor(what: string) {
    super({ code: 'NOT_FOUND', message: `${what} is not there` })
    this.name = 'NotThere'
  }
}

/** The unit must be left alone. */
export class Untouchable extends FirebreakError<'UNTOUCHABLE'> {
  readonly retryable = false
  constructor(unit: string, why: string) {
    super({ code: 'UNTOUCHABLE', message: `${unit} is left alone: ${why}` })
    this.name = 'Untouchable'
  }
}
