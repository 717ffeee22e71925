import {
  InvalidInput,
  isEvent,
  type RecordedEvent,
  severities,
  type Severity,
  type Signal,
  type Symptom,
  worst,
} from '@firebreak/core'
import { assessSeverity } from './assess-severity.ts'
import { classify } from './classify.ts'
import type { SeverityPolicy } from './policy.ts'
import type { SeverityState } from './severity-state.ts'
import type { Classification } from './verdict.ts'

/** An incident of the past, as far as a policy can judge it again. */
export interface PastIncident {
  readonly id: string
  /** What was the matter, judged in one look. */
  readonly symptoms?: readonly Symptom[] | undefined
  /** Or the signals in the order in which they came, judged over time. */
  readonly signals?: readonly Signal[] | undefined
  /** The level that people agreed on afterwards; `null`: it was no incident. Absent: nobody said. */
  readonly agreed?: Severity | null | undefined
}

/** The incident of a recorded stream: its signals, and the last level that a person pinned. */
export function pastIncident(events: Iterable<RecordedEvent>): PastIncident {
  let id = ''
  let agreed: Severity | undefined
  const signals: Signal[] = []
  for (const event of events) {
    id ||= event.stream
    if (isEvent(event, 'signal.observed')) {
      const { also = [], repeats: _repeats, ...signal } = event.data
      signals.push(signal, ...also)
    } else if (isEvent(event, 'severity.pinned')) agreed = event.data.severity ?? undefined
  }
  return { id, signals, ...(agreed === undefined ? {} : { agreed }) }
}

/** The worst that a policy would have made of it, and why. */
export function judgeIncident(incident: PastIncident, policy: SeverityPolicy): Classification {
  const { id, symptoms, signals, agreed } = incident
  if (agreed !== undefined && agreed !== null && !severities.includes(agreed))
    throw new InvalidInput(
      `incidents.${id}.agreed`,
      `is ${String(agreed)}; it must be one of ${severities.join(', ')}, or null`,
    )
  if (signals === undefined) return classify(symptoms ?? [], policy)
  let state: SeverityState | undefined
  let result: Classification = { severity: null, reasons: [], inconclusive: [] }
  const heard = new Map<string, { signal: Signal; count: number }>()
  for (const signal of signals) {
    heard.set(signal.key, { signal, count: (heard.get(signal.key)?.count ?? 0) + 1 })
    state = assessSeverity(state, { now: Date.parse(signal.at), signals: heard.values() }, policy)
    if (state.severity === null || worst(state.severity, result.severity) === result.severity) continue
    result = { severity: state.severity, reasons: state.reasons, inconclusive: state.inconclusive }
  }
  return result.severity === null && state !== undefined ? { ...result, inconclusive: state.inconclusive } : result
}
