import { compareSeverity } from '@firebreak/core'
import type { DeskRules } from '../routes/routes.ts'
import type { Ledger, Pending } from './ledger.ts'
import type { Cluster, Overview } from './overview.ts'

/** Steps that repeat what somebody has been told: they wait for each other within a group. */
const following = new Set(['remind', 'repeat', 'escalate', 'call-again'])

/**
 * When a group's waking requests go out as one message: the first of a level at once (after a breath for those that fell ill
 * with it), later ones together when no more come, or when the oldest has waited long enough.
 */
export function readyAt(
  requests: readonly Pending[],
  cluster: Cluster,
  { told }: Ledger,
  overview: Overview,
  rules: DeskRules,
): number {
  const latest = (incident: string) =>
    Math.max(...overview.pagesOf(incident).map(({ request }) => Date.parse(request.onsetAt)))
  const toldHere = told.filter(
    ({ request }) =>
      cluster.has(request.incident) &&
      request.reach === 'wake' &&
      Date.parse(request.onsetAt) >= latest(request.incident),
  )
  const times: number[] = []
  const late: Pending[] = []
  const follow: Pending[] = []
  for (const pending of requests) {
    const { request } = pending.page
    const asBad = toldHere.filter((it) => compareSeverity(it.request.severity, request.severity) <= 0)
    const mine = asBad.some((it) => it.request.incident === request.incident)
    if (mine && following.has(pending.step)) follow.push(pending)
    else if (mine && pending.step === 'raise' && isJustTold(pending, asBad, rules)) late.push(pending)
    else if (mine) times.push(pending.from)
    else if (asBad.length === 0) times.push(pending.from + rules.gatherMs)
    else late.push(pending)
  }
  if (late.length > 0) times.push(together(late, rules))
  if (follow.length > 0) times.push(afterOthers(follow, toldHere, overview, rules))
  return Math.min(...times)
}

/** Another of its group has been told of again a moment ago. */
function isJustTold({ from, incident }: Pending, told: Ledger['told'], { groupMostMs }: DeskRules): boolean {
  return told.some(
    ({ request, requestedAt }) =>
      request.incident !== incident && requestedAt <= from && requestedAt > from - groupMostMs,
  )
}

function together(late: readonly Pending[], { groupQuietMs, groupMostMs }: DeskRules): number {
  const from = late.map((pending) => pending.from)
  return Math.min(Math.max(...from) + groupQuietMs, Math.min(...from) + groupMostMs)
}

/** A reminder waits for the reminders of the others: their raises lay seconds apart, and so do these. */
function afterOthers(
  follow: readonly Pending[],
  told: Ledger['told'],
  overview: Overview,
  { followMostMs }: DeskRules,
): number {
  const here = new Set(follow.map(({ incident }) => incident))
  const others = new Set(told.map(({ request }) => request.incident).filter((incident) => !overview.isAtRest(incident)))
  const from = follow.map((pending) => pending.from)
  const complete = [...others].every((incident) => here.has(incident))
  return complete ? Math.max(...from) : Math.min(...from) + followMostMs
}
