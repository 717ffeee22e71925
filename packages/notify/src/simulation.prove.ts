import { expect, test } from 'vitest'
import { simulate } from './fixtures/simulate.ts'

test(
  'five hundred nights: no page lost, late, doubled, or after its acknowledgement',
  { timeout: 600_000 },
  async () => {
    const violations: string[] = []
    let pages = 0
    let crashes = 0
    for (let seed = 1_001; seed <= 1_500; seed += 1) {
      const night = await simulate(seed)
      violations.push(...night.violations)
      pages += night.pages
      crashes += night.crashes
    }
    expect(violations).toEqual([])
    expect(pages).toBeGreaterThan(5_000)
    expect(crashes).toBeGreaterThan(100)
  },
)
