import { expect, test } from 'vitest'
import { safeguards } from './safeguards.ts'
import { simulateSeed } from './simulate.ts'

test('twenty nights of crashes, sleepers and lies break no rule', async () => {
  const nights = []
  for (let seed = 222; seed <= 241; seed += 1) nights.push(await simulateSeed(seed))
  expect(nights.flatMap(({ seed, violations }) => violations.map((why) => `pnpm simulate --seed ${seed}   # ${why}`))).toEqual([])
  // Nights in which nothing happens would prove nothing.
  expect(nights.reduce((sum, { effects }) => sum + effects, 0)).toBeGreaterThan(5)
  expect(nights.reduce((sum, { wakes }) => sum + wakes, 0)).toBeGreaterThan(10)
  expect(nights.reduce((sum, { crashes }) => sum + crashes, 0)).toBeGreaterThan(0)
})

test.each([
  [110, 'a hold on everything, placed through another responder, was not read before the first write'],
  [1216, 'a responder raised again what another had just lowered'],
  [6, 'two responders that saw different things argued about the level'],
])('seed %i breaks no rule any more: %s', async (seed) => {
  expect((await simulateSeed(seed)).violations).toEqual([])
})

test('the same seed leaves the same log, byte for byte', async () => {
  const [one, other] = [await simulateSeed(110), await simulateSeed(110)]
  expect(other.digest).toBe(one.digest)
  expect(one.events).toBeGreaterThan(20)
})

test('a safeguard that is taken away breaks a rule', async () => {
  const { violations } = await simulateSeed(101, safeguards['resolver'])
  expect(violations.join()).toContain('everythingEnds')
})
