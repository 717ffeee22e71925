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

/** What the answers are made of. */
export interface Explained {
  readonly incident: Readonly<Incident>
  /** With the holds on every service. */
  readonly service: Readonly<ServiceRecord>
  /** Why acting stops from outside, where it does: the environment, a file. */
  readonly heldFromOutside?: string | undefined
  readonly next: readonly Forecast[]
  /** A part that could change production is there; undefined for who only reads the log. */
  readonly mayAct: boolean | undefined
  readonly now: number
}

export function explainIncident(explained: Explained): Explanation {
  const { incident, next } = explained
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
    notPaged: notPagedOf(incident, next),
    mitigation: [
      ...(incident.suspicion?.tests.map(({ test, answer, why }) => `${test}: ${answer}, ${why}`) ?? []),
      ...incident.mitigations.map(({ action, outcome, why }) => `${action}: ${outcome}, ${why}`),
    ],
    notDone: notDoneOf(explained),
    next: next.map(({ at, key, why }) => `${new Date(at).toISOString()} ${key}: ${why}`),
  }
}

function notDoneOf({ incident, service, heldFromOutside, mayAct, now }: Explained): string[] {
  const holds = Array.from(service.holds.values()).filter(({ until }) => until === undefined || Date.parse(until) > now)
  const waiting = Array.from(incident.approvals.values()).filter(({ decision }) => decision === undefined)
  const said = [
    ...incident.refusals.map(
      ({ guard, action, observed, needed }) => `${action} refused by ${guard}: ${observed}, needs ${needed}`,
    ),
    ...holds.map(
      ({ reason, by, until }) => `on hold by ${by}${until === undefined ? '' : ` until ${until}`}: ${reason}`,
    ),
    ...(heldFromOutside === undefined ? [] : [`on hold: ${heldFromOutside}`]),
    ...waiting.map(({ action, approval, expiresAt }) => `${action} waits for approval ${approval} until ${expiresAt}`),
    ...(incident.suspicion && incident.suspicion.verdict !== 'suspected'
      ? [`no rollback by itself: the release is ${incident.suspicion.verdict}`]
      : []),
  ]
  return said.length > 0 || incident.mitigations.length > 0 ? said : [whyNothing(incident, mayAct)]
}

/** Where nothing was tried and nothing refused, that has a reason too. */
function whyNothing({ status, severity, suspicion }: Readonly<Incident>, mayAct: boolean | undefined): string {
  if (mayAct === false) return 'no rollback: this responder has no target, and so changes nothing'
  if (suspicion !== undefined) return 'no rollback yet: the release is suspected, and what is next has not begun'
  if (status !== 'open') return `no rollback: nothing was tried before it was ${status}`
  if (severity === 'P0' || severity === 'P1') return 'no rollback yet: no release has been examined so far'
  return `no rollback: it has ${severity === null ? 'no level' : `the level ${severity}`}, and nothing is changed below P1`
}

function pagesOf(incident: Readonly<Incident>): string[] {
  return Array.from(incident.pages.values(), ({ request, sent, failed, withdrawn }) => {
    const result =
      withdrawn === undefined
        ? sent.map(({ notifier, receipt }) => `${notifier} ${receipt.state}`).join(', ') ||
          failed.at(-1)?.error ||
          // News go where they wake nobody; a role that can only be woken is not told.
          (request.kind === 'trigger' ? 'waiting' : 'news, for channels that wake nobody')
        : `withdrawn: ${withdrawn}`
    return `${request.to} (${request.severity}, ${request.reason}): ${result}`
  })
}

function notPagedOf(incident: Readonly<Incident>, next: readonly Forecast[]): string[] {
  const reasons: string[] = []
  const asked = new Set(Array.from(incident.pages.values(), ({ request }) => request.to))
  for (const role of ['manager', 'engineer']) {
    if (asked.has(role)) continue
    const due = next.find(({ key }) => key.startsWith(`page/${role}/`))
    const then = due === undefined ? '' : `; due ${new Date(due.at).toISOString()} (${due.why})`
    reasons.push(`${role}: ${whyNotPaged(incident)}${then}`)
  }
  return reasons
}

function whyNotPaged({ status, severity, acknowledgement, verifiedAt }: Readonly<Incident>): string {
  if (status === 'resolved') return 'it was over before a page was due'
  if (severity === null) return 'no level'
  if (severity === 'P2' || severity === 'P3') return `${severity} is recorded, nobody is woken`
  if (acknowledgement && !acknowledgement.lapsed) return `acknowledged by ${acknowledgement.by}`
  if (verifiedAt !== undefined) return 'a verified mitigation pauses the ladder'
  return 'not due yet'
}
