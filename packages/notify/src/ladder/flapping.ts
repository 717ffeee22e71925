import type { Incident, ServiceRecord } from '@firebreak/core'
import type { Routes } from '../routes/routes.ts'

export interface Flapping {
  readonly key: string
  readonly changes: number
  /** When it counts as settled, if nothing changes again. */
  readonly until: number
  /** When the change came that made it flapping. */
  readonly since: number
}

/** The signal of this incident that changes most, when that is flapping. */
export function flappingOf(
  incident: Readonly<Incident>,
  service: Readonly<ServiceRecord>,
  { flapping: { changes, withinMs, quietMs } }: Routes,
  now: number,
): Flapping | undefined {
  let worst: Flapping | undefined
  // Few of a storm's signals have ever changed.
  for (const [key, all] of service.flaps) {
    if (!incident.signals.has(key)) continue
    const times = all.filter((at) => at >= incident.onsetAt)
    const last = times.at(-1)
    const since = times.findIndex((at, index) => index + 1 >= changes && at - times[index + 1 - changes]! <= withinMs)
    if (last === undefined || since < 0 || last + quietMs <= now) continue
    if (worst === undefined || times.length > worst.changes)
      worst = { key, changes: times.length, until: last + quietMs, since: times[since]! }
  }
  return worst
}
