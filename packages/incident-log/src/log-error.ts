import { FirebreakError } from '@firebreak/core'

/** What a log of this package can answer besides `VERSION_CONFLICT`, `ID_CONFLICT` and `INVALID_INPUT`. See docs/incident-log.md. */
export type IncidentLogErrorCode =
  | 'LOG_BUSY'
  | 'LOG_CLOSED'
  | 'LOG_CORRUPT'
  | 'LOG_FOREIGN'
  | 'LOG_MISSING'
  | 'LOG_NEWER'
  | 'LOG_READ_ONLY'
  | 'LOG_UNAVAILABLE'
  | 'STREAM_PRUNED'
  | 'IMPORT_REFUSED'

/** The log could not do what was asked. `retryable` is set where the knowledge is: the same call may succeed later. */
export class IncidentLogError extends FirebreakError<IncidentLogErrorCode> {
  readonly retryable: boolean
  constructor(code: IncidentLogErrorCode, message: string, cause?: unknown) {
    super({ code, message, cause })
    this.name = 'IncidentLogError'
    this.retryable = code === 'LOG_BUSY' || code === 'LOG_UNAVAILABLE'
  }
}

export function closedError(what: string): IncidentLogError {
  return new IncidentLogError('LOG_CLOSED', `${what} was closed: create a new log to go on`)
}
