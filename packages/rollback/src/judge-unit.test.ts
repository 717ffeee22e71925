import type { HealthFigures } from '@firebreak/core'
import { expect, test } from 'vitest'
import { minute, shop } from './fixtures/shop.ts'
import { standardAutomation } from './index.ts'
import { judgeUnit } from './judge-unit.ts'

const figures = (errors: number, requests: number, p95Ms: number | null = 200): HealthFigures => ({
  requests,
  errors,
  errorRatio: requests === 0 ? null : errors / requests,
  p95Ms,
})
const nothing = figures(0, 0, null)

/** What `m1` answered before, what it answers since, and what the others, which were not changed, answer meanwhile. */
async function judged(
  before: HealthFigures | null,
  m1: HealthFigures,
  others: readonly [HealthFigures, HealthFigures],
  wasServing = true,
) {
  const { clock, target } = shop()
  const since = clock.now()
  await clock.advance(minute)
  const [m2, m3] = others
  const health = {
    sample: () => Promise.resolve({ ...figures(0, 0), since, until: clock.now(), source: 'x', units: { m1, m2, m3 } }),
  }
  const { judgement } = await clock.run(
    judgeUnit({
      target,
      id: 'm1',
      others: ['m2', 'm3'],
      health,
      before,
      wasServing,
      since,
      numbers: standardAutomation.judge,
      clock,
      signal: new AbortController().signal,
      stopped: () => undefined,
    }),
  )
  return judgement
}

test('beside others that are as ill as it was, the one that is well is better', async () => {
  expect(await judged(figures(60, 100), figures(0, 100), [figures(60, 100), figures(60, 100)])).toBe('better')
  expect(await judged(figures(60, 100), figures(60, 100), [figures(60, 100), figures(60, 100)])).toBe('worse')
})

test('when the others, which were not changed, became well too, nothing can be told; and it is not "as ill"', async () => {
  expect(await judged(figures(60, 100), figures(0, 100), [figures(0, 100), figures(0, 100)])).toBe('inconclusive')
  const [slow, fast] = [figures(0, 100, 900), figures(0, 100, 200)]
  expect(await judged(slow, fast, [fast, fast])).toBe('inconclusive')
  expect(await judged(figures(60, 100), figures(60, 100), [figures(0, 100), figures(0, 100)])).toBe('worse')
})

test('one that was out of the pool and serves well again is better, however fast the others are', async () => {
  for (const before of [nothing, null, figures(0, 20)])
    expect(await judged(before, figures(0, 100), [nothing, figures(0, 100)], false)).toBe('better')
  expect(await judged(nothing, figures(60, 100), [nothing, figures(0, 100)], false)).toBe('worse')
  expect(await judged(figures(60, 100), figures(0, 100), [nothing, figures(0, 100)], false)).toBe('better')
})

test('where errors are not the trouble, it is as fast or as slow as the others', async () => {
  const [slow, fast] = [figures(0, 100, 900), figures(0, 100, 200)]
  expect(await judged(slow, fast, [slow, slow])).toBe('better')
  expect(await judged(slow, slow, [slow, slow])).toBe('worse')
})
