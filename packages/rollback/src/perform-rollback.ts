import { withDeadline, type HealthFigures, type Lock } from '@firebreak/core'
import { openCourse, stopped, type Course } from './course.ts'
import { outcomeOf } from './course-outcome.ts'
import { beginRecord, endRecord } from './course-record.ts'
import { judgeFirst, updateOne } from './course-units.ts'
import { RollbackRefused } from './errors.ts'
import { imageBook, type ImageBook } from './images.ts'
import { nextSteps } from './next-steps.ts'
import type { RollbackOutcome, RollbackStatus } from './outcome.ts'
import { planDigest } from './plan-digest.ts'
import { named, plannedEvent } from './planned-event.ts'
import { newestFirst } from './release-history.ts'
import type { RunMemory } from './run-memory.ts'
import { holdLock, type HeldLock } from './service-lock.ts'
import { bake, verifyRollback } from './verify-rollback.ts'

/** How long cleaning up may take when the caller has given up. */
const farewellMs = 15_000

interface Ended {
  readonly status: RollbackStatus
  readonly why: string
  readonly figures: HealthFigures | null
}

/** One run from the lock to the verdict. The journal is asked before every effect, and told after it. */
export async function performRollback(
  memory: RunMemory,
  target: Course['target'],
  options: Course['options'],
): Promise<RollbackOutcome> {
  const course = openCourse(memory, target, options)
  const { plan } = memory
  const { clock, signal, bus, onProgress } = options
  if (!memory.resumed && plan.nothingToDo)
    return outcomeOf(course, 'nothingToDo', 'every machine runs the image already', null)
  bus?.emit('rollback.planned', plannedEvent(plan))
  await memory.begin()
  let lock: HeldLock | undefined
  try {
    lock = await holdLock({
      target,
      clock,
      signal,
      waitMs: options.lockWaitMs ?? 60_000,
      known: memory.outcome('lock') as unknown as Lock | undefined,
      onWait: ({ milliseconds, why }) => onProgress?.({ step: 'waiting', milliseconds, why }),
      onLocked: async (held) => memory.write('outcome', 'lock', held),
    })
    onProgress?.({ step: 'locked', why: lock.current()?.holder ?? 'the target has no lock' })
    const book = await sameWorld(course)
    await beginRecord(course, book)
    const ended = await steps(course, lock, book)
    await endRecord(course, ended.status, book)
    return await finish(course, ended)
  } catch (error) {
    if (error instanceof RollbackRefused) {
      // Refused under the lock: there is nothing to go on with.
      await memory.write('outcome', 'finish', outcomeOf(course, 'aborted', error.message, null))
      throw error
    }
    if (!signal.aborted) throw error
    const own = imageBook([plan.release], [])
    await farewell(course, async (last) => endRecord(course, 'aborted', own, last))
    return await finish(course, { status: 'aborted', why: `stopped by the caller${reasonOf(error)}`, figures: null })
  } finally {
    await lock?.release()
  }
}

/** Under the lock: is the world still the plan's? */
async function sameWorld({ memory: { plan }, target, options: { signal } }: Course): Promise<ImageBook> {
  const [releases, units] = await Promise.all([target.releases({ signal }), target.units({ signal })])
  const from = releases.find(({ version }) => version === plan.from.version)
  if (from === undefined || planDigest(plan.service, from, plan.release, { releases, units }) !== plan.digest)
    throw new RollbackRefused(
      'PLAN_CHANGED',
      `${plan.service} is no longer what plan ${plan.id} saw (another release or machine): plan again`,
      { candidates: plan.candidates },
    )
  return imageBook(newestFirst(releases), units)
}

/** Step after step, as `nextSteps` says, until it says how it ended. */
async function steps(course: Course, lock: HeldLock, book: ImageBook): Promise<Ended> {
  const { memory, options, done } = course
  for (;;) {
    const stop = stopped(course, lock)
    const next = nextSteps(
      {
        plan: memory.plan,
        progress: new Map([...done].map(([id, { outcome, serving }]) => [id, { outcome, serving }])),
        onInconclusive: options.onInconclusive ?? 'continue',
        ...(course.judged === undefined ? {} : { judgement: course.judged.judgement }),
        ...(stop === undefined ? {} : { stop }),
      },
      options.clock.now(),
    )
    switch (next.kind) {
      case 'update':
        await Promise.all(next.units.map(async ({ id }) => updateOne(course, id, lock, book)))
        break
      case 'judge':
        await judgeFirst(course, next.unit, lock)
        break
      case 'verify':
        return verify(course, book)
      case 'stop':
        return { status: next.status, why: because(course, next.why), figures: course.judged?.after ?? null }
      case 'wait':
        // Everything that was begun has ended by now: there is nothing to wait for.
        return { status: 'partial', why: next.why, figures: null }
    }
  }
}

/** The stop rule's sentence, and behind it what one unit or the judge said. */
function because({ memory, done, judged }: Course, why: string): string {
  const failed = memory.plan.units.map(({ id }) => done.get(id)).find((unit) => unit?.outcome === 'failed')
  const reason = failed?.why ?? (judged?.judgement === 'better' ? undefined : judged?.why)
  return reason === undefined ? why : `${why}: ${reason}`
}

async function verify({ memory, target, options, done, numbers }: Course, book: ImageBook): Promise<Ended> {
  const { clock, signal, health, onProgress, bakeMs = 0 } = options
  const since = Math.max(...[...done.values()].map(({ settledAt }) => settledAt))
  const units = memory.plan.units.map(({ id }) => id)
  const common = { target, units, release: memory.plan.release, book, health, since, numbers, clock, signal }
  const verified = await verifyRollback({
    ...common,
    onProgress: (why) => onProgress?.({ step: 'verifying', why }),
  })
  if (verified.status !== 'verified') return verified
  const baked = await bake({ ...common, onProgress: (why) => onProgress?.({ step: 'baking', why }) }, verified, bakeMs)
  return baked ?? verified
}

/** The verdict on disk, then on the bus. */
async function finish(course: Course, { status, why, figures }: Ended): Promise<RollbackOutcome> {
  const { memory, options } = course
  const { service, id, from, to } = memory.plan
  const outcome = outcomeOf(course, status, why, figures)
  await memory.write('outcome', 'finish', outcome)
  if (status !== 'verified') options.bus?.emit('rollback.failed', { service, plan: id, status, why })
  else
    options.bus?.emit('rollback.verified', {
      service,
      plan: id,
      from: named(from),
      to: named(to),
      errorRatio: figures?.errorRatio ?? null,
      requests: figures?.requests ?? null,
      p95Ms: figures?.p95Ms ?? null,
    })
  return outcome
}

/** Work that is owed even when the caller has given up; it has a deadline of its own, and its failure is only noted. */
async function farewell(course: Course, work: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
  const deadline = withDeadline(course.options.clock, farewellMs)
  try {
    await work(deadline.signal)
  } catch (error) {
    course.notes.push(error instanceof Error ? error.message : 'cleaning up failed')
  } finally {
    deadline.clear()
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error && error.name !== 'AbortError' ? `: ${error.message}` : ''
}
