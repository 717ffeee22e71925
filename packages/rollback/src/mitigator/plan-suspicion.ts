import type { Action } from '@firebreak/core'
import { effectOf } from './options.ts'
import { troubleOnset } from '../trouble.ts'
import { canRead, type Situation } from './situation.ts'

/** Between two looks, in milliseconds. */
const leastPauseMs = 1_000

/**
 * Looks at the world: at once, again when the evidence has lasted long enough to count, and from then on in a steady
 * rhythm for as long as nothing is decided.
 */
export function planSuspicion(situation: Situation): readonly Action[] {
  const { incident, automation, severity, round, current, ended, now } = situation
  if (severity !== 'P0' && severity !== 'P1') return []
  if (current !== undefined || incident.status !== 'open') return []
  if (ended.some(({ outcome }) => outcome !== 'aborted')) return []
  const prefix = `suspect/${round}/`
  const looks = [...incident.actions.values()].filter(({ key }) => key.startsWith(prefix))
  if (looks.some(({ finished }) => finished === undefined)) return []
  const key = `${prefix}${looks.length + 1}`
  const why = 'is the release to blame? Six tests'
  const effect = effectOf({ do: 'suspect' })
  const raisedAt = incident.raisedAt[severity] ?? incident.openedAt
  const last = Math.max(...looks.map(({ finishedAt }) => finishedAt ?? 0), 0)
  if (looks.length === 0) return [{ key, why, effect }]
  // A raise looks at once; but another's clock may be ahead of ours, and then every look seems to lie before the raise.
  if (last < raisedAt)
    return [{ key, why, effect, notBefore: last + Math.min(leastPauseMs, automation.suspectEveryMs) }]
  // A remedy for one machine is no end: whether it lasted, and what the next one needs, is for another look.
  const newsAt = Math.max(raisedAt, ...incident.mitigations.map(({ at }) => at))
  // Whoever is blind looks until he sees again: there has been no verdict yet.
  if (last > newsAt + automation.suspectForMs && canRead(situation)) return []
  const measured =
    troubleOnset(incident, automation.suspect.neighbourMs) + (automation.suspect.measuredMs[severity] ?? 0)
  const notBefore =
    measured > last ? Math.min(measured, last + automation.suspectEveryMs) : last + automation.suspectEveryMs
  return [{ key, why, effect, notBefore: Math.max(now, notBefore) === now ? now : notBefore }]
}
