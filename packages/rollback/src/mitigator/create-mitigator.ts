import {
  FirebreakError,
  required,
  type Action,
  type EffectAction,
  type Incident,
  type Outcome,
  type Part,
  type PerformContext,
  type View,
} from '@firebreak/core'
import { standardAutomation } from '../automation.ts'
import { sharedLock } from '../shared-lock.ts'
import { checkAutomation } from '../check-automation.ts'
import { decideRollback } from './decide-rollback.ts'
import { expireApprovals } from './expire-approvals.ts'
import type { Effect, MitigatorOptions } from './options.ts'
import { performRecord, performVerify } from './perform-end.ts'
import { performPlan } from './perform-plan.ts'
import { performSuspect } from './perform-suspect.ts'
import { performUnit } from './perform-unit.ts'
import { performMachine, performScale } from './perform-machine.ts'
import { abandon, planCourse } from './plan-course.ts'
import { planMachines, planRejoins } from './plan-machines.ts'
import { planRegression } from './plan-regression.ts'
import { planSuspicion } from './plan-suspicion.ts'
import { situationOf } from './situation.ts'

/**
 * Step 4 as a part of a responder: finds out whether the release is to blame, decides by the policy who decides, rolls back
 * one machine first, verifies, and says why not where it does not act. Needs `evidence.captured` and `impact.estimated`
 * before it writes: another part records them. Acting fails closed.
 */
export function createMitigator(options: MitigatorOptions): Part {
  const { automation = standardAutomation } = options
  const target = required(options.target, 'target', 'createMitigator')
  checkAutomation(automation)
  const share = sharedLock()

  function plan(incident: Readonly<Incident>, view: View): readonly Action[] {
    if (incident.version === 0 || incident.service !== target.service) return []
    const situation = situationOf(incident, view, automation)
    const { current } = situation
    // A person's word ends the incident, not a rollback half-way: a mixed service helps nobody.
    const begun = current !== undefined && incident.units.size > 0
    if (incident.status === 'resolved') {
      const rest = current === undefined ? [] : begun ? planCourse(situation, current) : abandon(situation, current)
      return [...rest, ...planRejoins(situation)]
    }
    const machines = current === undefined ? planMachines(situation, target) : []
    return [
      ...planSuspicion(situation),
      ...(current === undefined ? decideRollback(situation, machines.length > 0) : planCourse(situation, current)),
      ...machines,
      ...planRegression(situation),
      ...planRejoins(situation),
      ...expireApprovals(situation),
    ]
  }

  async function perform({ key, effect: recorded }: EffectAction, performing: PerformContext): Promise<Outcome> {
    const effect = recorded as unknown as Effect
    const context = options.clock === undefined ? performing : { ...performing, clock: options.clock }
    switch (effect.do) {
      case 'suspect':
        return performSuspect(options, automation, context)
      case 'plan':
        return performPlan(options, automation, effect, context)
      case 'unit':
        return performUnit(options, automation, share, effect, context)
      case 'record':
        return performRecord(options, effect, context)
      case 'verify':
        return performVerify(options, automation, effect, context)
      case 'restart':
      case 'isolate':
      case 'rejoin':
        return performMachine(options, automation, share, key, effect, context)
      case 'scale':
        return performScale(options, effect, context)
    }
    throw new FirebreakError({
      code: 'UNKNOWN_EFFECT',
      message: `${key} was claimed by another version of this package: let that one perform it`,
    })
  }
  return { name: 'mitigator', plan, perform }
}
