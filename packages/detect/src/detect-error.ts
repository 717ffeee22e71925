import { FirebreakError } from '@firebreak/core'

/**
 * - `PROMETHEUS_REFUSED`: the endpoint answered something else than 2xx, or a redirect
 * - `PROMETHEUS_UNREADABLE`: the answer was cut, too large, or not what Prometheus answers
 * - `PROMETHEUS_QUERY_FAILED`: Prometheus says that the query is wrong or could not be run
 * - `PROMETHEUS_NOT_ONE_SERIES`: a query that must give one figure gave several
 * - `HEALTH_NOT_PER_UNIT`: the source has no query that tells units apart
 * - `PROBE_BROKEN`: the probe could not look; that says nothing about the service
 * - `PROBE_BUSY`: the observation before this one has not come back
 */
export type DetectErrorCode =
  | 'PROMETHEUS_REFUSED'
  | 'PROMETHEUS_UNREADABLE'
  | 'PROMETHEUS_QUERY_FAILED'
  | 'PROMETHEUS_NOT_ONE_SERIES'
  | 'HEALTH_NOT_PER_UNIT'
  | 'PROBE_BROKEN'
  | 'PROBE_BUSY'

/** A probe or a source could not look. Never thrown because the service is ill: that is a signal. */
export class DetectError extends FirebreakError<DetectErrorCode> {
  constructor(code: DetectErrorCode, message: string, cause?: unknown) {
    super({ code, message, cause })
    this.name = 'DetectError'
  }
}
