import type { Clock } from '@firebreak/core'
import { createTestClock } from '@firebreak/core/testing'
import { expect, test } from 'vitest'
import { createAlarm } from './alarm.ts'

function counted() {
  const clock = createTestClock(0)
  let sleeps = 0
  const counting: Clock = {
    now: () => clock.now(),
    async sleep(milliseconds, signal) {
      sleeps += 1
      return clock.sleep(milliseconds, signal)
    },
  }
  return { clock, alarm: createAlarm(counting), sleeps: () => sleeps }
}

test('a wait ends at its time, or when it rings; a ring between two waits ends the next one at once', async () => {
  const { clock, alarm } = counted()
  const ends: number[] = []
  const wait = (milliseconds: number) => alarm.wait(milliseconds).then(() => ends.push(clock.now()))
  void wait(100)
  await clock.advance(150)
  void wait(100)
  await clock.advance(20)
  alarm.ring()
  await clock.advance(0)
  alarm.ring()
  void wait(100)
  await clock.advance(0)
  expect(ends).toEqual([100, 170, 170])
})

test('a timer that is early enough is kept, a later one is replaced, and stop leaves none', async () => {
  const { clock, alarm, sleeps } = counted()
  for (const milliseconds of [1_000, 990, 5_000]) {
    const waited = alarm.wait(milliseconds)
    alarm.ring()
    await waited
  }
  expect([sleeps(), clock.next()]).toEqual([1 + 1, 990])
  const waited = alarm.wait(100)
  await clock.advance(100)
  await waited
  alarm.stop()
  expect([sleeps(), clock.pending]).toEqual([3, 0])
})

test('after the clock was set back it does not wait for the time that was', async () => {
  const { clock, alarm } = counted()
  const early = alarm.wait(1_000)
  clock.jump(-3_600_000)
  alarm.ring()
  await early
  let over = false
  void alarm.wait(500).then(() => (over = true))
  await clock.advance(500)
  expect(over).toBe(true)
})
