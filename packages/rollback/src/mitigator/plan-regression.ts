import type { Action, MitigationFinished, NewEvent, Symptom } from '@firebreak/core'
import type { Situation } from './situation.ts'

/**
 * A mitigation that was verified and did not last: the level was raised again, or our own probes still see it after the time
 * that a verification takes. Said once for each, so that the ladder goes on.
 */
export function planRegression({ incident, automation, severity, now }: Situation): readonly Action[] {
  const { mitigatedAt, service } = incident
  const last = incident.mitigations.at(-1)
  if (mitigatedAt === undefined || last?.outcome !== 'verified' || incident.status !== 'mitigated') return []
  if (severity !== 'P0' && severity !== 'P1') return []
  const raised = (incident.raisedAt[severity] ?? 0) > mitigatedAt
  const since = mitigatedAt + automation.judge.verifyMs
  const seen = [...incident.signals.values()].some(({ signal, lastAt }) => {
    const seenAt = Math.min(lastAt, Date.parse(signal.at) || lastAt)
    return (
      signal.status === 'firing' &&
      signal.measured &&
      seenAt > since &&
      signal.symptoms.some(
        // A window that reaches back before the mitigation speaks of what it mended.
        (symptom) => seenAt - windowOf(symptom) > mitigatedAt && isRelapse(symptom, automation.judge.healthyRatio),
      )
    )
  })
  if (!raised && !(seen && now > since)) return []
  const why = raised ? `it was well, and became ${severity} again` : `it was well, and our own probes see it again`
  const data: MitigationFinished = { service, action: last.action, outcome: 'regressed', why, severity }
  const events: NewEvent[] = [{ type: 'mitigation.finished', actor: 'mitigator', data }]
  if (last.action.startsWith('rollback/') && incident.plan !== undefined)
    events.unshift({
      type: 'rollback.failed',
      actor: 'mitigator',
      data: { service, plan: incident.plan.plan, status: 'regressed', why },
    })
  return [{ key: `${last.action}/regressed/${mitigatedAt}`, why, record: { events } }]
}

/** How far back a figure looks, in milliseconds; of a burn rate the short one, which ends it. */
function windowOf(symptom: Symptom): number {
  if (symptom.kind === 'burnRate') return symptom.short.windowMs
  return 'windowMs' in symptom ? (symptom.windowMs ?? 0) : 0
}

/** Fewer failures than this say nothing of their ratio (the severity policy's rule for few requests). */
const fewFailures = 10

/** One failed request of twenty fires a probe, and is no relapse; a figure that a level would follow is, and so is a fact. */
function isRelapse(symptom: Symptom, healthyRatio: number): boolean {
  if (symptom.kind === 'errorRate') {
    const { ratio, requests = Infinity } = symptom
    return ratio >= healthyRatio && ratio * requests >= fewFailures
  }
  if (symptom.kind === 'latency') return symptom.ms > 2 * symptom.baselineMs
  if (symptom.kind === 'checks') return symptom.passing < symptom.total
  return symptom.kind !== 'warning'
}
