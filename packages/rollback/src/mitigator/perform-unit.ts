import {
  type MitigationFinished,
  type NewEvent,
  type Outcome,
  type PerformContext,
  type UnitUpdated,
} from '@firebreak/core'
import type { Automation } from '../automation.ts'
import { RollbackRefused } from '../errors.ts'
import { imageBook } from '../images.ts'
import { judgeUnit, sampleOf } from '../judge-unit.ts'
import type { Guard, RollbackPlan } from '../plan.ts'
import { budgetGuard } from '../plan-guards.ts'
import { newestFirst } from '../release-history.ts'
import { holdLock } from '../service-lock.ts'
import { updateUnit } from '../update-unit.ts'
import { Held } from './held.ts'
import type { Effect, MitigatorOptions } from './options.ts'
import { planFor, refused } from './perform-plan.ts'
import { documentOf } from './situation.ts'

type UnitEffect = Extract<Effect, { do: 'unit' }>

/** Guards that a person's approval lifts; the others count for everybody. */
const liftedByApproval = new Set<Guard['guard']>([
  'target',
  'migration',
  'security',
  'flap',
  'quarantine',
  'budget',
  'neverBelow',
])

/** One unit: guards, lock, look, update, settle, and for the first one the verdict. */
export async function performUnit(
  options: MitigatorOptions,
  automation: Automation,
  effect: UnitEffect,
  context: PerformContext,
): Promise<Outcome> {
  const { subject, clock, signal } = context
  const { service } = subject
  const document = documentOf(subject)
  const plan = document?.plan
  const planned = plan?.units.find(({ id }) => id === effect.unit)
  if (plan === undefined || planned === undefined || plan.digest !== effect.digest)
    return fail(`the plan of ${effect.base} is no longer the current one`)
  if (!context.held()) throw new Held()

  const known = subject.units.get(effect.unit)
  const isDone = known?.outcome === 'updated' || known?.outcome === 'alreadyThere'
  if (!isDone) {
    const refusing = await guards(plan)
    if (refusing.length > 0) return refuse(refusing)
  }
  let lock: Awaited<ReturnType<typeof holdLock>>
  try {
    // A crash of an earlier performer leaves its lock to run out; anybody else's is waited for as long and never taken.
    lock = await holdLock({ target: options.target, clock, signal, waitMs: automation.lockWaitMs })
  } catch (error) {
    if (!(error instanceof RollbackRefused)) throw error
    return refuse([{ guard: 'lease', verdict: 'no', observed: error.message, needed: 'nobody else deploys' }])
  }
  try {
    return await change(plan, planned)
  } finally {
    await lock.release()
  }

  async function change(of: RollbackPlan, unit: RollbackPlan['units'][number]): Promise<Outcome> {
    const { target, health } = options
    const releases = newestFirst(await target.releases({ signal }))
    const book = imageBook(releases, [])
    const stopped = () => (context.held() ? lock.lost() : 'on hold')
    const until = clock.now()
    const sample =
      unit.judged && health !== undefined
        ? await sampleOf(health, { since: until - of.verify.judgeMs, until, units: [unit.id], signal })
        : null
    let event: UnitUpdated
    if (isDone && known !== undefined) event = known
    else {
      const result = await updateUnit({
        target,
        id: unit.id,
        release: of.release,
        book,
        expected: unit,
        judged: unit.judged,
        attempted: context.takeover,
        lock: () => lock.current(),
        idempotencyKey: context.idempotencyKey,
        unitMs: automation.unitMs,
        clock,
        signal,
        stopped,
      })
      if (result.held === true) throw new Held()
      const { why } = result
      event = {
        service,
        unit: unit.id,
        region: unit.region,
        image: result.unit.image === '' ? unit.image : result.unit.image,
        outcome: result.outcome,
        done: settledUnits(unit.id),
        total: of.units.length,
        plan: of.id,
        serving: result.serving,
        ...(why === undefined ? {} : { why }),
      }
    }
    if (!unit.judged || event.outcome === 'failed' || event.outcome === 'skipped') return { events: [told(event)] }
    if (!isDone) await context.record([told(event)])
    const judged = await judgeUnit({
      target,
      id: unit.id,
      others: of.units
        .filter(({ id, staysStopped, alreadyThere }) => id !== unit.id && !staysStopped && !alreadyThere)
        .map(({ id }) => id),
      health,
      probe: options.probe,
      before: sample === null ? null : (sample.units?.[unit.id] ?? sample),
      since: clock.now(),
      numbers: of.verify,
      clock,
      signal,
      stopped,
    })
    if (judged.judgement === 'inconclusive' && !context.held()) throw new Held()
    return { events: [told({ ...event, judged: { judgement: judged.judgement, why: judged.why } })] }
  }

  /** Every condition again, before this unit, each failing closed. */
  async function guards(of: RollbackPlan): Promise<readonly Guard[]> {
    const approved = subject.plan?.approval !== undefined
    const budget = budgetGuard(context.service, automation, clock.now(), `${subject.stream}/${effect.base}/`)
    let fresh: RollbackPlan
    try {
      fresh = await planFor(options, automation, of.from.version, context, of.to.version)
    } catch (error) {
      if (!(error instanceof RollbackRefused)) throw error
      return [{ guard: 'target', verdict: 'no', observed: error.message, needed: 'the image that was planned' }]
    }
    const changed: Guard[] =
      fresh.digest === of.digest
        ? []
        : [
            {
              guard: 'digest',
              verdict: 'no',
              observed: `plan ${fresh.id} now, ${of.id} before`,
              needed: 'releases and machines as they were',
            },
          ]
    return [
      ...changed,
      ...(!approved && budget.verdict === 'no' ? [budget] : []),
      // The lease is tried for below: while it is ours it must not stop us.
      ...fresh.guards.filter(
        ({ guard, verdict }) =>
          verdict === 'no' && guard !== 'lease' && guard !== 'budget' && !(approved && liftedByApproval.has(guard)),
      ),
    ]
  }

  /** Nothing begun: the rollback is aborted. Something begun: the unit failed, and the rest is for a person. */
  function refuse(refusing: readonly Guard[]): Outcome {
    const why = refusing.map(({ guard, observed }) => `${guard}: ${observed}`).join('; ')
    const refusals = refusing.map(({ guard, observed, needed }) =>
      refused(service, { guard, action: effect.base, observed, needed }),
    )
    if (subject.units.size > 0 && planned !== undefined && plan !== undefined)
      return { events: [...refusals, ...fail(why).events] }
    const data: MitigationFinished = { service, action: effect.base, outcome: 'aborted', why }
    return { events: [...refusals, { type: 'mitigation.finished', actor: 'mitigator', data }] }
  }

  function fail(why: string): Outcome {
    const data: UnitUpdated = {
      service,
      unit: effect.unit,
      image: planned?.image ?? '',
      outcome: 'failed',
      done: settledUnits(effect.unit),
      total: plan?.units.length ?? 0,
      why,
    }
    return { events: [told(data)] }
  }

  function settledUnits(own: string): number {
    return new Set([
      ...[...subject.units.values()].filter(({ outcome }) => outcome !== 'reverted').map(({ unit }) => unit),
      own,
    ]).size
  }
}

function told(data: UnitUpdated): NewEvent {
  return { type: 'unit.updated', actor: 'mitigator', data }
}
