import type { Incident, ServiceRecord } from '@firebreak/core'
import { describeReason } from '@firebreak/severity'
import type { Forecast } from './forecast.ts'

/** The answers to "why?", one sentence each. */
export interface Explanation {
  readonly incident: string
  readonly severity: readonly string[]
  /** Why each page went out, and what became of it. */
  readonly pages: readonly string[]
  /** Why somebody was *not* told. */
  readonly notPaged: readonly string[]
  readonly mitigation: readonly string[]
  /** Why nothing was changed, where nothing was. */
  readonly notDone: readonly string[]
  readonly next: readonly string[]
}

export function explainIncident(
  incident: Readonly<Incident>,
  service: Readonly<ServiceRecord>,
  next: readonly Forecast[],
): Explanation {
  return {
    incident: `${incident.code} ${incident.service}: ${incident.status}, ${incident.severity ?? 'no level'} (worst ${incident.worst ?? 'none'})`,
    severity: [
      ...incident.reasons.map((reason) => `${reason.level}: ${describeReason(reason)}`),
      ...incident.inconclusive.map(
        (it) => `not judged: ${it.rule} ${it.observed}: ${it.why}; settled by ${it.settledBy}`,
      ),
      ...(incident.pinned ? [`pinned to ${incident.pinned.severity} by ${incident.pinned.by}`] : []),
    ],
    pages: pagesOf(incident),
    notPaged: notPagedOf(incident),
    mitigation: [
      ...(incident.suspicion?.tests.map(({ test, answer, why }) => `${test}: ${answer}, ${why}`) ?? []),
      ...incident.mitigations.map(({ action, outcome, why }) => `${action}: ${outcome}, ${why}`),
    ],
    notDone: [
      ...incident.refusals.map(
        ({ guard, action, observed, needed }) => `${action} refused by ${guard}: ${observed}, needs ${needed}`,
      ),
      ...Array.from(service.holds.values(), ({ reason, by }) => `on hold by ${by}: ${reason}`),
      ...(incident.suspicion && incident.suspicion.verdict !== 'suspected'
        ? [`no rollback by itself: the release is ${incident.suspicion.verdict}`]
        : []),
    ],
    next: next.map(({ at, key, why }) => `${new Date(at).toISOString()} ${key}: ${why}`),
  }
}

function pagesOf(incident: Readonly<Incident>): string[] {
  return Array.from(incident.pages.values(), ({ request, sent, failed, withdrawn }) => {
    const result =
      withdrawn === undefined
        ? sent.map(({ notifier, receipt }) => `${notifier} ${receipt.state}`).join(', ') ||
          failed.at(-1)?.error ||
          'waiting'
        : `withdrawn: ${withdrawn}`
    return `${request.to} (${request.severity}, ${request.reason}): ${result}`
  })
}

function notPagedOf(incident: Readonly<Incident>): string[] {
  const reasons: string[] = []
  const asked = new Set(Array.from(incident.pages.values(), ({ request }) => request.to))
  for (const role of ['manager', 'engineer']) {
    if (asked.has(role)) continue
    if (incident.severity === null) reasons.push(`${role}: no level`)
    else if (incident.severity === 'P2' || incident.severity === 'P3')
      reasons.push(`${role}: ${incident.severity} is recorded, nobody is woken`)
    else if (incident.acknowledgement && !incident.acknowledgement.lapsed)
      reasons.push(`${role}: acknowledged by ${incident.acknowledgement.by}`)
    else if (incident.verifiedAt !== undefined) reasons.push(`${role}: a verified mitigation pauses the ladder`)
    else reasons.push(`${role}: not due yet`)
  }
  return reasons
}
