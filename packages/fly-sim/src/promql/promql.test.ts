import { describe, expect, test } from 'vitest'
import type { Metrics } from '../metrics/metrics.ts'
import { computedSeries, createGrid } from '../metrics/series.ts'
import type { Labels, Series } from '../metrics/series.ts'
import { createEvaluator } from './evaluate.ts'
import { QueryError } from './lex.ts'
import { parse } from './parse.ts'
import type { Value } from './value.ts'

const grid = createGrid(1_000, 0, () => false)
const line = (name: string, labels: Labels, valueAt: (seconds: number) => number | undefined): Series =>
  computedSeries(name, { app: 'a', ...labels }, grid, (time) => valueAt(time / 1_000))

/** Two machines: one well at 10/s, one that fails 30 % of 10/s from second 100 on. */
const all: readonly Series[] = [
  line('hits', { instance: 'm1', status: '200' }, (second) => second * 10),
  line(
    'hits',
    { instance: 'm2', status: '200' },
    (second) => Math.min(second, 100) * 10 + Math.max(0, second - 100) * 7,
  ),
  line('hits', { instance: 'm2', status: '500' }, (second) => (second > 100 ? (second - 100) * 3 : undefined)),
  line('seconds_bucket', { le: '0.1' }, (second) => second * 5),
  line('seconds_bucket', { le: '0.5' }, (second) => second * 9),
  line('seconds_bucket', { le: '+Inf' }, (second) => second * 10),
  line('up', { instance: 'm1' }, () => 1),
  line('up', { instance: 'm2' }, (second) => (second < 150 ? 1 : undefined)),
  line('saw', {}, (second) => second % 10),
]
const metrics: Metrics = {
  grid,
  bounds: [],
  names: () => [...new Set(all.map(({ name }) => name))],
  select: (name) => all.filter((series) => series.name === name),
  count: () => undefined,
  running: () => undefined,
  exited: () => undefined,
  ended: () => undefined,
}

const value = (query: string, second = 200): Value => createEvaluator(metrics, 300_000).at(parse(query), second * 1_000)
const points = (query: string, second?: number) => {
  const found = value(query, second)
  return found.kind === 'vector' ? found.points : [{ labels: {}, value: Number(found.value) }]
}
const one = (query: string, second?: number) => points(query, second)[0]?.value

describe('rates', () => {
  test('grow as the counter grew', () => {
    expect(one('rate(hits{instance="m1"}[10s])')).toBeCloseTo(10, 9)
    expect(one('increase(hits{instance="m1"}[1m])')).toBeCloseTo(600, 9)
    expect(one('irate(hits{instance="m1"}[10s])')).toBeCloseTo(10, 9)
  })

  test('work over windows as short as one scrape', () => {
    expect(one('rate(hits{instance="m1"}[1s])')).toBeCloseTo(10, 9)
  })

  test('count a series that was born in the window from zero, over the whole window', () => {
    const ratio = 'sum(rate(hits{status="500"}[20s])) / sum(rate(hits[20s]))'
    expect(one(ratio, 110)).toBeCloseTo(30 / 400, 9)
  })

  test('take a counter that fell for one that began anew', () => {
    expect(one('increase(saw[20s])', 205)).toBe(18)
  })

  test('of the window alone: from its first sample to its last', () => {
    expect(one('increase_prometheus(hits{instance="m1"}[10s])')).toBeCloseTo(90, 9)
    expect(one('increase_prometheus(hits{instance="m1"}[1s])')).toBeUndefined()
  })

  test('may be written without brackets', () => {
    expect(one('rate(hits{instance="m1"})')).toBeCloseTo(10, 9)
  })
})

describe('the queries that a rollback asks', () => {
  test('error ratio', () => {
    const ratio = (status: string) =>
      `sum(rate(hits{app="a",status=~"${status}"}[10s])) / clamp_min(sum(rate(hits{app="a"}[10s])), 1e-9)`
    expect(one(ratio('5..'))).toBeCloseTo(3 / 20, 9)
    expect(points(ratio('4..'))).toEqual([])
    expect(one(`${ratio('4..')} or vector(0)`)).toBe(0)
  })

  test('by machine', () => {
    const byMachine = points('sum by (instance) (rate(hits{status!~"2.."}[10s])) / sum by (instance) (rate(hits[10s]))')
    expect(byMachine).toEqual([{ labels: { instance: 'm2' }, value: expect.closeTo(0.3, 9) as number }])
  })

  test('percentile', () => {
    expect(one('histogram_quantile(0.5, sum by (le) (rate(seconds_bucket[10s])))')).toBeCloseTo(0.1, 9)
    expect(one('histogram_quantile(0.95, sum by (le) (rate(seconds_bucket{app="a"}[10s])))')).toBe(0.5)
    expect(one('histogram_quantile(0.7, seconds_bucket)')).toBeCloseTo(0.3, 9)
  })

  test('extremes over time, counts, what is missing', () => {
    expect(one('max_over_time(saw[10s])')).toBe(9)
    expect(one('count(up)', 140)).toBe(2)
    expect(one('count(up == 1)', 500)).toBe(1)
    expect(one('absent(nothing{app="x"})')).toBe(1)
    expect(points('absent(up)')).toEqual([])
  })
})

describe('arithmetic', () => {
  test.each([
    ['1 + 2 * 3 ^ 2', 19],
    ['-2 ^ 2', -4],
    ['(1 + 2) * 3', 9],
    ['7 % 4', 3],
    ['1 / 0', Infinity],
    ['2 > bool 1', 1],
    ['scalar(vector(4)) - 1e0', 3],
    ['time()', 200],
  ])('%s is %s', (query, expected) => {
    expect(one(query)).toBe(expected)
  })

  test('a comparison filters and keeps the name, unless it says bool', () => {
    expect(points('saw > 3', 205)).toEqual([{ labels: { __name__: 'saw', app: 'a' }, value: 5 }])
    expect(points('saw > 7', 205)).toEqual([])
    expect(one('saw > bool 7', 205)).toBe(0)
  })

  test('vectors match by their labels, by some of them, or not at all', () => {
    expect(points('hits{status="200"} - ignoring(status) hits{status="500"}')).toHaveLength(1)
    expect(points('up and on(instance) hits{status="500"}', 140)).toHaveLength(1)
    expect(points('up unless on(instance) hits{status="500"}', 140)[0]?.labels['instance']).toBe('m1')
    expect(() => value('up * on(app) hits')).toThrow(QueryError)
  })

  test('aggregations fold what they should', () => {
    expect(one('avg(rate(hits{status="200"}[10s]))')).toBeCloseTo(8.5, 9)
    expect(points('sum without (instance, status) (hits)')[0]?.labels).toEqual({ app: 'a' })
    expect(points('topk(1, hits)')[0]?.labels['instance']).toBe('m1')
    expect(one('quantile(0.5, hits)')).toBeCloseTo(1_700, 9)
  })

  test('an offset looks back', () => {
    expect(one('hits{instance="m1"} offset 1m')).toBe(1_400)
  })
})

describe('what is not understood is refused, never guessed', () => {
  test.each([
    '',
    'sum(',
    'rate(hits[5m]',
    'hits{status=500}',
    'hits[5x]',
    'foo(hits)',
    'clamp_min(hits)',
    'hits[5m:1m]',
    'hits @ 5',
    'hits * on(app) group_left up',
    '{}',
    'hits{a=~"("}',
    '1 == 1',
    'sum(hits) by',
    'rate(1)',
    '"text" + 1',
    'hits $ 1',
  ])('%s', (query) => {
    expect(() => value(query)).toThrow(QueryError)
  })
})
