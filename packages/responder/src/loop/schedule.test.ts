import { expect, test } from 'vitest'
import { seededRandom } from '@firebreak/core'
import { createSchedule } from './schedule.ts'

test('the earliest time comes first, and a later word replaces an earlier one', () => {
  const schedule = createSchedule()
  schedule.set('a', 30)
  schedule.set('b', 10)
  schedule.set('c', 20)
  schedule.set('b', 40)
  schedule.set('c', undefined)
  expect(schedule.nextAt).toBe(30)
  expect(schedule.due(35)).toEqual(['a'])
  expect(schedule.nextAt).toBe(40)
  expect(schedule.size).toBe(1)
})

test.each([50, 1_000])('over random use of %i streams it gives what a sorted list would give', (streams) => {
  const random = seededRandom(3)
  const schedule = createSchedule()
  const plain = new Map<string, number>()
  const differences: number[] = []
  for (let turn = 0; turn < 5_000; turn += 1) {
    const stream = `s${Math.floor(random() * streams)}`
    if (random() < 0.8) {
      const at = Math.floor(random() * 1_000)
      schedule.set(stream, at)
      plain.set(stream, at)
    } else {
      const now = Math.floor(random() * 200)
      const expected = Array.from(plain)
        .filter(([, at]) => at <= now)
        .map(([name]) => name)
      if (schedule.due(now).toSorted().join() !== expected.toSorted().join()) differences.push(turn)
      for (const name of expected) plain.delete(name)
    }
    if (schedule.nextAt !== (plain.size === 0 ? undefined : Math.min(...plain.values()))) differences.push(turn)
  }
  expect(differences).toEqual([])
})

test('sooner brings forward and never puts off', () => {
  const schedule = createSchedule()
  schedule.sooner('a', 30)
  schedule.sooner('a', 50)
  expect(schedule.nextAt).toBe(30)
  schedule.sooner('a', 10)
  expect(schedule.nextAt).toBe(10)
})
