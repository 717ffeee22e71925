import { createTestClock } from '@firebreak/core/testing'
import { expect, test } from 'vitest'
import { createPacer, flyPacing } from './pacing.ts'

const never = new AbortController().signal

test('a burst of three goes at once, then one a second', async () => {
  const clock = createTestClock(0)
  const pacer = createPacer(clock)
  const at: number[] = []
  const all = Promise.all(
    Array.from({ length: 6 }, async () => {
      await pacer.take('POST /m1', flyPacing.action, never)
      at.push(clock.now())
    }),
  )
  await clock.run(all)
  expect(at).toEqual([0, 0, 0, 1_000, 2_000, 3_000])
})

test('each action on each machine has its own queue', async () => {
  const clock = createTestClock(0)
  const pacer = createPacer(clock)
  for (let count = 0; count < 3; count += 1) await pacer.take('POST /m1', flyPacing.action, never)
  await pacer.take('POST /m2', flyPacing.action, never)
  expect(clock.now()).toBe(0)
})

test('reading one machine may go ten at once, then five a second', async () => {
  const clock = createTestClock(0)
  const pacer = createPacer(clock)
  const all = Promise.all(Array.from({ length: 15 }, () => pacer.take('GET /m1', flyPacing.getMachine, never)))
  await clock.run(all)
  expect(clock.now()).toBe(1_000)
})

test('waiting ends when the caller gives up, and leaves no timer', async () => {
  const clock = createTestClock(0)
  const pacer = createPacer(clock)
  const giveUp = new AbortController()
  for (let count = 0; count < 3; count += 1) await pacer.take('k', flyPacing.action, giveUp.signal)
  const waiting = pacer.take('k', flyPacing.action, giveUp.signal)
  giveUp.abort(new Error('enough'))
  await expect(waiting).rejects.toThrow('enough')
  expect(clock.pending).toBe(0)
})

test('a clock that is set back does not stretch the waits', async () => {
  const clock = createTestClock(10_000_000)
  const pacer = createPacer(clock)
  for (let count = 0; count < 3; count += 1) await pacer.take('k', flyPacing.action, never)
  clock.jump(-3_600_000)
  const before = clock.now()
  await clock.run(pacer.take('k', flyPacing.action, never))
  expect(clock.now() - before).toBeLessThanOrEqual(1_000)
})
