import type { Course } from './course.ts'
import type { ImageBook } from './images.ts'
import type { RollbackStatus } from './outcome.ts'
import { findRecorded, recordRollback } from './release-record.ts'

/** Before the first unit: the platform's history says that a rollback is running. */
export async function beginRecord(course: Course, book: ImageBook): Promise<void> {
  const { memory, target, options } = course
  if (target.recordRelease === undefined || memory.outcome('release') !== undefined) return
  const { signal } = options
  const running = await findRecorded(target, memory.plan, book, signal, ['running'])
  if (memory.intent('release') === undefined) await memory.write('intent', 'release', { image: memory.plan.to.image })
  const context = { signal, idempotencyKey: `${memory.run}-release` }
  const recorded =
    running === undefined
      ? await recordRollback(target, memory.plan, 'running', undefined, context)
      : { release: running }
  if (recorded.note !== undefined) course.notes.push(recorded.note)
  await memory.write('outcome', 'release', recorded)
  course.recorded = recorded
}

/** At the end: `complete` when every unit runs the image, else `failed`. */
export async function endRecord(
  course: Course,
  status: RollbackStatus,
  book: ImageBook,
  signal: AbortSignal = course.options.signal,
): Promise<void> {
  const { memory, target, done } = course
  if (target.recordRelease === undefined) return
  const ended = status === 'verified' || status === 'unverified' || status === 'regressed' ? 'complete' : 'failed'
  const known = course.recorded.release ?? (await findRecorded(target, memory.plan, book, signal, ['running', ended]))
  if (known?.status === ended) return
  if (known === undefined && [...done.values()].every(({ outcome }) => outcome !== 'updated')) return
  const context = { signal, idempotencyKey: `${memory.run}-release-${ended}` }
  const { release, note } = await recordRollback(target, memory.plan, ended, known, context)
  if (note !== undefined) course.notes.push(note)
  if (release !== undefined) course.recorded = { release }
}
