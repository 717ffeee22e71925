import { expect, test } from 'vitest'
import { describeReason, formatDuration, formatNumber, formatPercent, oneLine } from './index.ts'

test('a rounded figure never looks equal to the threshold that it is over', () => {
  expect(formatPercent(0.50001, 0.5)).toBe('50.001 %')
  expect(formatPercent(0.49999, 0.5)).toBe('49.999 %')
  expect(formatPercent(0.5, 0.5)).toBe('50 %')
  expect(formatPercent(0.07, 0.07)).toBe('7 %')
  expect(formatNumber(2.0005, 2)).toBe('2.001')
})

test('a figure is rounded to what a person reads, and a small one is never 0', () => {
  expect([0.6066, 0.066, 0.1, 0.001, 1, 0].map((ratio) => formatPercent(ratio))).toEqual([
    '61 %',
    '6.6 %',
    '10 %',
    '0.1 %',
    '100 %',
    '0 %',
  ])
  expect(formatPercent(0.000_012)).toBe('0.001 %')
})

test('a duration is in the largest unit that divides it', () => {
  expect([90_000, 600_000, 7_200_000, 259_200_000, 1234, 0].map(formatDuration)).toEqual([
    '90 s',
    '10 min',
    '2 h',
    '3 d',
    '1234 ms',
    '0 ms',
  ])
})

test('text of others becomes one bounded line without control or direction characters', () => {
  expect(oneLine('a\u001b[31m\r\nb\u001b]8;;http://evil.example\u0007\u202Ec\u200b\u0007 d')).toBe('a b c d')
  expect(oneLine('x'.repeat(1_000_000))).toHaveLength(160)
})

test('a reason of an unknown rule is still a sentence', () => {
  const reason = { level: 'P1', rule: 'queue\ndepth', observed: 12, threshold: 10 } as const
  expect(describeReason(reason)).toBe('queue depth: 12 (threshold 10)')
  expect(describeReason({ ...reason, rule: 'constructor' })).toBe('constructor: 12 (threshold 10)')
})

test('a reason without details is still a sentence', () => {
  const sentence = (rule: string, observed: number | string, threshold: number | string) =>
    describeReason({ level: 'P1', rule, observed, threshold })
  expect(sentence('errorRate', 0.61, 0.5)).toBe('error rate 61 % is over 50 %')
  expect(sentence('errorRate', 0.1, 0.1)).toBe('error rate 10 % is 10 % or more')
  expect(sentence('latency', 2.05, 2)).toBe('response time 2.05 × is over 2 × baseline')
  expect(sentence('checks', 0, 0)).toBe('health checks fail')
  expect(sentence('dependency', 'unavailable', 'database')).toBe('dependency is unavailable')
})
