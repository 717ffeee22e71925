import { expect, test } from 'vitest'
import { proveSafeguards } from './prove-safeguards.ts'
import { safeguards } from './safeguards.ts'
import { simulate } from './simulate.ts'

test('sixty nights break no rule', async () => {
  const broken: string[] = []
  const { crashes, effects, wakes } = await simulate({ first: 10_001, count: 60 }, (line) => broken.push(line))
  expect(broken).toEqual([])
  // Nights in which nothing happens would prove nothing.
  expect(Math.min(crashes, effects, wakes)).toBeGreaterThan(5)
})

test('every safeguard that is taken away breaks a rule, and none does while all are in place', async () => {
  expect(Object.keys(safeguards).length).toBeGreaterThanOrEqual(10)
  const told: string[] = []
  const proven = await proveSafeguards({ first: 1, count: 200 }, (line) => told.push(line))
  expect(proven, told.join('\n')).toBe(true)
})
