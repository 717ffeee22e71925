import { compareSeverity, type Severity } from '@firebreak/core'
import { expect, test } from 'vitest'
import { classify, wilsonLowerBound } from './index.ts'

const level = (failed: number, requests: number): Severity | null =>
  classify([{ kind: 'errorRate', ratio: failed / requests, requests }]).severity

test.each([
  [1, 1, null],
  [4, 20, null],
  [5, 20, 'P1'],
  [9, 9, 'P1'],
  [10, 20, 'P1'],
  [60, 500, 'P1'],
  [100, 1000, 'P1'],
  [10, 10, 'P0'],
  [11, 20, 'P0'],
  [9, 100, 'P3'],
  [3, 20, null],
])('%i of %i failed requests are %s', (failed, requests, expected) => {
  expect(level(failed, requests)).toBe(expected)
})

test.each([
  [1, 10, 1.79],
  [1, 50, 0.35],
  [3, 50, 2.06],
  [5, 100, 2.15],
  [20, 1000, 1.3],
])('the Wilson lower bound of %i of %i is %d %%', (failed, requests, percent) => {
  expect(Number((wilsonLowerBound(failed, requests) * 100).toFixed(2))).toBe(percent)
})

test('the Wilson lower bound stays in 0…1 at the ends', () => {
  expect(wilsonLowerBound(0, 10)).toBe(0)
  expect(wilsonLowerBound(0, 0)).toBe(0)
  expect(wilsonLowerBound(10, 10)).toBeLessThan(1)
  expect(wilsonLowerBound(10, 10)).toBeCloseTo(10 / (10 + 1.96 ** 2), 12)
})

test('the number of failures is rounded: a ratio from a counter is rarely exact', () => {
  expect(classify([{ kind: 'errorRate', ratio: 0.4999, requests: 20 }]).severity).toBe('P1')
  expect(classify([{ kind: 'errorRate', ratio: 0.24, requests: 20.3 }]).severity).toBe('P1')
})

test('what is inconclusive says how many failed, of how many, and what would settle it', () => {
  expect(classify([{ kind: 'errorRate', ratio: 0.2, requests: 20 }]).inconclusive).toEqual([
    {
      rule: 'errorRate',
      observed: 0.2,
      why: '4 of 20 requests failed: too few to tell',
      settledBy: '5 or more failures, a wider window, or probes of our own',
    },
  ])
})

test('what a few failures of many do not prove is inconclusive too', () => {
  expect(classify([{ kind: 'errorRate', ratio: 9 / 500, requests: 500 }])).toMatchObject({
    severity: null,
    inconclusive: [{ settledBy: '10 or more failures, a wider window, or probes of our own' }],
  })
})

test('it is monotone in failures and in ratio over every f ≤ n ≤ 1,000', () => {
  let worse = 0
  const table: (Severity | null)[][] = []
  for (let requests = 1; requests <= 1000; requests += 1) {
    const row = Array.from({ length: requests + 1 }, (_, failed) => level(failed, requests))
    table[requests] = row
    for (let failed = 0; failed <= requests; failed += 1) {
      const more = row[failed + 1]
      if (failed < requests && compareSeverity(more ?? null, row[failed]!) > 0) worse += 1
      // The same failures of fewer requests are a higher ratio.
      const denser = failed < requests ? table[requests - 1]?.[failed] : undefined
      if (denser !== undefined && compareSeverity(denser, row[failed]!) > 0) worse += 1
      // More failures at the same ratio or a higher one.
      const half = Math.floor(requests / 2)
      const fewer = table[half]?.[Math.floor((failed * half) / requests)]
      if (fewer !== undefined && compareSeverity(row[failed]!, fewer) > 0) worse += 1
    }
  }
  expect(worse).toBe(0)
})
