import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createCode, createId, seededRandom, systemRandom } from './index.ts'
import { createTestClock } from './testing/index.ts'

test('ids are UUIDs of version 7, sorted by time, and the same for the same clock and randomness', () => {
  const clock = createTestClock(1_000)
  const first = createId(clock, seededRandom(1))
  expect(first).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(createId(clock, seededRandom(1))).toBe(first)
  expect(createId(clock, seededRandom(2))).not.toBe(first)
  const ids = Array.from({ length: 100 }, (_, index) => createId(createTestClock(index * 60_000), seededRandom(index)))
  expect(ids.toSorted()).toEqual(ids)
})

test('many ids of one instant are all different', () => {
  const clock = createTestClock()
  expect(new Set(Array.from({ length: 10_000 }, () => createId(clock, systemRandom))).size).toBe(10_000)
})

test('a code can be typed half-asleep: four characters, a digit first, none that is misread', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      expect(createCode(seededRandom(seed))).toMatch(/^[2-9][2-9A-HJ-NP-Z]{3}$/)
    }),
  )
  expect(createCode(() => 0.999_999_999_999)).toHaveLength(4)
})

test('seeded randomness repeats, lies in [0, 1) and has no lean', () => {
  const values = Array.from({ length: 10_000 }, seededRandom(7))
  expect(Array.from({ length: 10_000 }, seededRandom(7))).toEqual(values)
  expect(values.every((value) => value >= 0 && value < 1)).toBe(true)
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  expect(Math.abs(mean - 0.5)).toBeLessThan(0.02)
})
