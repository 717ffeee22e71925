import { expect, test } from 'vitest'
import { flapDetector, flapScore } from './flap-detector.ts'

/** 21 states of which the given pairs differ; place 0 is the oldest pair, 19 the newest. */
function statesWith(places: readonly number[]): string[] {
  const states = ['a']
  for (let place = 0; place < 20; place += 1) {
    const last = states.at(-1)!
    states.push(places.includes(place) ? (last === 'a' ? 'b' : 'a') : last)
  }
  return states
}
const newest = (count: number) => Array.from({ length: count }, (_, index) => 19 - index)
const oldest = (count: number) => Array.from({ length: count }, (_, index) => index)
const score = (places: readonly number[]) => flapScore(statesWith(places)).toFixed(2)

test("Nagios's vectors, to two decimals", () => {
  expect(score(newest(20))).toBe('100.00')
  expect([1, 2, 3, 4, 5, 6].map((count) => score(newest(count)))).toEqual([
    '6.25',
    '12.37',
    '18.36',
    '24.21',
    '29.93',
    '35.53',
  ])
  expect([5, 7, 8].map((count) => score(oldest(count)))).toEqual(['20.07', '29.01', '33.68'])
  expect(score([])).toBe('0.00')
})

test('starts at 30 per cent, stops at 20, and in between stays what it was', () => {
  const detector = flapDetector()
  const verdicts = ['a', 'b', 'a', 'b', 'a', 'b', 'a'].map((state) => detector.observe(state))
  expect(verdicts.map(({ flapping }) => flapping)).toEqual([false, false, false, false, false, false, true])
  expect(verdicts.at(-1)).toMatchObject({ changed: 'started' })
  let verdict = detector.observe('a')
  let quiet = 1
  while (verdict.flapping) {
    expect(verdict.score).toBeGreaterThan(20)
    verdict = detector.observe('a')
    quiet += 1
  }
  expect(verdict).toMatchObject({ changed: 'stopped' })
  expect(verdict.score).toBeLessThanOrEqual(20)
  expect(quiet).toBeGreaterThan(5)
  expect(detector.observe('a').changed).toBeUndefined()
})

test('no more than six changes in a row are needed to notice it', () => {
  const detector = flapDetector()
  let changes = 0
  let state = 'a'
  detector.observe(state)
  while (!detector.observe((state = state === 'a' ? 'b' : 'a')).flapping) changes += 1
  expect(changes + 1).toBe(6)
})

test('forgets what is older than 21 states', () => {
  const detector = flapDetector()
  for (const state of ['a', 'b', 'a', 'b', 'a', 'b', 'a']) detector.observe(state)
  let last = detector.observe('a')
  for (let round = 0; round < 25; round += 1) last = detector.observe('a')
  expect(last.score).toBe(0)
  expect(detector.state().states).toHaveLength(21)
})

test('its state survives a restart', () => {
  const first = flapDetector()
  for (const state of ['a', 'b', 'a', 'b', 'a', 'b', 'a']) first.observe(state)
  const second = flapDetector({ state: JSON.parse(JSON.stringify(first.state())) })
  expect(second.observe('a')).toEqual(first.observe('a'))
})

test('refuses thresholds that cannot be', () => {
  expect(() => flapDetector({ startAt: 20, stopAt: 30 })).toThrow(/stopAt/)
  expect(() => flapDetector({ startAt: Number.NaN })).toThrow(/startAt/)
  expect(() => flapDetector({ state: { states: [1] as never, flapping: false } })).toThrow(/state\.states/)
})
