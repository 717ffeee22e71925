import {
  FirebreakError,
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
import { deciderOf } from '../next-steps.ts'
import type { Guard, PlannedUnit, RollbackPlan } from '../plan.ts'
import { span } from '../plain-text.ts'
import { newestFirst } from '../release-history.ts'
import { findRecorded, recordRollback } from '../release-record.ts'
import type { HeldLock } from '../service-lock.ts'
import type { ShareLock } from '../shared-lock.ts'
import { updateUnit } from '../update-unit.ts'
import { Held } from './held.ts'
import type { Effect, MitigatorOptions } from './options.ts'
import { refused } from './perform-plan.ts'
import { settled } from './settled.ts'
import { documentOf } from './situation.ts'
import { unitGuards } from './unit-guards.ts'

type UnitEffect = Extract<Effect, { do: 'unit' }>

/** So often a unit in the middle is tried: somebody may hold the lock, or not answer. */
const mostAttempts = 4

/** One unit: guards, lock, look, update, settle, and for the first one the verdict. */
export async function performUnit(
  options: MitigatorOptions,
  automation: Automation,
  share: ShareLock,
  effect: UnitEffect,
  context: PerformContext,
): Promise<Outcome> {
  const { subject, clock, signal } = context
  const document = documentOf(subject)
  const plan = document?.plan
  const planned = plan?.units.find(({ id }) => id === effect.unit)
  // Left over from a plan that has ended: nothing to do, and nothing to say about the one that goes on now.
  if (document?.base !== effect.base || plan?.digest !== effect.digest || planned === undefined) return { events: [] }
  if (!context.held()) throw new Held()
  const known = subject.units.get(effect.unit)
  const done = known?.outcome === 'updated' || known?.outcome === 'alreadyThere' ? known : undefined
  if (done === undefined) {
    const refusing = await unitGuards(options, automation, plan, effect, context)
    if (refusing.some(({ guard }) => guard === 'hold')) throw new Held()
    // Half-way, one look is not the last word: a source that does not answer must not leave a mixed service behind.
    if (refusing.length > 0 && subject.units.size > 0 && context.attempt < mostAttempts)
      throw new FirebreakError({ code: 'GUARD_REFUSED', message: reasonOf(refusing) })
    if (refusing.length > 0) return refuse(refusing)
  }
  let lock: HeldLock
  try {
    // A crash of an earlier performer leaves its lock to run out; anybody else's is waited for as long and never taken.
    lock = await share({ target: options.target, clock, signal, waitMs: automation.lockWaitMs })
  } catch (error) {
    if (!(error instanceof RollbackRefused)) throw error
    if (subject.units.size > 0 && context.attempt < mostAttempts)
      throw new FirebreakError({ code: error.code, message: error.message, cause: error })
    return refuse([{ guard: 'lease', verdict: 'no', observed: error.message, needed: 'nobody else deploys' }])
  }
  try {
    return await change(plan, planned, lock)
  } finally {
    await lock.release()
  }

  async function change(of: RollbackPlan, unit: PlannedUnit, held: HeldLock): Promise<Outcome> {
    const { target, health } = options
    const decides = deciderOf(of.units, subject.units)?.id === unit.id
    const stopped = () => (context.held() ? held.lost() : 'on hold')
    // Somebody may have changed it already: what it was before that is known from before the plan.
    const until = done === undefined && !context.takeover ? clock.now() : (subject.plannedAt ?? clock.now())
    const before =
      decides && health !== undefined
        ? await sampleOf(health, { since: until - of.verify.judgeMs, until, units: [unit.id], signal })
        : null
    if (done === undefined && subject.units.size === 0) await mark('running', of)
    const event = done ?? (await update(of, unit, decides, held, stopped))
    if (!decides || event.outcome === 'failed' || event.outcome === 'skipped') return { events: [told(event)] }
    // Known to everybody before it is judged: whoever takes over goes on with the verdict.
    if (done === undefined) await context.record([told(event)])
    const judged = await judgeUnit({
      target,
      id: unit.id,
      others: of.units
        .filter(({ id, staysStopped, alreadyThere }) => id !== unit.id && !staysStopped && !alreadyThere)
        .map(({ id }) => id),
      health,
      probe: options.probe,
      before: before === null ? null : (before.units?.[unit.id] ?? before),
      wasServing: unit.serving,
      since: clock.now(),
      numbers: of.verify,
      clock,
      signal,
      stopped,
    })
    if (judged.judgement === 'inconclusive' && !context.held()) throw new Held()
    return { events: [told({ ...event, judged: { judgement: judged.judgement, why: judged.why } })] }
  }

  async function update(
    of: RollbackPlan,
    unit: PlannedUnit,
    decides: boolean,
    held: HeldLock,
    stopped: () => string | undefined,
  ): Promise<UnitUpdated> {
    const { target } = options
    const result = await updateUnit({
      target,
      id: unit.id,
      release: of.release,
      book: imageBook(newestFirst(await target.releases({ signal })), []),
      expected: unit,
      judged: decides,
      attempted: context.takeover,
      lock: () => held.current(),
      idempotencyKey: context.idempotencyKey,
      unitMs: automation.unitMs,
      clock,
      signal,
      stopped,
      onWait: async ({ milliseconds, why }) => progress(of, unit, 'waiting', `waits ${span(milliseconds)}: ${why}`),
      onReverted: async () =>
        progress(of, unit, 'reverted', 'the platform put the old image back without saying so: tried once more'),
    })
    if (result.held === true) throw new Held()
    const { why, outcome, serving } = result
    return {
      ...describe(unit.id, of),
      region: unit.region,
      image: result.unit.image === '' ? unit.image : result.unit.image,
      outcome,
      serving,
      ...(why === undefined ? {} : { why }),
    }
  }

  /** What people see meanwhile. A log that does not take it stops nothing: a claim that was lost ends the work by its signal. */
  async function progress(of: RollbackPlan, unit: PlannedUnit, outcome: 'waiting' | 'reverted', why: string) {
    const { done, ...counted } = describe(unit.id, of)
    const data: UnitUpdated = { ...counted, done: done - 1, region: unit.region, image: unit.image, outcome, why }
    await context.record([told(data)]).catch(() => undefined)
  }

  /**
   * The platform's history, before the first machine: what is deployed next must not take the bad image for the latest. A
   * platform that cannot record does not stop a rescue.
   */
  async function mark(status: 'running' | 'failed', of: RollbackPlan): Promise<void> {
    const { target } = options
    if (target.recordRelease === undefined) return
    const own = { signal, idempotencyKey: `${context.idempotencyKey}-release` }
    try {
      const book = imageBook(newestFirst(await target.releases({ signal })), [])
      const known = await findRecorded(target, of, book, signal, ['running'])
      if (known === undefined ? status === 'running' : status === 'failed')
        await recordRollback(target, of, status, known, own)
    } catch {
      signal.throwIfAborted()
    }
  }

  /** Nothing begun: the rollback is aborted. Something begun: the unit failed, and the rest is for a person. */
  async function refuse(refusing: readonly Guard[]): Promise<Outcome> {
    const { service } = subject
    const why = reasonOf(refusing)
    const refusals = refusing.map(({ guard, observed, needed }) =>
      refused(service, { guard, action: effect.base, observed, needed }),
    )
    if (subject.units.size > 0) {
      const failed: UnitUpdated = {
        ...describe(effect.unit, plan),
        image: planned?.image ?? '',
        outcome: 'failed',
        why,
      }
      return { events: [...refusals, told(failed)] }
    }
    // An earlier attempt may have announced it.
    if (context.takeover && plan !== undefined) await mark('failed', plan)
    const data: MitigationFinished = { service, action: effect.base, outcome: 'aborted', why }
    return {
      events: [...refusals, { type: 'mitigation.finished', actor: 'mitigator', data }],
      tell: settled(subject, effect.base),
    }
  }

  /** Which unit of how many; this one counts as settled. */
  function describe(unit: string, of: RollbackPlan | undefined) {
    const settled = [...subject.units.values()].filter(({ outcome }) => outcome !== 'reverted')
    const settledUnits = new Set([...settled.map((each) => each.unit), unit])
    return {
      service: subject.service,
      unit,
      done: settledUnits.size,
      total: of?.units.length ?? 0,
      ...(of === undefined ? {} : { plan: of.id }),
    }
  }
}

function reasonOf(refusing: readonly Guard[]): string {
  return refusing.map(({ guard, observed }) => `${guard}: ${observed}`).join('; ')
}

function told(data: UnitUpdated): NewEvent {
  return { type: 'unit.updated', actor: 'mitigator', data }
}
