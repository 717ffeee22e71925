import { FirebreakError } from './errors.ts'
import type { StreamId } from './recorded.ts'

/** Somebody appended first: read the tail, decide again, never resend. */
export class VersionConflict extends FirebreakError<'VERSION_CONFLICT'> {
  readonly stream: StreamId
  /** How many events the stream has. */
  readonly actual: number
  constructor(stream: StreamId, actual: number, expected: string) {
    super({
      code: 'VERSION_CONFLICT',
      message: `${stream} has ${actual} events, expected ${expected}: read the tail and decide again`,
    })
    this.name = 'VersionConflict'
    this.stream = stream
    this.actual = actual
  }
}

/** Works across copies of this package. */
export function isVersionConflict(error: unknown): error is VersionConflict {
  return FirebreakError.isInstance(error) && error.code === 'VERSION_CONFLICT'
}

/** The same id with other content: two different facts must not share an id. */
export class IdConflict extends FirebreakError<'ID_CONFLICT'> {
  readonly stream: StreamId
  readonly id: string
  constructor(stream: StreamId, id: string) {
    super({
      code: 'ID_CONFLICT',
      message: `${stream} holds another event with id ${id}: give the new fact an id of its own`,
    })
    this.name = 'IdConflict'
    this.stream = stream
    this.id = id
  }
}

/** The claim passed to somebody else: stop, and write nothing. */
export class ClaimLost extends FirebreakError<'CLAIM_LOST'> {
  constructor(key: string) {
    super({ code: 'CLAIM_LOST', message: `the claim on ${key} is no longer ours: another responder goes on with it` })
    this.name = 'ClaimLost'
  }
}

/** The unit is no longer what the plan saw: plan again. */
export class UnitChanged extends FirebreakError<'UNIT_CHANGED'> {
  readonly unit: string
  constructor(unit: string, message: string, cause?: unknown) {
    super({ code: 'UNIT_CHANGED', message, cause })
    this.name = 'UnitChanged'
    this.unit = unit
  }
}
