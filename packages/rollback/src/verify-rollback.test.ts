import type { HealthSample, HealthSource } from '@firebreak/core'
import { createTestClock } from '@firebreak/core/testing'
import { expect, test } from 'vitest'
import { standardAutomation } from './automation.ts'
import { watchFigures } from './verify-rollback.ts'

const scrapeMs = 15_000

/** Counters that are read every 15 s: what is asked for since some time begins at the reading before it. */
function coarse(mendedAt: number): HealthSource {
  return {
    resolutionMs: scrapeMs,
    async sample({ since, until }): Promise<HealthSample> {
      const errors = Math.floor(since / scrapeMs) * scrapeMs < mendedAt ? 60 : 0
      return { since, until, source: 'coarse', requests: 100, errors, errorRatio: errors / 100, p95Ms: null }
    },
  }
}

test('requests from before the last unit settled are not held against it, however seldom the counters are read', async () => {
  const clock = createTestClock()
  await clock.advance(7_000)
  const since = clock.now()
  // As short as it gets: the first look that may count has to be the one that tells.
  const numbers = { ...standardAutomation.judge, verifyMs: 1 }
  const signal = new AbortController().signal
  const watched = await clock.run(watchFigures({ health: coarse(since), since, numbers, clock, signal }))
  expect(watched).toMatchObject({ status: 'verified' })
  expect(clock.now() - since).toBeGreaterThan(scrapeMs)
})
