import type { HealthSample, HealthSource } from '@firebreak/core'
import { createTestClock } from '@firebreak/core/testing'
import { expect, test } from 'vitest'
import { standardAutomation } from './automation.ts'
import { shop } from './fixtures/shop.ts'
import { imageBook } from './images.ts'
import { bake, watchFigures, type Verification } from './verify-rollback.ts'

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

/** Ten requests a second without an error, until nothing can be measured any more. */
function wellUntil(end: number): HealthSource {
  return {
    async sample({ since, until }): Promise<HealthSample> {
      const known = until <= end
      const [requests, errors, errorRatio] = known ? [(until - since) / 100, 0, 0] : [null, null, null]
      return { since, until, source: 'edge', requests, errors, errorRatio, p95Ms: null }
    },
  }
}

test.each([
  [40_000, /^0 of \d+ failed .*, for 40 s; for the last 20 s too little was seen to tell$/],
  [0, /^what the verification saw; in the 1 min after that too little was seen to tell$/],
  [60_000, /^0 of \d+ failed .*, for 1 min$/],
])(
  'a bake whose figures end after %i ms keeps what was last seen well, and says since when nobody knows',
  async (ms, why) => {
    const { clock, target } = shop()
    const { signal } = new AbortController()
    const [release] = await target.releases({ signal })
    const nothingToAsk = { target, units: [], release: release!, book: imageBook([], []) }
    const numbers = standardAutomation.judge
    const figures = { requests: 100, errors: 0, errorRatio: 0, p95Ms: null }
    const verified: Verification = { status: 'verified', why: 'what the verification saw', figures }
    const baked = await clock.run(
      bake(
        { ...nothingToAsk, health: wellUntil(clock.now() + ms), since: 0, numbers, clock, signal },
        verified,
        60_000,
      ),
    )
    expect(baked).toMatchObject({ status: 'verified', why: expect.stringMatching(why) as unknown })
    expect(baked?.figures).toMatchObject({ errors: 0, requests: expect.any(Number) as unknown })
  },
)
