import { seededRandom, type HealthFigures } from '@firebreak/core'
import { describe, expect, test } from 'vitest'
import { compareSamples } from './index.ts'
import { wilson } from './compare-samples.ts'

const figures = (errors: number, requests: number, p95Ms: number | null = null): HealthFigures => ({
  requests,
  errors,
  errorRatio: requests === 0 ? null : errors / requests,
  p95Ms,
})
const judge = (before: HealthFigures | null, after: HealthFigures | null) => compareSamples(before, after).judgement

test.each([
  ['the drill: 0 of 44 against 72 of 118', figures(72, 118), figures(0, 44), 'better'],
  ['as ill', figures(72, 118), figures(27, 44), 'worse'],
  ['worse', figures(30, 100), figures(80, 100), 'worse'],
  ['half as ill is better, and the verification has the last word', figures(600, 1_000), figures(300, 1_000), 'better'],
  ['29 requests prove nothing', figures(72, 118), figures(0, 29), 'inconclusive'],
  ['30 requests do', figures(72, 118), figures(0, 30), 'better'],
  ['no traffic is not "no errors"', figures(72, 118), figures(0, 0), 'inconclusive'],
  ['too close to tell', figures(20, 60), figures(12, 60), 'inconclusive'],
  ['errors that were not there before', figures(1, 1_000), figures(30, 100), 'worse'],
  ['nothing to compare with, and well', null, figures(0, 40), 'better'],
  ['nothing to compare with, and ill', null, figures(30, 40), 'worse'],
  ['nothing known of after', figures(72, 118), null, 'inconclusive'],
  ['slow, and fast again', figures(0, 100, 900), figures(0, 100, 300), 'better'],
  ['slow, and as slow', figures(0, 100, 900), figures(0, 100, 880), 'worse'],
  ['slow, and a little faster', figures(0, 100, 900), figures(0, 100, 700), 'inconclusive'],
  ['fast before and fast after: there was nothing to cure', figures(0, 100, 40), figures(0, 100, 40), 'inconclusive'],
  ['errors were not the trouble, and latency is not known', figures(0, 100), figures(0, 100), 'inconclusive'],
])('%s', (_name, before, after, verdict) => {
  expect(judge(before, after)).toBe(verdict)
})

test('the sentence has both figures with their denominators', () => {
  expect(compareSamples(figures(72, 118), figures(0, 44)).why).toBe('0 of 44 failed, 72 of 118 before')
})

test('figures without a count of errors are read from the ratio', () => {
  const after = { requests: 100, errors: null, errorRatio: 0.6, p95Ms: null }
  expect(judge(figures(60, 100), after)).toBe('worse')
})

test("Wilson's interval, against values worked out elsewhere", () => {
  const [low, high] = wilson({ requests: 20, errors: 4 }, 1.96)
  expect(low).toBeCloseTo(0.0807, 4)
  expect(high).toBeCloseTo(0.416, 4)
  expect(wilson({ requests: 0, errors: 0 })).toEqual([0, 1])
})

describe('looking after every poll', () => {
  /** A stream judged after every 10 requests, against an ill baseline; the first verdict counts. */
  function firstVerdict(random: () => number, ratio: number): string {
    const before = figures(Math.round(0.6 * 400), 400)
    let errors = 0
    for (let requests = 1; requests <= 400; requests += 1) {
      errors += random() < ratio ? 1 : 0
      if (requests % 10 !== 0) continue
      const verdict = judge(before, figures(errors, requests))
      if (verdict !== 'inconclusive') return verdict
    }
    return 'inconclusive'
  }

  test('an image that is as ill is called better in at most 5 % of 1,000 streams', () => {
    const random = seededRandom(7)
    const verdicts = Array.from({ length: 1_000 }, () => firstVerdict(random, 0.6))
    expect(verdicts.filter((verdict) => verdict === 'better').length).toBeLessThanOrEqual(50)
    expect(verdicts.filter((verdict) => verdict === 'worse').length).toBeGreaterThan(900)
  })

  test('a good image is never called as ill, and known to be better soon', () => {
    const random = seededRandom(8)
    const verdicts = Array.from({ length: 1_000 }, () => firstVerdict(random, 0.01))
    expect(new Set(verdicts)).toEqual(new Set(['better']))
  })
})
