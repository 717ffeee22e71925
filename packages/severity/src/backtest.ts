import { compareSeverity, describeReason, InvalidInput, type Severity } from '@firebreak/core'
import { judgeIncident, type PastIncident } from './past-incident.ts'
import type { SeverityPolicy } from './policy.ts'
import type { Classification } from './verdict.ts'

/** An incident that the second policy would have judged otherwise. */
export interface ChangedIncident {
  readonly id: string
  readonly direction: 'raised' | 'lowered'
  readonly before: Classification
  readonly after: Classification
  /** One sentence: "P1 became P0: error rate 30 % is over 25 %; before: error rate 30 % is 10 % or more". */
  readonly why: string
}

export interface Backtest {
  readonly incidents: number
  readonly unchanged: number
  readonly changed: readonly ChangedIncident[]
  /** Incidents whose symptoms cannot be true; nothing is said about them. */
  readonly refused: readonly { readonly id: string; readonly why: string }[]
}

/** Which past incidents would have been classified otherwise by `policyB` than by `policyA`, and why. Pure. */
export function backtest(
  policyA: SeverityPolicy,
  policyB: SeverityPolicy,
  incidents: Iterable<PastIncident>,
): Backtest {
  const changed: ChangedIncident[] = []
  const refused: { id: string; why: string }[] = []
  let count = 0
  for (const incident of incidents) {
    count += 1
    try {
      const before = judgeIncident(incident, policyA)
      const after = judgeIncident(incident, policyB)
      const order = compareSeverity(after.severity, before.severity)
      if (order === 0) continue
      const why = `${name(before.severity)} became ${name(after.severity)}: ${words(after)}; before: ${words(before)}`
      changed.push({ id: incident.id, direction: order < 0 ? 'raised' : 'lowered', before, after, why })
    } catch (error) {
      if (!(error instanceof InvalidInput)) throw error
      refused.push({ id: incident.id, why: error.message })
    }
  }
  return { incidents: count, unchanged: count - changed.length - refused.length, changed, refused }
}

function name(severity: Severity | null): string {
  return severity ?? 'no level'
}

/** What decided: the reasons of the level itself. */
function words({ severity, reasons, inconclusive }: Classification): string {
  const deciding = reasons.filter(({ level }) => level === severity).map(describeReason)
  if (deciding.length > 0) return deciding.join(', ')
  return inconclusive.map(({ rule, why }) => `${rule} not judged: ${why}`).join(', ') || 'no rule gives it a level'
}
