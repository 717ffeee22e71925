import type { DeskRules } from '../routes/routes.ts'
import type { Ledger, Pending } from './ledger.ts'

/** From when on this notifier may wake somebody again, in milliseconds since the epoch; the past when it may now. */
export function capUntil({ notifier, wakes }: Ledger, { cap }: DeskRules): number {
  if (notifier.reach !== 'wake' || wakes.length < cap.messages) return Number.NEGATIVE_INFINITY
  const oldestThatCounts = wakes.toSorted((left, right) => left - right).at(-cap.messages)!
  return oldestThatCounts + cap.withinMs
}

/** The first P0 of a service that nobody has been told about always passes: it may be what the flood hides. */
export function passesCap(requests: readonly Pending[], { told }: Ledger): boolean {
  const known = new Set(told.filter(({ request }) => request.severity === 'P0').map(({ request }) => request.service))
  return requests.some(({ page: { request } }) => request.severity === 'P0' && !known.has(request.service))
}
