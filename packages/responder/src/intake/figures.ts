import { compareSeverity, type Incident, type Severity, type Signal, type SymptomKind } from '@firebreak/core'
import { classify, type SeverityPolicy } from '@firebreak/severity'
import type { Heard } from './watched-service.ts'

/** What is judged by one look. Figures are not: a mild one between two bad ones breaks their row, and must be counted. */
const facts: ReadonlySet<SymptomKind> = new Set(['stated', 'outage', 'security', 'dependency', 'function', 'warning'])

export function hasFigure(symptoms: Signal['symptoms']): boolean {
  return symptoms.some(({ kind }) => !facts.has(kind))
}

/** Worse than what was recorded of it: without it a responder that reads the log would believe the better one. */
export function isWorse({ signal, recorded }: Heard, policy: SeverityPolicy): boolean {
  if (signal.status !== 'firing') return false
  const known = recorded?.status === 'firing' ? levelAlone(recorded, policy) : null
  return compareSeverity(levelAlone(signal, policy), known) < 0
}

/** Would it have a level if it were all that is known? */
export function isBad(signal: Signal, policy: SeverityPolicy): boolean {
  return levelAlone(signal, policy) !== null
}

function levelAlone({ symptoms }: Signal, policy: SeverityPolicy): Severity | null {
  try {
    return classify(symptoms, policy).severity
  } catch {
    // What cannot be true has no level.
    return null
  }
}

/** Could this signal change the level at once? Facts that are no worse than the level cannot. */
export function mayRaise({ symptoms }: Signal, { severity }: Readonly<Incident>, policy: SeverityPolicy): boolean {
  if (symptoms.length === 0 || hasFigure(symptoms)) return true
  try {
    return compareSeverity(classify(symptoms, policy).severity, severity) < 0
  } catch {
    return true
  }
}
