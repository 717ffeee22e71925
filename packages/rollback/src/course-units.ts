import type { HealthFigures, JsonObject } from '@firebreak/core'
import { stopped, type Course, type UnitDone } from './course.ts'
import { RollbackRefused } from './errors.ts'
import type { ImageBook } from './images.ts'
import { judgeUnit, sampleOf } from './judge-unit.ts'
import { deciderOf } from './next-steps.ts'
import type { HeldLock } from './service-lock.ts'
import { updateUnit, type UnitResult } from './update-unit.ts'

/** One unit: the intent on disk, the effect, the outcome on disk. False when it was not begun because acting stopped. */
export async function updateOne(course: Course, id: string, lock: HeldLock, book: ImageBook): Promise<boolean> {
  const { memory, target, options, done } = course
  const { clock, signal, onProgress } = options
  const { plan } = memory
  const planned = plan.units.find((unit) => unit.id === id)
  if (planned === undefined) throw new RollbackRefused('PLAN_CHANGED', `plan ${plan.id} has no unit ${id}: plan again`)
  const decides = deciderOf(plan.units, done)?.id === id
  const attempted = memory.intent(`unit/${id}`) !== undefined
  if (!attempted) {
    const before = decides ? await figuresBefore(course, id) : null
    await memory.write('intent', `unit/${id}`, { image: plan.to.image, before: before as unknown as JsonObject })
  }
  onProgress?.({ step: 'updating', unit: id })
  const result = await updateUnit({
    target,
    id,
    release: plan.release,
    book,
    expected: planned,
    judged: decides,
    attempted,
    lock: () => lock.current(),
    idempotencyKey: `${memory.run}-${id}`.replaceAll(/[^\w-]/g, '-'),
    unitMs: options.unitMs ?? 300_000,
    clock,
    signal,
    stopped: () => stopped(course, lock),
    onWait: ({ milliseconds, why }) => onProgress?.({ step: 'waiting', unit: id, milliseconds, why }),
    onReverted: () =>
      tell(
        course,
        id,
        planned.region,
        planned.image,
        'reverted',
        'the platform put the old image back without saying so',
      ),
  })
  if (result.held === true) return false
  const { unit, outcome, serving, why } = result
  const entry: UnitDone = {
    outcome,
    serving,
    image: unit.image === '' ? planned.image : unit.image,
    ...(unit.digest === undefined ? {} : { digest: unit.digest }),
    settledAt: clock.now(),
    ...(why === undefined ? {} : { why }),
  }
  await memory.write('outcome', `unit/${id}`, entry)
  done.set(id, entry)
  tell(course, id, planned.region, entry.image, outcome, why)
  return true
}

function tell(
  { memory: { plan }, done, options: { bus, onProgress } }: Course,
  unit: string,
  region: string,
  image: string,
  outcome: UnitResult['outcome'] | 'reverted',
  why?: string,
): void {
  const counted = { done: done.size, total: plan.units.length, ...(why === undefined ? {} : { why }) }
  bus?.emit('unit.updated', { service: plan.service, unit, region, image, outcome, plan: plan.id, ...counted })
  onProgress?.({ step: 'updated', unit, outcome, ...counted })
}

async function figuresBefore({ options, numbers }: Course, id: string): Promise<HealthFigures | null> {
  const { health, clock, signal } = options
  if (health === undefined) return null
  const until = clock.now()
  const sample = await sampleOf(health, { since: until - numbers.judgeMs, until, units: [id], signal })
  if (sample === null) return null
  const { requests, errors, errorRatio, p95Ms } = sample.units?.[id] ?? sample
  return { requests, errors, errorRatio, p95Ms }
}

/** The verdict on the first unit, on disk before anything follows from it. */
export async function judgeFirst(course: Course, id: string, lock: HeldLock): Promise<void> {
  const { memory, target, options, done, numbers } = course
  const { clock, signal, health, probe, onProgress } = options
  const intent = memory.intent(`unit/${id}`) as { before?: HealthFigures | null } | undefined
  const judged = await judgeUnit({
    target,
    id,
    others: memory.plan.units
      .filter((unit) => !done.has(unit.id) && !unit.staysStopped && !unit.alreadyThere)
      .map((unit) => unit.id),
    health,
    probe,
    before: intent?.before ?? null,
    wasServing: memory.plan.units.find((unit) => unit.id === id)?.serving ?? true,
    since: done.get(id)?.settledAt ?? clock.now(),
    numbers,
    clock,
    signal,
    stopped: () => stopped(course, lock),
  })
  await memory.write('outcome', 'judge', judged)
  course.judged = judged
  onProgress?.({ step: 'judged', unit: id, judgement: judged.judgement, why: judged.why })
}
