import { expect, test } from 'vitest'
import { burnRateRules, classify, defineSeverityPolicy, standardPolicy } from './index.ts'

const day = 86_400_000
const factors = (days: number) => burnRateRules(days * day).map(({ factor }) => Number(factor.toFixed(3)))

test('over 30 and 28 days the factors are those of Sloth', () => {
  expect(factors(30)).toEqual([14.4, 6, 3, 1])
  expect(factors(28)).toEqual([13.44, 5.6, 2.8, 0.933])
  expect(burnRateRules()).toEqual(standardPolicy.burnRate)
})

test.each([
  [0.99, [518, 1296, 2592, 2592]],
  [0.999, [51.8, 129.6, 259.2, 259.2]],
  [0.9999, [5.2, 13, 25.9, 25.9]],
])('at an objective of %d a total outage is noticed by each rule in time', (slo, seconds) => {
  const policy = defineSeverityPolicy({ ...standardPolicy, slo })
  const noticed = policy.burnRate.map(({ longMs, shortMs, level }) => {
    const fires = (elapsedMs: number) => {
      const rate = (windowMs: number) => Math.min(1, elapsedMs / windowMs) / (1 - slo)
      const burn = { long: { rate: rate(longMs), windowMs: longMs }, short: { rate: rate(shortMs), windowMs: shortMs } }
      return classify([{ kind: 'burnRate', slo, ...burn }], policy).severity === level
    }
    let low = 0
    let high = longMs
    while (high - low > 1) {
      const middle = (low + high) / 2
      if (fires(middle)) high = middle
      else low = middle
    }
    return high / 1000
  })
  for (const [index, expected] of seconds.entries())
    expect(noticed[index]).toBeCloseTo(expected, expected > 100 ? 0 : 1)
})

test('error ratios at the thresholds of 99.9 % are 1.44, 0.6, 0.3 and 0.1 %', () => {
  const ratios = standardPolicy.burnRate.map(({ factor }) => Number((factor * 0.1).toFixed(2)))
  expect(ratios).toEqual([1.44, 0.6, 0.3, 0.1])
})

test.each([0, day, Number.NaN, Infinity])('a period of %d ms is refused', (period) => {
  expect(() => burnRateRules(period)).toThrow(/^periodMs/)
})
