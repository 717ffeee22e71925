import type { HoldPlaced, ReleaseQuarantined } from './events-mitigation.ts'
import type { StreamId } from './recorded.ts'

/**
 * What is remembered of a service beyond one incident: budget, quarantine, holds, flapping.
 * The fold of `service/<name>`; times are milliseconds since the epoch.
 */
export interface ServiceRecord {
  readonly kind: 'service'
  readonly stream: StreamId
  version: number
  service: string
  /** Automatic actions, oldest first; older than 24 h are dropped. `over`: what was begun has ended. */
  charges: { action: string; key: string; at: number; incident?: StreamId; over?: true }[]
  quarantined: (ReleaseQuarantined & { at: number })[]
  holds: Map<string, HoldPlaced & { at: number }>
  /** Signals that do not raise a severity for now: key → until (milliseconds); `*` is every key. */
  silences: Map<string, { silence: string; until: number }>
  /** Automation asks first until then: a suspicion was refuted. */
  approveUntil?: number
  /** Changes between firing and resolved, by signal key, newest last. */
  flaps: Map<string, number[]>
  /** The last word on each key, to tell a change from a repetition. */
  statuses: Map<string, 'firing' | 'resolved'>
  /** Milliseconds; the last time anything was observed here without an incident. */
  lastSignalAt?: number
}

/** Why acting is on hold, or nothing. Never a reason not to page. */
export function activeHold(record: Readonly<ServiceRecord>, now: number): HoldPlaced | undefined {
  for (const hold of record.holds.values()) {
    // An end that cannot be read has not come: acting fails closed.
    if (hold.until === undefined || !(Date.parse(hold.until) <= now)) return hold
  }
  return undefined
}

export function serviceStream(service: string): StreamId {
  return `service/${service}`
}
