import type { ShipOutcome } from '@firebreak/fly-sim'
import type { DrillReport } from './report.ts'

export interface VerdictFacts {
  readonly scenario: 'bad' | 'healthy'
  readonly report: DrillReport
  readonly shipped: ShipOutcome
  readonly writes: Readonly<Record<string, number>>
}

export interface Verdict {
  readonly ok: boolean
  readonly text: string
}

/** Passed, or the first thing that did not happen. */
export function verdictOf({ scenario, report, shipped, writes }: VerdictFacts): Verdict {
  if (!shipped.ok) return no(`v3 could not be shipped: ${shipped.error ?? 'no reason given'}`)
  const written = Object.values(writes).reduce((sum, count) => sum + count, 0)
  if (scenario === 'healthy') {
    if (report.incident !== null) return no(`an incident was opened although v3 is good: ${report.incident.id}`)
    if (written > 0) return no(`${written} writes to Fly although nothing was wrong`)
    return { ok: true, text: 'v3 is good: no incident, no page, no rollback.' }
  }
  const { incident, pages, rollback } = report
  if (incident === null) return no('no incident was opened')
  if (incident.severity !== 'P0') return no(`the worst level was ${incident.severity ?? 'none'}, not P0`)
  if (!pages.some(({ to }) => to === 'manager')) return no('the manager was not paged')
  if (report.files.feedback.length < 2) return no('a feedback file is missing')
  if (rollback === null) return no('no rollback was planned')
  const elsewhere = rollback.units.filter(({ outcome }) => outcome !== 'updated' && outcome !== 'alreadyThere')
  if (rollback.units.length === 0 || elsewhere.length > 0)
    return no(`${elsewhere.length} of ${rollback.units.length} machines are not on the last good image`)
  if (!rollback.verified) return no('the rollback was not verified')
  if (incident.status !== 'resolved') return no(`the incident is ${incident.status}, not resolved`)
  if (report.files.markdown === null || report.files.html === null) return no('the post-mortem was not written')
  return { ok: true, text: 'detected, paged, rolled back, verified, resolved.' }
}

function no(text: string): Verdict {
  return { ok: false, text }
}
