import type { Bus, Clock, IncidentLog, Random, Teller } from '@firebreak/core'
import type { Logger } from '../logger.ts'

/** What every room of the responder needs: where events are kept, who is told, what time it is. */
export interface House {
  readonly log: IncidentLog
  readonly bus: Bus & Teller
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  /** Names this responder in claims: unique for every start of every process. */
  readonly owner: string
  /** Why acting is on hold from outside the log (a file, the environment), or nothing. */
  readonly heldFromOutside: () => string | undefined
}
