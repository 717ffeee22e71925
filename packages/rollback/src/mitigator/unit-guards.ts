import type { PerformContext } from '@firebreak/core'
import type { Automation } from '../automation.ts'
import { RollbackRefused } from '../errors.ts'
import type { Guard, RollbackPlan } from '../plan.ts'
import { budgetGuard } from '../budget.ts'
import { liftedByApproval } from './approval-lifts.ts'
import type { MitigatorOptions } from './options.ts'
import { planFor } from './perform-plan.ts'
import { isSecurity, modeOf, situationOf } from './situation.ts'

/** Every condition again, right before one unit, each failing closed: those that say no. */
export async function unitGuards(
  options: MitigatorOptions,
  automation: Automation,
  plan: RollbackPlan,
  { base, unit }: { readonly base: string; readonly unit: string },
  context: PerformContext,
): Promise<readonly Guard[]> {
  const { subject, service, organisation, clock } = context
  const approved = subject.plan?.approval !== undefined
  // Half-way, what others have begun meanwhile must not leave a mixed service behind.
  const spending = subject.units.size > 0 ? { service } : { service, organisation }
  const budget = budgetGuard(spending, automation, clock.now(), `${subject.stream}/${base}/`)
  let fresh: RollbackPlan
  try {
    fresh = await planFor(options, automation, plan.from.version, context, plan.to.version)
  } catch (error) {
    if (!(error instanceof RollbackRefused)) throw error
    return [{ guard: 'target', verdict: 'no', observed: error.message, needed: 'the image that was planned' }]
  }
  const digest: Guard = {
    guard: 'digest',
    verdict: fresh.digest === plan.digest ? 'ok' : 'no',
    observed: `plan ${fresh.id} now, ${plan.id} before`,
    needed: 'releases and machines as they were',
  }
  // The lease is tried for afterwards: while it is ours it must not stop us.
  const others = fresh.guards.filter(({ guard }) => guard !== 'lease' && guard !== 'budget')
  const refusing = [digest, budget, ...others].filter(
    ({ guard, verdict }) => verdict === 'no' && !(approved && liftedByApproval.has(guard)),
  )
  const begun = subject.units.size > 0 || fresh.units.some(({ id, alreadyThere }) => id === unit && alreadyThere)
  return begun ? refusing : [...refusing, ...noLongerAllowed(automation, approved, context)]
}

/**
 * What allowed the first write of all: planned is not done, and an attempt that a hold or a restart has put off is performed
 * in another world.
 */
function noLongerAllowed(
  automation: Automation,
  approved: boolean,
  { subject, service, clock }: PerformContext,
): readonly Guard[] {
  const situation = situationOf(subject, { now: clock.now(), service }, automation)
  const { severity } = situation
  const verdict = situation.suspicion?.verdict ?? 'not-suspected'
  const allowed = severity === null ? 'off' : modeOf(situation, automation.rollback[severity]?.[verdict])
  const no = (guard: 'severity' | 'security', observed: string, needed: string): Guard[] => [
    { guard, verdict: 'no', observed, needed },
  ]
  if (subject.status !== 'open') return no('severity', `it is ${subject.status} already`, 'an open incident')
  if (isSecurity(situation)) return no('security', 'this has become a security incident', 'evidence only')
  if (approved || allowed === 'auto') return []
  const observed = `${severity ?? 'no level'}, ${verdict}: ${allowed}`
  return no('severity', observed, 'the level and the verdict that allowed it')
}
