import type { Action, GuardRefused, NewEvent } from '@firebreak/core'
import { budgetGuard } from '../plan-guards.ts'
import type { Guard } from '../plan.ts'
import { effectOf } from './options.ts'
import { canRead } from './plan-suspicion.ts'
import { baseOf, isSecurity, modeOf, type Situation } from './situation.ts'

/** Guards a person cannot lift either: one waits. */
const transient = new Set(['lease', 'floor', 'hold'])

/** Whether a rollback is planned, asked for, or refused, and why. No current plan exists yet. */
export function decideRollback(situation: Situation, otherRemedies: boolean): readonly Action[] {
  const { incident, suspicion, severity, automation, attempt, ended } = situation
  if (suspicion === undefined || (severity !== 'P0' && severity !== 'P1') || incident.status !== 'open') return []
  if (ended.some(({ outcome }) => outcome !== 'aborted') || ended.length >= 3 || !canRead(situation)) return []
  const { release, verdict } = suspicion
  if (release === undefined || verdict === 'not-suspected') return otherRemedies ? [] : refuseNotSuspected(situation)
  if (verdict === 'possible' && !isRipe(situation)) return []
  const base = baseOf(release.version, attempt)
  const allowed = modeOf(situation, automation.rollback[severity]?.[verdict])
  if (allowed === 'off') return []
  const refused = (guard: Guard['guard'], observed: string, needed: string, next?: string) =>
    refuse(situation, `${base}/refused/${guard}/${verdict}`, {
      guard,
      action: base,
      observed,
      needed,
      ...(next === undefined ? {} : { next }),
    })
  if (automation.services !== undefined && !automation.services.includes(incident.service))
    return [refused('mode', `${incident.service} is not listed`, 'a listed service')]
  if (isSecurity(situation))
    return [refused('security', 'this is a security incident', 'no security incident: evidence only')]
  if (allowed === 'shadow')
    return [
      refused('mode', `shadow: would roll back v${release.version} (${verdict}), one machine first`, "mode 'auto'"),
    ]
  if (situation.held !== undefined) return [refused('hold', situation.held, 'no hold')]

  const effect = { do: 'plan', base, from: release.version, attempt } as const
  const approved = approvalOf(situation, base)
  if (approved !== undefined)
    return [
      {
        key: `${base}/plan/${approved.number}`,
        why: `approved by ${approved.by}`,
        effect: effectOf({ ...effect, mode: 'approved', approval: approved.id, digest: approved.digest }),
      },
    ]
  const budget = budgetGuard(situation.view.service, automation, situation.now)
  const spent = situation.view.service.charges.filter(
    ({ action, incident: stream }) => stream === incident.stream && action.startsWith('rollback/'),
  ).length
  const affordable = budget.verdict === 'ok' && spent < automation.budget.perIncident
  if (allowed === 'auto' && affordable && ended.length === 0) return planAutomatically(situation, base, effect)
  const observed = spent === 0 ? budget.observed : `${spent} in this incident, ${budget.observed}`
  const why =
    allowed !== 'auto'
      ? []
      : [refused('budget', observed, `${budget.needed}, ${automation.budget.perIncident} an incident`)]
  return [...why, ...ask(situation, base, effect)]
}

/** A first look that only lacks time is not asked about; one that has had its time is. */
function isRipe({ suspicion, incident, automation, severity, now }: Situation): boolean {
  const waiting = suspicion?.tests.some(({ test, answer }) => test === 'measured' && answer === 'unknown') === true
  const measuredMs = severity === null ? undefined : automation.suspect.measuredMs[severity]
  return !waiting || (incident.suspectedAt ?? now) >= incident.onsetAt + (measuredMs ?? 0)
}

/** Says once, aloud, that a rollback is not the remedy, and why. */
function refuseNotSuspected(situation: Situation): readonly Action[] {
  const { incident, suspicion, round } = situation
  const no = suspicion?.tests.find(({ answer }) => answer === 'no')
  const name = suspicion?.release === undefined ? 'none' : `v${suspicion.release.version}`
  return [
    refuse(situation, `rollback/refused/suspicion/${round}/${name}`, {
      guard: 'suspicion',
      action: 'rollback',
      observed: no?.why ?? 'no release is suspected',
      needed: 'six yes',
      next: `firebreak rollback -a ${incident.service}`,
    }),
  ]
}

function planAutomatically(
  { incident, automation, now }: Situation,
  base: string,
  effect: { do: 'plan'; base: string; from: number; attempt: number },
): readonly Action[] {
  const tries = [...incident.actions.values()].filter(({ key }) => key.startsWith(`${base}/plan/auto/`))
  const refusals = incident.refusals.filter(({ action }) => action === base)
  const passing = refusals.filter(({ guard }) => !transient.has(guard) && guard !== 'budget' && guard !== 'mode')
  if (passing.length > 0 || tries.length >= 10) return []
  const last = Math.max(0, ...tries.map(({ finishedAt }) => finishedAt ?? 0))
  return [
    {
      key: `${base}/plan/auto/${tries.filter(({ finished }) => finished !== undefined).length + 1}`,
      why: 'suspected, and allowed at this level',
      effect: effectOf({ ...effect, mode: 'auto' }),
      ...(last === 0 ? {} : { notBefore: Math.max(now, last + automation.suspectEveryMs) }),
    },
  ]
}

/** Asks once; again after the last was not granted, only when it has become worse since. */
function ask(
  situation: Situation,
  base: string,
  effect: { do: 'plan'; base: string; from: number; attempt: number },
): readonly Action[] {
  const { incident, severity } = situation
  const asked = approvalsOf(situation, base)
  const last = asked.at(-1)
  const worseSince = severity !== null && last !== undefined && (incident.raisedAt[severity] ?? 0) > last.at
  if (last !== undefined && (last.decision === undefined || !worseSince)) return []
  return [
    {
      key: `${base}/ask/${asked.length + 1}`,
      why: 'a person decides',
      effect: effectOf({ ...effect, mode: 'ask' }),
    },
  ]
}

export function approvalsOf({ incident }: Situation, base: string) {
  return [...incident.approvals.values()].filter(({ action }) => action === base)
}

function approvalOf(situation: Situation, base: string) {
  const asked = approvalsOf(situation, base)
  const index = asked.findIndex(
    ({ decision, approval }) => decision === 'granted' && situation.incident.plan?.approval !== approval,
  )
  const found = asked[index]
  if (found === undefined) return undefined
  return { id: found.approval, digest: found.digest, by: found.by ?? 'a person', number: index + 1 }
}

/** One recorded refusal. */
export function refuse({ incident }: Situation, key: string, refusal: Omit<GuardRefused, 'service'>): Action {
  const data: GuardRefused = { service: incident.service, ...refusal }
  const event: NewEvent = { type: 'guard.refused', actor: 'mitigator', data }
  return { key, why: `${refusal.guard}: ${refusal.observed}`, record: { events: [event] } }
}
