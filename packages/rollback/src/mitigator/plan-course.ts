import type { Action, MitigationFinished, NewEvent } from '@firebreak/core'
import { budgetGuard, mustWait } from '../budget.ts'
import type { Judgement } from '../compare-samples.ts'
import { deciderOf, nextSteps, type NextSteps, type UnitProgress } from '../next-steps.ts'
import { refuse } from './decide-rollback.ts'
import { effectOf } from './options.ts'
import { organisation, settled } from './settled.ts'
import { isSecurity, mayRecur, modeOf, pagedAt, type PlanDocument, type Situation } from './situation.ts'

/** What a planned rollback does next: each unit an action of its own, then the record, then the verification. */
export function planCourse(situation: Situation, document: PlanDocument): readonly Action[] {
  const { incident, now, held } = situation
  const { base, plan } = document
  const progress = progressOf(situation, document)
  const judgement = judgementOf(situation, document)
  const steps = nextSteps(
    { plan, progress, onInconclusive: 'stop', ...(judgement === undefined ? {} : { judgement }) },
    now,
  )
  switch (steps.kind) {
    case 'update': {
      const begun = progress.size > 0 || steps.units.some(({ id }) => incident.actions.has(`${base}/unit/${id}`))
      const gate = begun ? { notBefore: now } : beforeFirstWrite(situation, document)
      if ('actions' in gate) return gate.actions
      return held === undefined ? updates(situation, document, steps, gate.notBefore, !begun) : []
    }
    case 'judge':
    case 'wait':
      return []
    case 'stop': {
      const record = incident.actions.get(`${base}/record`)
      // The end closes the plan: what is still to be told to the platform comes before it.
      const owed = incident.units.size > 0 && (record?.finished === undefined || mayRecur(record))
      return owed ? [recorded(document, 'failed')] : [ended(situation, document, steps)]
    }
    case 'verify': {
      const verify = incident.actions.get(`${base}/verify`)
      // What was given up on says nothing of the machines, and must not keep the rollback half-way for ever.
      if (verify?.finished !== undefined && verify.finished.outcome !== 'done' && !mayRecur(verify)) {
        const error = verify.finished.error?.message ?? 'it broke off'
        return [finish(situation, document, 'unverified', `nobody could look whether it helped: ${error}`)]
      }
      return [
        recorded(document, 'complete'),
        ...(incident.actions.has(`${base}/record`) ? [verification(situation, document)] : []),
      ]
    }
  }
}

/**
 * A person has ended the incident before anything was changed: others must not wait for a rollback that never comes. What is
 * being performed meanwhile says by itself how it ended.
 */
export function abandon(situation: Situation, document: PlanDocument): readonly Action[] {
  const units = [...situation.incident.actions.values()].filter(({ key }) => key.startsWith(`${document.base}/unit/`))
  const waiting = units.length > 0 && units.every(mayRecur)
  return waiting ? [aborted(situation, document, 'it was resolved before anything was changed')] : []
}

/** The conditions of the first write that the record alone can tell: evidence, impact, severity, the page. */
function beforeFirstWrite(
  situation: Situation,
  document: PlanDocument,
): { notBefore: number } | { actions: readonly Action[] } {
  const { incident, automation, severity, now } = situation
  const { base } = document
  const approved = incident.plan?.approval !== undefined
  if (incident.status !== 'open')
    return { actions: [aborted(situation, document, 'it became well before anything was changed')] }
  const allowed =
    severity === null
      ? 'off'
      : modeOf(situation, automation.rollback[severity]?.[situation.suspicion?.verdict ?? 'not-suspected'])
  if (!approved && allowed !== 'auto') {
    const observed = `${severity ?? 'no level'}, ${situation.suspicion?.verdict ?? 'nothing suspected'}: ${allowed}`
    return {
      actions: [
        refuse(situation, `${base}/refused/severity`, {
          guard: 'severity',
          action: base,
          observed,
          needed: 'the level and the verdict that allowed it',
        }),
        aborted(situation, document, `no longer allowed: ${observed}`),
      ],
    }
  }
  if (isSecurity(situation))
    return {
      actions: [
        refuse(situation, `${base}/refused/security`, {
          guard: 'security',
          action: base,
          observed: 'this has become a security incident',
          needed: 'evidence only',
        }),
        aborted(situation, document, 'this has become a security incident'),
      ],
    }
  if (situation.held !== undefined) return { actions: [] }
  if (incident.evidence === undefined || incident.impact === undefined) return { actions: [] }
  if (approved) return { notBefore: now }
  const own = `${incident.stream}/${base}/`
  if (mustWait(situation.view, automation, now, own)) return { actions: [] }
  const budget = budgetGuard(situation.view, automation, now, own)
  if (budget.verdict === 'no') {
    const { guard, observed, needed } = budget
    return {
      actions: [
        refuse(situation, `${base}/refused/budget`, { guard, action: base, observed, needed }),
        aborted(situation, document, `budget: ${observed}`),
      ],
    }
  }
  const paged = pagedAt(situation)
  return paged === undefined ? { actions: [] } : { notBefore: paged + automation.afterPageMs }
}

function updates(
  { view }: Situation,
  { base, plan }: PlanDocument,
  steps: Extract<NextSteps, { kind: 'update' }>,
  notBefore: number,
  isFirst: boolean,
): readonly Action[] {
  return steps.units.map(({ id }, index): Action => ({
    key: `${base}/unit/${id}`,
    why: `${steps.why}: ${id} to the image of v${plan.to.version}`,
    effect: effectOf({ do: 'unit', base, digest: plan.digest, unit: id }),
    leaseMs: 60_000,
    notBefore,
    ...(isFirst && index === 0 ? { charge: [view.service.stream, organisation] } : {}),
  }))
}

/** What is known of each unit. One whose action is to be repeated is not done; one that ended without a word failed. */
function progressOf({ incident }: Situation, { base, plan }: PlanDocument): ReadonlyMap<string, UnitProgress> {
  const progress = new Map<string, UnitProgress>()
  for (const { id } of plan.units) {
    const action = incident.actions.get(`${base}/unit/${id}`)
    const known = incident.units.get(id)
    const told = known?.plan === undefined || known.plan === plan.id ? known : undefined
    if (action !== undefined && action.finished === undefined) progress.set(id, { running: true })
    else if (action !== undefined && mayRecur(action)) continue
    else if (told !== undefined && told.outcome !== 'reverted')
      progress.set(id, { outcome: told.outcome, ...(told.serving === undefined ? {} : { serving: told.serving }) })
    else if (action !== undefined) progress.set(id, { outcome: 'failed' })
  }
  return progress
}

/** The verdict on the first unit; one that could not be reached is inconclusive. */
function judgementOf({ incident }: Situation, { base, plan }: PlanDocument): Judgement | undefined {
  const first = deciderOf(plan.units, incident.units)
  if (first === undefined) return undefined
  const told = incident.units.get(first.id)?.judged
  if (told !== undefined) return told.judgement
  const action = incident.actions.get(`${base}/unit/${first.id}`)
  return action?.finished === undefined || mayRecur(action) ? undefined : 'inconclusive'
}

function recorded({ base, plan }: PlanDocument, status: 'complete' | 'failed'): Action {
  return {
    key: `${base}/record`,
    why: `the platform's history and the next deploy must know: ${status}`,
    effect: effectOf({ do: 'record', base, digest: plan.digest, status }),
  }
}

function verification({ incident, now }: Situation, { base, plan }: PlanDocument): Action {
  const settled = plan.units.map(({ id }) => incident.actions.get(`${base}/unit/${id}`)?.finishedAt ?? 0)
  const since = Math.max(0, ...settled) || now
  return {
    key: `${base}/verify`,
    why: 'the machines are asked what they run, and the figures whether users are well',
    effect: effectOf({ do: 'verify', base, digest: plan.digest, since }),
    leaseMs: 60_000,
  }
}

function aborted(situation: Situation, document: PlanDocument, why: string): Action {
  return finish(situation, document, 'aborted', why)
}

function ended(situation: Situation, document: PlanDocument, steps: Extract<NextSteps, { kind: 'stop' }>): Action {
  const failed = [...situation.incident.units.values()].find(({ outcome }) => outcome === 'failed')
  const judged = [...situation.incident.units.values()].find((unit) => unit.judged !== undefined)?.judged
  const reason = failed?.why ?? judged?.why
  return finish(situation, document, steps.status, reason === undefined ? steps.why : `${steps.why}: ${reason}`)
}

/** The end of a rollback that was not verified. A refuted suspicion puts the service into asking first. */
function finish(
  { incident }: Situation,
  { base, plan }: PlanDocument,
  outcome: MitigationFinished['outcome'],
  why: string,
): Action {
  const { service, stream } = incident
  const charged = [...incident.actions.keys()].some((key) => key.startsWith(`${base}/unit/`))
  const data: MitigationFinished = { service, action: base, outcome, why }
  const finished = { type: 'mitigation.finished', actor: 'mitigator', data } as const
  const failed: NewEvent = {
    type: 'rollback.failed',
    actor: 'mitigator',
    data: { service, plan: plan.id, status: outcome, why },
  }
  return {
    key: `${base}/ended`,
    why,
    record: {
      events: [failed, finished],
      tell: [
        ...(outcome === 'refuted'
          ? [{ to: `service/${service}`, event: { ...finished, id: `${stream}/${base}/ended` } } as const]
          : []),
        ...(charged ? settled(incident, base) : []),
      ],
    },
  }
}
