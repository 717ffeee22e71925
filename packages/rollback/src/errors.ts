import { FirebreakError } from '@firebreak/core'
import type { Candidate, Guard } from './plan.ts'

/** Why a rollback was not planned or not begun. Closed: branch on it. */
export type RefusalCode =
  | 'NO_RELEASES'
  | 'NO_UNITS'
  | 'NO_CANDIDATE'
  | 'NO_SUCH_RELEASE'
  | 'NOT_COMPLETE'
  | 'IMAGE_GONE'
  | 'QUARANTINED'
  | 'BELOW_FLOOR'
  | 'UNPROVEN'
  | 'GUARD_REFUSED'
  | 'LOCKED'
  | 'PLAN_CHANGED'

/** Every code that this package throws; `INVALID_INPUT` and what a target throws come besides. */
export type RollbackErrorCode =
  | RefusalCode
  | JournalErrorCode
  | 'NOT_DEPLOYABLE'
  /** What an action of the mitigator ended with. */
  | 'HELD'
  | 'NOT_RECORDED'
  | 'NOT_SUPPORTED'
  | 'UNKNOWN_EFFECT'

/** Nothing was changed. `candidates` says of every release why it was not taken. */
export class RollbackRefused extends FirebreakError<RefusalCode> {
  readonly candidates: readonly Candidate[]
  /** The guards that said no, when guards were the reason. */
  readonly guards: readonly Guard[]

  constructor(
    code: RefusalCode,
    message: string,
    {
      candidates = [],
      guards = [],
      cause,
    }: { candidates?: readonly Candidate[]; guards?: readonly Guard[]; cause?: unknown } = {},
  ) {
    super({ code, message, cause })
    this.name = 'RollbackRefused'
    this.candidates = candidates
    this.guards = guards
  }
}

export type JournalErrorCode = 'JOURNAL_CORRUPT' | 'JOURNAL_MISMATCH' | 'JOURNAL_UNWRITABLE'

/** The journal cannot be used; it was left as it is. */
export class JournalError extends FirebreakError<JournalErrorCode> {
  constructor(code: JournalErrorCode, message: string, cause?: unknown) {
    super({ code, message, cause })
    this.name = 'JournalError'
  }
}

/** The image is quarantined: a rollback left it. */
export class NotDeployable extends FirebreakError<'NOT_DEPLOYABLE'> {
  readonly service: string
  readonly image: string
  readonly digest?: string
  constructor({
    service,
    image,
    digest,
    message,
  }: {
    service: string
    image: string
    digest?: string
    message: string
  }) {
    super({ code: 'NOT_DEPLOYABLE', message })
    this.name = 'NotDeployable'
    this.service = service
    this.image = image
    if (digest !== undefined) this.digest = digest
  }
}
