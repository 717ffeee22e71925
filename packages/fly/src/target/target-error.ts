import { FirebreakError, UnitChanged } from '@firebreak/core'
import { FlyError } from '../errors/fly-error.ts'
import { FlyConflictError, FlyNotFoundError } from '../errors/kinds.ts'

/** Somebody else holds a lease on a machine, or ours ran out. */
export class FlyLockHeldError extends FirebreakError<'LOCK_HELD'> {
  readonly unit: string
  readonly holder: string
  /** RFC 3339; absent when Fly does not tell. */
  readonly expiresAt?: string
  constructor(
    unit: string,
    message: string,
    held: { holder?: string | undefined; until?: string | undefined; cause?: unknown },
  ) {
    super({ code: 'LOCK_HELD', message, cause: held.cause })
    this.name = 'FlyLockHeldError'
    this.unit = unit
    this.holder = held.holder ?? 'somebody else'
    if (held.until !== undefined) this.expiresAt = held.until
  }
}

/** The machine is not ours to change; `message` says why. */
export class FlyUntouchableError extends FirebreakError<'FLY_UNTOUCHABLE'> {
  readonly unit: string
  readonly retryable = false
  constructor(unit: string, reason: string) {
    super({ code: 'FLY_UNTOUCHABLE', message: `machine ${unit} ${reason}; it is left alone` })
    this.name = 'FlyUntouchableError'
    this.unit = unit
  }
}

/** What a refused write to a machine means for the port: a lost race, a held lock, or itself. */
export function targetError(unit: string, error: unknown): unknown {
  if (error instanceof FlyNotFoundError)
    return new UnitChanged(unit, `machine ${unit} no longer exists: plan again`, error)
  if (!(error instanceof FlyConflictError)) return error
  if (error.code === 'FLY_LEASE_HELD') return lockHeld(unit, error)
  return new UnitChanged(unit, `machine ${unit} changed meanwhile: read it and plan again (${error.message})`, error)
}

export function lockHeld(unit: string, error: FlyConflictError): FlyLockHeldError {
  const until = error.until === undefined ? '' : ` until ${error.until}`
  const message = `machine ${unit} is leased by ${error.holder ?? 'somebody else'}${until}; wait for it, a lease is never stolen`
  return new FlyLockHeldError(unit, message, { holder: error.holder, until: error.until, cause: error })
}

export function isGoneOrForeign(error: unknown): boolean {
  return FlyError.isInstance(error) && (error.status === 404 || error.status === 400 || error.status === 409)
}
