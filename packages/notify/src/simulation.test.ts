import { expect, test } from 'vitest'
import { simulate } from './fixtures/simulate.ts'

test('nights of outages, crashes and sleepers: no page lost, late, doubled, or after its acknowledgement', async () => {
  const violations: string[] = []
  for (let seed = 1; seed <= 15; seed += 1) violations.push(...(await simulate(seed)).violations)
  expect(violations).toEqual([])
})
