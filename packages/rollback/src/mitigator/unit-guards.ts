import type { PerformContext } from '@firebreak/core'
import type { Automation } from '../automation.ts'
import { RollbackRefused } from '../errors.ts'
import type { Guard, RollbackPlan } from '../plan.ts'
import { budgetGuard } from '../plan-guards.ts'
import { liftedByApproval } from './approval-lifts.ts'
import type { MitigatorOptions } from './options.ts'
import { planFor } from './perform-plan.ts'

/** Every condition again, right before one unit, each failing closed: those that say no. */
export async function unitGuards(
  options: MitigatorOptions,
  automation: Automation,
  plan: RollbackPlan,
  base: string,
  context: PerformContext,
): Promise<readonly Guard[]> {
  const { subject, service, clock } = context
  const approved = subject.plan?.approval !== undefined
  const budget = budgetGuard(service, automation, clock.now(), `${subject.stream}/${base}/`)
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
  return [digest, budget, ...others].filter(
    ({ guard, verdict }) => verdict === 'no' && !(approved && liftedByApproval.has(guard)),
  )
}
