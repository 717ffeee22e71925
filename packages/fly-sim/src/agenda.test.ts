import { createTestClock } from '@firebreak/core/testing'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createAgenda } from './agenda.ts'

test('what is due happens in order of time, then of when it was appointed, at its own time', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 40 }), async (delays) => {
      const clock = createTestClock(0)
      const agenda = createAgenda(clock, 0)
      const happened: { at: number; index: number }[] = []
      for (const [index, delay] of delays.entries())
        agenda.after(delay, () => happened.push({ at: agenda.now(), index }))
      await clock.advance(25)
      agenda.catchUp()
      await clock.advance(25)
      agenda.catchUp()
      const expected = delays
        .map((delay, index) => ({ at: delay, index }))
        .toSorted((one, other) => one.at - other.at || one.index - other.index)
      expect(happened).toEqual(expected)
    }),
  )
})

test('there is no timer on the clock until somebody waits, and none after', async () => {
  const clock = createTestClock(0)
  const agenda = createAgenda(clock, 0)
  let rang = 0
  agenda.after(100, () => (rang += 1))
  expect(clock.pending).toBe(0)
  const release = agenda.hold()
  expect(clock.pending).toBe(1)
  agenda.after(50, () => (rang += 1))
  expect(clock.next()).toBe(50)
  await clock.advance(60)
  expect(rang).toBe(1)
  release()
  expect(clock.pending).toBe(0)
  await clock.advance(60)
  expect(rang).toBe(1)
  agenda.catchUp()
  expect(rang).toBe(2)
})

test('a cancelled appointment does not happen, and an appointment may make others', async () => {
  const clock = createTestClock(0)
  const agenda = createAgenda(clock, 0)
  const happened: string[] = []
  agenda.after(10, () => happened.push('never')).cancel()
  agenda.after(20, () => agenda.after(5, () => happened.push(`at ${agenda.now()}`)))
  await clock.advance(30)
  agenda.catchUp()
  expect(happened).toEqual(['at 25'])
})

test('a world that begins in the past lives through it', () => {
  const clock = createTestClock(10_000)
  const agenda = createAgenda(clock, 4_000)
  const happened: number[] = []
  agenda.at(4_000, () => agenda.after(1_000, () => happened.push(agenda.now())))
  agenda.catchUp()
  expect(happened).toEqual([5_000])
  expect(agenda.now()).toBe(10_000)
})

test('a closed agenda leaves no timer and does nothing more', async () => {
  const clock = createTestClock(0)
  const agenda = createAgenda(clock, 0)
  agenda.hold()
  agenda.after(10, () => expect.fail('closed'))
  agenda.close()
  expect(clock.pending).toBe(0)
  await clock.advance(20)
  agenda.catchUp()
})
