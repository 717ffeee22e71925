import type { Incident, Severity } from '@firebreak/core'
import { coverOf } from './acknowledgement.ts'
import type { Cause } from './causes.ts'

/** Where a ladder begins: at the raise, or where an acknowledgement stopped covering it. */
export interface Epoch {
  readonly start: number
  /** Why its first page goes out. */
  readonly reason: string
  readonly because?: string
  /** Somebody has it, until `start` at the latest. */
  readonly acknowledged: boolean
}

/**
 * An acknowledgement covers one person's duty for one severity, and ends at a raise, at whatever else should make him look
 * again, or when it lapses. Then the ladder begins anew, from that moment.
 */
export function epochOf(
  incident: Readonly<Incident>,
  severity: Severity,
  causes: readonly Cause[],
  now: number,
): Epoch {
  const raisedAt = incident.raisedAt[severity] ?? incident.openedAt
  const cover = coverOf(incident, severity)
  if (cover === undefined || raisedAt > cover.at) return { start: raisedAt, reason: 'raise', acknowledged: false }
  const breaker = causes.find(({ at, reason }) => at > cover.at && renews.has(reason))
  if (breaker !== undefined && breaker.at <= cover.lapsesAt) {
    const { at, reason, because } = breaker
    return { start: at, reason, because, acknowledged: at > now }
  }
  return {
    start: cover.lapsesAt,
    reason: 'lapsed',
    because: `the acknowledgement by ${incident.acknowledgement?.by ?? 'somebody'} lapsed without a note or an action`,
    acknowledged: cover.lapsesAt > now,
  }
}

/** What wakes the one who acknowledged; the rest is somebody else's call. */
const renews = new Set<Cause['reason']>(['mitigation', 'refused', 'approval', 'expired'])
