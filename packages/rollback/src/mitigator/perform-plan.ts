import {
  type ApprovalRequested,
  type GuardRefused,
  type Json,
  type NewEvent,
  type Outcome,
  type PerformContext,
} from '@firebreak/core'
import type { Automation } from '../automation.ts'
import { describePlan } from '../describe-plan.ts'
import { RollbackRefused } from '../errors.ts'
import { plannedEvent } from '../planned-event.ts'
import type { Guard, RollbackPlan } from '../plan.ts'
import { planRollback } from '../plan-rollback.ts'
import { liftedByApproval } from './approval-lifts.ts'
import type { Effect, MitigatorOptions } from './options.ts'
import type { PlanDocument } from './situation.ts'

type PlanEffect = Extract<Effect, { do: 'plan' }>

/** What no person can allow either. */
const notForPeople = new Set<Guard['guard']>(['lease', 'floor'])

/** Plans against the world as it is: planned, or refused and, where a person may decide, asked for. */
export async function performPlan(
  options: MitigatorOptions,
  automation: Automation,
  effect: PlanEffect,
  context: PerformContext,
): Promise<Outcome> {
  const { base, attempt, mode } = effect
  const { subject, clock } = context
  let plan: RollbackPlan
  try {
    plan = await planFor(options, automation, effect.from, context)
  } catch (error) {
    if (!(error instanceof RollbackRefused)) throw error
    const refusal = { guard: 'target', action: base, observed: error.message, needed: 'an image to go back to' }
    return { events: [refused(subject.service, refusal)] }
  }
  if (plan.nothingToDo)
    return {
      events: [
        refused(subject.service, {
          guard: 'target',
          action: base,
          observed: `every machine runs the image of v${plan.to.version} already`,
          needed: 'another image to go back to',
        }),
      ],
    }
  const refusing = plan.guards.filter(({ verdict }) => verdict === 'no')
  const hard = refusing.filter(({ guard }) => notForPeople.has(guard))
  const last = new Map(
    subject.refusals.filter(({ action }) => action === base).map((each) => [each.guard, each.observed]),
  )
  const refusals = (guards: readonly Guard[]) =>
    guards
      .filter(({ guard, observed }) => last.get(guard) !== observed)
      .map(({ guard, observed, needed }) => refused(subject.service, { guard, action: base, observed, needed }))
  if (mode === 'approved') {
    if (hard.length > 0) return { events: refusals(hard) }
    if (plan.digest === effect.digest) return { events: [planned(plan, base, attempt, effect.approval)] }
    const observed = `plan ${plan.id}, and ${effect.digest?.slice(0, 6) ?? 'another'} was approved`
    const changed = refused(subject.service, {
      guard: 'digest',
      action: base,
      observed,
      needed: 'the plan that was approved',
    })
    return { events: [changed, asked(plan, base, context, automation, 'the world changed since the approval')] }
  }
  if (mode === 'auto' && refusing.length === 0) return { events: [planned(plan, base, attempt)] }
  const why =
    refusing.length === 0
      ? `${plan.proven ? 'proven' : 'unproven'}; a person decides at this level`
      : refusing.map(({ guard, observed }) => `${guard}: ${observed}`).join('; ')
  const events = mode === 'auto' ? refusals(refusing) : refusals(hard)
  return {
    events: [...events, ...(hard.length > 0 ? [] : [asked(plan, base, context, automation, why)])],
  } satisfies Outcome

  function planned(document: RollbackPlan, prefix: string, number: number, approval?: string): NewEvent {
    const kept: PlanDocument = { base: prefix, attempt: number, plan: document }
    return {
      type: 'rollback.planned',
      actor: 'mitigator',
      at: new Date(clock.now()).toISOString(),
      data: {
        ...plannedEvent(document),
        document: kept as unknown as Json,
        ...(approval === undefined ? {} : { approval }),
      },
    }
  }
}

/** The plan as the person who decides reads it: what an approval lifts is a warning. */
function forPerson(plan: RollbackPlan): RollbackPlan {
  const guards = plan.guards.map((guard) =>
    guard.verdict === 'no' && liftedByApproval.has(guard.guard) ? { ...guard, verdict: 'warn' as const } : guard,
  )
  return { ...plan, guards }
}

/** The plan of an incident: what is left is the release under suspicion, whatever has been shipped since. */
export async function planFor(
  options: MitigatorOptions,
  automation: Automation,
  from: number,
  context: Pick<PerformContext, 'subject' | 'service' | 'clock' | 'signal'>,
  to?: number,
): Promise<RollbackPlan> {
  const { target, health, probes } = options
  const { subject, service, clock, signal } = context
  const incidents = await options.incidents?.({ service: subject.service, signal })
  return planRollback(target, {
    from,
    ...(to === undefined ? {} : { to }),
    by: 'automation',
    reason: `incident ${subject.code}: ${subject.worst ?? ''} since ${new Date(subject.onsetAt).toISOString()}`,
    record: service,
    health,
    probes,
    incidents,
    automation,
    clock,
    signal,
  })
}

export function refused(service: string, refusal: Omit<GuardRefused, 'service'>): NewEvent {
  return { type: 'guard.refused', actor: 'mitigator', data: { service, ...refusal } satisfies GuardRefused }
}

function asked(
  plan: RollbackPlan,
  base: string,
  { subject, clock }: PerformContext,
  automation: Automation,
  why: string,
): NewEvent {
  const number = [...subject.approvals.values()].filter(({ action }) => action === base).length + 1
  const name = subject.code === '' ? subject.stream : subject.code
  const data: ApprovalRequested = {
    service: subject.service,
    approval: `${name}-${base}-${number}`.replaceAll(/[^\w.-]+/g, '-'),
    action: base,
    digest: plan.digest,
    why: `roll back v${plan.from.version} to the image of v${plan.to.version}, one machine first (${why})`,
    expiresAt: new Date(clock.now() + automation.approvalMs).toISOString(),
    plan: {
      id: plan.id,
      from: plan.from.version,
      to: plan.to.version,
      units: plan.units.length,
      proven: plan.proven,
      text: describePlan(forPerson(plan)),
    },
  }
  return { type: 'approval.requested', actor: 'mitigator', data }
}
