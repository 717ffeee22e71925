import type { Action, GuardRefused, Incident, NewEvent, ReleaseSuspected } from '@firebreak/core'
import { budgetGuard, mustWait } from '../budget.ts'
import type { Guard } from '../plan.ts'
import { lacksOnlyTime, quarantined } from './announce.ts'
import { effectOf, type Effect } from './options.ts'
import { baseOf, canRead, isRipe, isSecurity, mayRecur, modeOf, readsNeeded, type Situation } from './situation.ts'

/** Plans of one round: after an abort a person is asked, not for ever. */
const mostAttempts = 3

/** A grant of the last second may still be used. */
const approvalGraceMs = 60_000

/** Refusals that pass: the lease ends, the hold is released, the hour is over. */
const transient = new Set(['lease', 'floor', 'hold', 'budget', 'mode'])

type PlanBase = Pick<Extract<Effect, { do: 'plan' }>, 'do' | 'base' | 'from' | 'attempt'>

/** Whether a rollback is planned, asked for, or refused, and why. No current plan exists yet. */
export function decideRollback(situation: Situation, otherRemedies: boolean): readonly Action[] {
  const { incident, suspicion, severity, automation, attempt, ended } = situation
  if (suspicion === undefined || (severity !== 'P0' && severity !== 'P1') || incident.status !== 'open') return []
  if (ended.some(({ outcome }) => outcome !== 'aborted') || ended.length >= mostAttempts) return []
  if (!canRead(situation)) return [refuseBlind(situation)]
  const { release, verdict } = suspicion
  if (release === undefined || verdict === 'not-suspected') {
    // What another remedy has mended needs no rollback, and nobody is woken to hear that there is none.
    const mended = incident.mitigations.at(-1)?.outcome === 'verified'
    const underWay = [...incident.actions.values()].some(
      ({ key, finished }) => finished === undefined && /^(isolate|restart)\//.test(key),
    )
    return otherRemedies || mended || underWay ? [] : refuseNotSuspected(situation)
  }
  if (verdict === 'possible' && lacksOnlyTime(suspicion) && !isRipe(situation)) return []
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
  const approved = planApproved(situation, base, effect)
  if (approved !== undefined) return [approved]
  const own = `${incident.stream}/`
  const budget = budgetGuard(situation.view, automation, situation.now)
  const spent = situation.view.service.charges.filter(
    ({ action, incident: stream }) => stream === incident.stream && action.startsWith('rollback/'),
  ).length
  const affordable = budget.verdict === 'ok' && spent < automation.budget.perIncident
  const again = quarantined(situation, release)
  if (allowed === 'auto' && affordable && again === undefined && ended.length === 0)
    return planAutomatically(situation, base, effect)
  // It ends soon, and then this one goes on by itself: nobody is asked to hurry it.
  if (
    allowed === 'auto' &&
    again === undefined &&
    ended.length === 0 &&
    mustWait(situation.view, automation, situation.now, own)
  )
    return [refused('budget', budget.observed, budget.needed, `firebreak rollback -a ${incident.service}`)]
  const observed = spent === 0 ? budget.observed : `${spent} in this incident, ${budget.observed}`
  const why =
    allowed !== 'auto'
      ? []
      : [
          ...(affordable
            ? []
            : [refused('budget', observed, `${budget.needed}, ${automation.budget.perIncident} an incident`)]),
          ...(again === undefined
            ? []
            : [
                refused(
                  'quarantine',
                  `v${release.version} is the image of v${again.version}, which a rollback left: somebody ships it again`,
                  'an end to those deploys',
                ),
              ]),
        ]
  return [...why, ...ask(situation, base, effect)]
}

/** Nothing can be changed from here, and nobody should think that it will be. */
function refuseBlind(situation: Situation): Action {
  const { incident, suspicion, round } = situation
  return refuse(situation, `rollback/refused/platform/${round}`, {
    guard: 'platform',
    action: 'rollback',
    observed: suspicion?.tests[0]?.why ?? 'the platform could not be read',
    needed: `${readsNeeded} reads in a row`,
    next: `nothing can be changed from here now; firebreak status -a ${incident.service}`,
  })
}

/** Tests whose "no" does not come and go with the figures. */
const lasting = new Set(['time', 'change', 'otherCause'])

/** No release is recent enough to ask about, and nothing else speaks for another cause: nothing was refused, nobody is called. */
function isNobodysRelease(suspicion: ReleaseSuspected | undefined): boolean {
  const answers = new Map(suspicion?.tests.map(({ test, answer }) => [test, answer]))
  return (suspicion?.release === undefined || answers.get('time') === 'no') && answers.get('otherCause') !== 'no'
}

/** Says once, aloud, that a rollback is not the remedy, and why. */
function refuseNotSuspected(situation: Situation): readonly Action[] {
  const { incident, suspicion, round } = situation
  const no = suspicion?.tests.find(({ answer }) => answer === 'no')
  if (no !== undefined && !lasting.has(no.test) && !isRipe(situation)) return []
  const name = suspicion?.release === undefined ? 'none' : `v${suspicion.release.version}`
  const guard = isNobodysRelease(suspicion) ? 'noSuspect' : 'suspicion'
  return [
    refuse(situation, `rollback/refused/${guard}/${round}/${name}`, {
      guard,
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
  effect: PlanBase,
): readonly Action[] {
  const tries = [...incident.actions.values()].filter(({ key }) => key.startsWith(`${base}/plan/auto/`))
  const refusals = incident.refusals.filter(({ action }) => action === base)
  // What was refused for good is not tried again; a lease ends, and then it is.
  if (refusals.some(({ guard }) => !transient.has(guard))) return []
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

/** Asks once; again when the last was not granted and it has become worse since, or was granted and came too late. */
function ask(situation: Situation, base: string, effect: PlanBase): readonly Action[] {
  const { incident, severity } = situation
  const asked = approvalsOf(situation, base)
  const last = asked.at(-1)
  const worseSince = severity !== null && last !== undefined && (incident.raisedAt[severity] ?? 0) > last.at
  const tooLate = last?.decision === 'granted' && isTooLate(last, situation.now)
  if (last !== undefined && !tooLate && (last.decision === undefined || !worseSince)) return []
  return [
    {
      key: `${base}/ask/${asked.length + 1}`,
      why: 'a person decides',
      effect: effectOf({ ...effect, mode: 'ask' }),
    },
  ]
}

type Approval = Incident['approvals'] extends Map<string, infer Each> ? Each : never

function approvalsOf({ incident }: Situation, base: string): readonly Approval[] {
  return [...incident.approvals.values()].filter(({ action }) => action === base)
}

/** It was for the world of its time; nobody was there to use it. */
export function isTooLate({ expiresAt }: Pick<Approval, 'expiresAt'>, now: number): boolean {
  return now > Date.parse(expiresAt) + approvalGraceMs
}

/**
 * The plan that a person has allowed: the last one asked for, granted in time, and used once. A lease that stands in its way
 * is waited for as long as the approval is good.
 */
function planApproved(situation: Situation, base: string, effect: PlanBase): Action | undefined {
  const { incident, now, automation } = situation
  const asked = approvalsOf(situation, base)
  const last = asked.at(-1)
  if (last?.decision !== 'granted' || isTooLate(last, now) || incident.plan?.approval === last.approval)
    return undefined
  const prefix = `${base}/plan/${asked.length}/`
  const tries = [...incident.actions.values()].filter((action) => action.key.startsWith(prefix) && !mayRecur(action))
  const over = tries.filter(({ finished }) => finished !== undefined)
  const lastTry = Math.max(0, ...over.map(({ finishedAt }) => finishedAt ?? 0))
  return {
    key: `${prefix}${over.length + 1}`,
    why: `approved by ${last.by ?? 'a person'}`,
    effect: effectOf({ ...effect, mode: 'approved', approval: last.approval, digest: last.digest }),
    ...(over.length === 0 ? {} : { notBefore: Math.max(now, lastTry + automation.suspectEveryMs) }),
  }
}

/** One recorded refusal. */
export function refuse({ incident }: Situation, key: string, refusal: Omit<GuardRefused, 'service'>): Action {
  const data: GuardRefused = { service: incident.service, ...refusal }
  const event: NewEvent = { type: 'guard.refused', actor: 'mitigator', data }
  return { key, why: `${refusal.guard}: ${refusal.observed}`, record: { events: [event] } }
}
