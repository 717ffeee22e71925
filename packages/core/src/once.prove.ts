import { expect, test } from 'vitest'
import { tellStory } from './fixtures/once-world.ts'

test('2,000 seeds: no redundant effect, no two holders, one outcome', async () => {
  let takeovers = 0
  const violations: unknown[] = []
  for (let seed = 1; seed <= 2_000; seed += 1) {
    const { applied, doubleHolds, events, attempts, pending } = await tellStory(seed)
    const outcomes = events.filter(({ type }) => type === 'own.done').length
    takeovers += attempts - 1
    if (applied.some((times) => times !== 1) || doubleHolds > 0 || outcomes !== 1 || pending > 0)
      violations.push({ seed, applied, doubleHolds, outcomes, pending })
  }
  expect(violations).toEqual([])
  expect(takeovers).toBeGreaterThan(500)
})
