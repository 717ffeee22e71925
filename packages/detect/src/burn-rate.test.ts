import { createTestClock } from '@firebreak/core/testing'
import { describe, expect, test } from 'vitest'
import { burnRate } from './burn-rate.ts'
import { wilsonLowerBound } from './wilson.ts'

const minute = 60_000
const hour = 60 * minute

/** Counters that go up by so many requests and errors every 15 s. */
function traffic(slo: number) {
  const clock = createTestClock()
  const rate = burnRate({ slo, clock })
  const counters = { requests: 0, errors: 0 }
  rate.observe(counters)
  return {
    clock,
    rate,
    run: async (milliseconds: number, requests: number, errors: number) => {
      for (let elapsed = 0; elapsed < milliseconds; elapsed += 15_000) {
        await clock.advance(15_000)
        counters.requests += requests
        counters.errors += errors
        rate.observe({ ...counters })
      }
    },
    over: (longMs: number) => rate.symptoms().find(({ long }) => long.windowMs === longMs),
  }
}

describe('burnRate', () => {
  test('1 uses up exactly the budget', async () => {
    const { run, over } = traffic(0.99)
    await run(hour, 1_000, 10)
    expect(over(hour)!.long.rate).toBeCloseTo(1, 6)
    expect(over(hour)!.short.rate).toBeCloseTo(1, 6)
  })

  test('a complete outage at 99.9 % is over 14.4 in both windows after about 51.8 s, and not half a minute before', async () => {
    const { run, over, clock } = traffic(0.999)
    await run(hour, 1_000, 0)
    const began = clock.now()
    const isOver = () => over(hour)!.long.rate > 14.4 && over(hour)!.short.rate > 14.4
    while (!isOver()) await run(15_000, 1_000, 1_000)
    const seconds = (clock.now() - began) / 1_000
    expect(seconds).toBeGreaterThanOrEqual(45)
    expect(seconds).toBeLessThanOrEqual(60)
  })

  test('clears with the short window', async () => {
    const { run, over } = traffic(0.999)
    await run(hour, 1_000, 0)
    await run(10 * minute, 1_000, 500)
    expect(over(hour)!.short.rate).toBeGreaterThan(14.4)
    await run(6 * minute, 1_000, 0)
    expect(over(hour)!.long.rate).toBeGreaterThan(14.4)
    expect(over(hour)!.short.rate).toBe(0)
  })

  test('one failed request of few does not look like a burnt budget', async () => {
    const { run, over } = traffic(0.999)
    await run(hour, 0, 0)
    await run(15_000, 10, 1)
    // Face value would be 100; what is certain of 1 in 10 is 1.79 %.
    expect(over(hour)!.long.rate).toBeCloseTo(0.0179 / 0.001, 1)
    await run(5 * minute, 50, 0)
    expect(over(hour)!.long.rate).toBeLessThan(2)
  })

  test('no requests, nothing known', async () => {
    const { run, rate } = traffic(0.999)
    expect(rate.symptoms()).toEqual([])
    await run(hour, 0, 0)
    expect(rate.symptoms()).toEqual([])
  })

  test('the pairs of the standard policy, each over its own windows', async () => {
    const { run, rate } = traffic(0.99)
    await run(8 * hour, 100, 0)
    await run(hour, 100, 50)
    const rates = Object.fromEntries(
      rate.symptoms().map(({ long, short }) => [`${long.windowMs / hour}h`, [long.rate, short.rate]]),
    )
    expect(Object.keys(rates)).toEqual(['1h', '6h', '24h', '72h'])
    expect(rates['1h']![0]).toBeCloseTo(50, 0)
    expect(rates['6h']![0]).toBeCloseTo(50 / 6, 0)
    expect(rates['24h']![0]).toBeCloseTo(50 / 9, 0)
    expect(rates['24h']![1]).toBeCloseTo(25, 0)
  })

  test('counters that begin again at 0 are a restart, not negative traffic', () => {
    const clock = createTestClock()
    const rate = burnRate({ slo: 0.9, clock })
    rate.observe({ requests: 1_000_000, errors: 900_000 })
    expect(rate.symptoms()).toEqual([])
    rate.observe({ requests: 100, errors: 20 })
    expect(rate.symptoms()[0]!.long.rate).toBeCloseTo(2, 6)
  })

  test('its state survives a restart, and stays small', async () => {
    const { run, rate, clock } = traffic(0.999)
    await run(5 * hour, 100, 1)
    const state = JSON.parse(JSON.stringify(rate.state()))
    expect(burnRate({ slo: 0.999, clock, state }).symptoms()).toEqual(rate.symptoms())
    await clock.advance(5 * 24 * hour)
    await run(15_000, 100, 1)
    expect(rate.state().slots.length).toBeLessThan(3)
  })

  test.each([
    [{ slo: 99.9 }, /0\.999/],
    [{ slo: 1 }, /slo/],
    [{ slo: Number.NaN }, /slo/],
    [{ slo: 0.9, windows: [] }, /windows/],
    [{ slo: 0.9, windows: [{ longMs: 1, shortMs: 2 }] }, /windows\[0\]\.longMs/],
  ])('refuses %o', (options, message) => {
    expect(() => burnRate(options)).toThrow(message)
  })

  test('refuses counters that cannot be', () => {
    const rate = burnRate({ slo: 0.9 })
    expect(() => rate.observe({ requests: 5, errors: 6 })).toThrow(/errors/)
    expect(() => rate.observe({ requests: Number.NaN, errors: 0 })).toThrow(/requests/)
  })
})

test.each([
  [1, 10, '1.79'],
  [1, 50, '0.35'],
  [3, 50, '2.06'],
  [5, 100, '2.15'],
  [20, 1_000, '1.30'],
])('the Wilson lower bound of %d in %d is %s %%', (failures, trials, percent) => {
  expect((100 * wilsonLowerBound(failures, trials)).toFixed(2)).toBe(percent)
})
