import { InvalidInput, type Severity, type Symptom } from '@firebreak/core'
import { describe, expect, test } from 'vitest'
import { classify, defineSeverityPolicy, describeReason, standardPolicy } from './index.ts'

const level = (...symptoms: Symptom[]) => classify(symptoms).severity
const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const tiny = 1e-9

type Row = readonly [string, Symptom, Severity | null]

const ratio = (value: number): Symptom => ({ kind: 'errorRate', ratio: value })
const slow = (multiple: number, baselineMs = 1_000): Symptom => ({
  kind: 'latency',
  ms: multiple * baselineMs,
  baselineMs,
})
const used = (resource: 'memory' | 'cpu' | 'disk' | 'concurrency', value: number): Symptom => ({
  kind: 'capacity',
  resource,
  used: value,
})
const checks = (passing: number, total: number, intermittent = false): Symptom => ({
  kind: 'checks',
  passing,
  total,
  intermittent,
})
const crash = (count: number, more: Partial<Extract<Symptom, { kind: 'crash' }>> = {}): Symptom => ({
  kind: 'crash',
  oom: false,
  exitCode: 1,
  count,
  windowMs: 10 * minute,
  ...more,
})

const rows: readonly Row[] = [
  ['all requests fail', ratio(1), 'P0'],
  ['an error ratio just over 50 %', ratio(0.5 + tiny), 'P0'],
  ['an error ratio of exactly 50 %', ratio(0.5), 'P1'],
  ['an error ratio of exactly 10 %', ratio(0.1), 'P1'],
  ['an error ratio just below 10 %', ratio(0.1 - tiny), 'P2'],
  ['an error ratio of exactly 5 %', ratio(0.05), 'P2'],
  ['an error ratio just below 5 %', ratio(0.05 - tiny), 'P3'],
  ['an error ratio of exactly 1 %', ratio(0.01), 'P3'],
  ['an error ratio just below 1 %', ratio(0.01 - tiny), null],
  ['no errors', ratio(0), null],
  ['a response time just over twice the baseline', slow(2 + tiny), 'P1'],
  ['a response time of exactly twice the baseline', slow(2), 'P2'],
  ['a response time of exactly 1.5 times the baseline', slow(1.5), 'P2'],
  ['a response time just below 1.5 times the baseline', slow(1.5 - tiny), null],
  ['p95 of 400.0 ms over 200 ms', { kind: 'latency', ms: 400, baselineMs: 200 }, 'P2'],
  ['p95 of 400.1 ms over 200 ms', { kind: 'latency', ms: 400.1, baselineMs: 200 }, 'P1'],
  ['ten times the baseline, but only 49.9 ms more', { kind: 'latency', ms: 55.4, baselineMs: 5.5 }, null],
  ['a difference of exactly 50 ms', { kind: 'latency', ms: 60, baselineMs: 10 }, 'P1'],
  ['29 samples', { kind: 'latency', ms: 900, baselineMs: 200, samples: 29 }, null],
  ['30 samples', { kind: 'latency', ms: 900, baselineMs: 200, samples: 30 }, 'P1'],
  ['a complete outage', { kind: 'outage', extent: 'complete' }, 'P0'],
  ['a partial outage', { kind: 'outage', extent: 'partial' }, 'P1'],
  ['no check of one passes', checks(0, 1), 'P0'],
  ['no check of three passes, intermittently', checks(0, 3, true), 'P0'],
  ['one check of three passes', checks(1, 3), 'P1'],
  ['two checks of three pass', checks(2, 3), 'P1'],
  ['all checks pass now, but intermittently', checks(3, 3, true), 'P1'],
  ['all checks pass', checks(3, 3), null],
  ['no check of none passes', checks(0, 0), null],
  ['a security incident', { kind: 'security', detail: 'keys in a gist' }, 'P0'],
  ['an unavailable database', { kind: 'dependency', name: 'pg', role: 'database' }, 'P0'],
  ['another unavailable dependency', { kind: 'dependency', name: 'mail', role: 'other' }, 'P2'],
  ['a broken critical function', { kind: 'function', name: 'payment', critical: true }, 'P0'],
  ['a broken other function', { kind: 'function', name: 'avatars', critical: false }, 'P2'],
  ['3 crashes in 10 min', crash(3), 'P1'],
  ['3 crashes in less than 10 min', crash(3, { windowMs: minute }), 'P1'],
  ['2 crashes in 10 min', crash(2), 'P2'],
  ['1 crash', crash(1), 'P2'],
  ['3 crashes in 20 min, of which 2 must lie within 10 min', crash(3, { windowMs: 20 * minute }), 'P2'],
  ['5 crashes in 20 min, of which 3 must lie within 10 min', crash(5, { windowMs: 20 * minute }), 'P1'],
  ['a crash whose exit code nobody knows', { kind: 'crash', oom: false, count: 1, windowMs: minute }, 'P2'],
  ['requested stops', crash(9, { exitCode: 0 }), null],
  ['exit 0 after running out of memory', crash(3, { exitCode: 0, oom: true }), 'P1'],
  ['no crash', crash(0), null],
  ['a disk 95 % full', used('disk', 0.95), 'P1'],
  ['a disk just below 95 %', used('disk', 0.95 - tiny), 'P3'],
  ['a disk 85 % full', used('disk', 0.85), 'P3'],
  ['a disk just below 85 %', used('disk', 0.85 - tiny), null],
  ...(['memory', 'cpu', 'concurrency'] as const).flatMap((resource): Row[] => [
    [`${resource} at 95 %`, used(resource, 0.95), 'P2'],
    [`${resource} just below 95 %`, used(resource, 0.95 - tiny), 'P3'],
    [`${resource} at 85 %`, used(resource, 0.85), 'P3'],
    [`${resource} just below 85 %`, used(resource, 0.85 - tiny), null],
  ]),
  ['a warning', { kind: 'warning', detail: 'disk grows' }, 'P3'],
  ['stated as P0', { kind: 'stated', severity: 'P0' }, 'P0'],
  ['stated as P2', { kind: 'stated', severity: 'P2' }, 'P2'],
]

test.each(rows)('%s', (_name, symptom, expected) => {
  expect(level(symptom)).toBe(expected)
})

describe('burn rates', () => {
  const withObjective = defineSeverityPolicy({ ...standardPolicy, slo: 0.999 })
  const burn = (long: number, longMs: number, short: number, shortMs: number, slo = 0.999): Symptom => ({
    kind: 'burnRate',
    slo,
    long: { rate: long, windowMs: longMs },
    short: { rate: short, windowMs: shortMs },
  })
  const judged = (symptom: Symptom) => classify([symptom], withObjective).severity

  test.each([
    [14.4, hour, 5 * minute, 'P1'],
    [6, 6 * hour, 30 * minute, 'P1'],
    [3, day, 2 * hour, 'P2'],
    [1, 3 * day, 6 * hour, 'P3'],
  ] as const)('over %d in both windows of its rule', (factor, longMs, shortMs, expected) => {
    expect(judged(burn(factor + tiny, longMs, factor + tiny, shortMs))).toBe(expected)
    expect(judged(burn(factor, longMs, factor + 1, shortMs))).toBe(null)
    expect(judged(burn(factor + 1, longMs, factor, shortMs))).toBe(null)
  })

  test('are judged only where the policy states an objective', () => {
    const { severity, inconclusive } = classify([burn(100, hour, 100, 5 * minute)])
    expect(severity).toBe(null)
    expect(inconclusive).toMatchObject([{ rule: 'burnRate', settledBy: 'an slo in the policy' }])
  })

  test('against another objective are converted to the errors that they are', () => {
    // 2 % errors: 2 times a budget of 1 %, 20 times one of 0.1 %.
    expect(judged(burn(2, hour, 2, 5 * minute, 0.99))).toBe('P1')
    expect(judged(burn(1.4, hour, 1.4, 5 * minute, 0.99))).toBe(null)
  })

  test('over windows that no rule has are inconclusive', () => {
    expect(classify([burn(100, 2 * hour, 100, minute)], withObjective)).toMatchObject({
      severity: null,
      inconclusive: [{ rule: 'burnRate', why: 'the policy has no rule for these windows' }],
    })
  })
})

describe('a verdict', () => {
  test('has the worst level and every reason, worst first, whatever the order of the symptoms', () => {
    const symptoms = [ratio(0.02), checks(0, 3), slow(3)]
    const { severity, reasons } = classify(symptoms)
    expect(severity).toBe('P0')
    expect(reasons.map((reason) => [reason.level, reason.rule])).toEqual([
      ['P0', 'checks'],
      ['P1', 'latency'],
      ['P3', 'errorRate'],
    ])
    expect(classify(symptoms.toReversed())).toEqual(classify(symptoms))
  })

  test('over several windows is that of the worst conclusive one', () => {
    const minuteWindow: Symptom = { kind: 'errorRate', ratio: 0.2, requests: 20, windowMs: minute }
    const fiveMinutes: Symptom = { kind: 'errorRate', ratio: 0.06, requests: 600, windowMs: 5 * minute }
    const { severity, inconclusive } = classify([minuteWindow, fiveMinutes])
    expect(severity).toBe('P2')
    expect(inconclusive).toMatchObject([{ rule: 'errorRate', why: '4 of 20 requests failed: too few to tell' }])
  })

  test.each([
    [checks(0, 0), 'checks'],
    [{ kind: 'errorRate', ratio: 0, requests: 0 }, 'errorRate'],
    [{ kind: 'latency', ms: 900, baselineMs: 200, samples: 3 }, 'latency'],
    [{ kind: 'latency', ms: 900, baselineMs: 0 }, 'latency'],
    [{ kind: 'latency', ms: 0, baselineMs: 200, samples: 0 }, 'latency'],
  ] satisfies [Symptom, string][])('lists what could not be judged, and what would settle it: %o', (symptom, rule) => {
    const { severity, inconclusive } = classify([symptom])
    expect(severity).toBe(null)
    expect(inconclusive).toMatchObject([{ rule, settledBy: expect.stringMatching(/./) }])
  })

  test('lists nothing as inconclusive that is simply well', () => {
    const well: Symptom[] = [{ kind: 'errorRate', ratio: 0.001, requests: 4000 }, checks(3, 3), slow(1)]
    expect(classify(well)).toEqual({ severity: null, reasons: [], inconclusive: [] })
    expect(classify([])).toEqual({ severity: null, reasons: [], inconclusive: [] })
  })
})

describe('sentences', () => {
  const sentences = (...symptoms: Symptom[]) => classify(symptoms).reasons.map(describeReason)

  test.each([
    [
      { kind: 'errorRate', ratio: 111 / 183, requests: 183 },
      'error rate 61 % is over 50 % (111 of 183), our reading of the runbook',
    ],
    [{ kind: 'errorRate', ratio: 17 / 61, requests: 61 }, 'error rate 28 % is 10 % or more (17 of 61)'],
    [{ kind: 'errorRate', ratio: 0.2 }, 'error rate 20 % is 10 % or more (volume unknown)'],
    [
      { kind: 'errorRate', ratio: 0.25, requests: 20 },
      'error rate 25 % (5 of 20): few requests, surely over 11 %, so P1',
    ],
    [
      { kind: 'latency', ms: 410, baselineMs: 200 },
      'response time 2.05 × is over 2 × baseline (410 ms, baseline 200 ms)',
    ],
    [
      { kind: 'errorRate', ratio: 0.6, requests: 182.6 },
      'error rate 60 % is over 50 % (110 of 183), our reading of the runbook',
    ],
    [checks(0, 3), '0 of 3 checks pass'],
    [checks(3, 3, true), 'checks fail intermittently (3 of 3 checks pass now)'],
    [crash(4, { oom: true }), '4 crashes in 10 min, out of memory; 3 in 10 min is a crash loop'],
    [crash(1, { exitCode: 137 }), '1 crash in 10 min, exit code 137; 3 in 10 min is a crash loop'],
    [used('disk', 0.96), 'disk 96 % is 95 % or more'],
    [{ kind: 'outage', extent: 'complete' }, 'complete outage'],
    [{ kind: 'security', detail: 'keys\nin a gist' }, 'security incident: keys in a gist'],
    [{ kind: 'dependency', name: 'postgres', role: 'database' }, 'database postgres is unavailable'],
    [{ kind: 'function', name: 'checkout', critical: true }, 'critical function checkout is broken'],
    [{ kind: 'function', name: 'avatars', critical: false }, 'non-critical function avatars is broken'],
    [{ kind: 'warning', detail: 'slow query' }, 'warning: slow query'],
    [{ kind: 'stated', severity: 'P1' }, 'stated as P1'],
  ] satisfies [Symptom, string][])('%o', (symptom, sentence) => {
    expect(sentences(symptom)).toEqual([sentence])
  })

  test('a figure that rounds to its threshold is told with the digits that decide', () => {
    expect(sentences(ratio(0.500001))).toEqual([
      'error rate 50.0001 % is over 50 % (volume unknown), our reading of the runbook',
    ])
  })
})

describe('bad input is refused, and the field is named', () => {
  const refused = (symptom: unknown) => {
    try {
      classify([{ kind: 'warning', detail: '' }, symptom as Symptom])
    } catch (error) {
      if (error instanceof InvalidInput) return error
      throw error
    }
    throw new Error('was accepted')
  }
  const bad: readonly (readonly [unknown, string])[] = [
    ...[Number.NaN, Infinity, -Infinity, -0.1, 1.0001, 12, '0.5', null, undefined].map(
      (value) => [{ kind: 'errorRate', ratio: value }, 'symptoms[1].ratio'] as const,
    ),
    ...[Number.NaN, Infinity, -1, '9'].flatMap(
      (value) =>
        [
          [{ kind: 'errorRate', ratio: 0.1, requests: value }, 'symptoms[1].requests'],
          [{ kind: 'errorRate', ratio: 0.1, windowMs: value }, 'symptoms[1].windowMs'],
          [{ kind: 'latency', ms: value, baselineMs: 1 }, 'symptoms[1].ms'],
          [{ kind: 'latency', ms: 1, baselineMs: value }, 'symptoms[1].baselineMs'],
          [{ kind: 'latency', ms: 1, baselineMs: 1, samples: value }, 'symptoms[1].samples'],
          [{ kind: 'checks', passing: value, total: 9, intermittent: false }, 'symptoms[1].passing'],
          [{ kind: 'checks', passing: 0, total: value, intermittent: false }, 'symptoms[1].total'],
          [{ ...crash(1), count: value }, 'symptoms[1].count'],
          [{ ...crash(1), windowMs: value }, 'symptoms[1].windowMs'],
          [{ kind: 'capacity', resource: 'cpu', used: value }, 'symptoms[1].used'],
        ] as const,
    ),
    [{ kind: 'capacity', resource: 'cpu', used: 97 }, 'symptoms[1].used'],
    [{ kind: 'capacity', resource: 'ram', used: 0.5 }, 'symptoms[1].resource'],
    [{ ...crash(1), count: 1.5 }, 'symptoms[1].count'],
    [{ ...crash(1), exitCode: Number.NaN }, 'symptoms[1].exitCode'],
    [{ ...crash(1), oom: 'yes' }, 'symptoms[1].oom'],
    [{ kind: 'checks', passing: 4, total: 3, intermittent: false }, 'symptoms[1].passing'],
    [{ kind: 'checks', passing: 3, total: 3 }, 'symptoms[1].intermittent'],
    [{ kind: 'outage', extent: 'huge' }, 'symptoms[1].extent'],
    [{ kind: 'dependency', name: 7, role: 'database' }, 'symptoms[1].name'],
    [{ kind: 'dependency', name: 'pg', role: 'db' }, 'symptoms[1].role'],
    [{ kind: 'function', name: 'x' }, 'symptoms[1].critical'],
    [{ kind: 'security' }, 'symptoms[1].detail'],
    [{ kind: 'stated', severity: 'P4' }, 'symptoms[1].severity'],
    [
      { kind: 'burnRate', slo: 99.9, long: { rate: 1, windowMs: 1 }, short: { rate: 1, windowMs: 1 } },
      'symptoms[1].slo',
    ],
    [{ kind: 'burnRate', slo: 0.999, long: null, short: { rate: 1, windowMs: 1 } }, 'symptoms[1].long'],
    [
      { kind: 'burnRate', slo: 0.999, long: { rate: 1, windowMs: 1 }, short: { rate: Number.NaN, windowMs: 1 } },
      'symptoms[1].short.rate',
    ],
    [{ kind: 'constructor' }, 'symptoms[1].kind'],
    [{}, 'symptoms[1].kind'],
    [null, 'symptoms[1]'],
    ['outage', 'symptoms[1]'],
  ]
  test.each(bad)('%o', (symptom, field) => {
    expect(refused(symptom).field).toBe(field)
  })

  test('a percentage is answered with the ratio that was meant', () => {
    expect(refused({ kind: 'errorRate', ratio: 12 }).message).toBe(
      'symptoms[1].ratio: 12 looks like a percentage: write 12 % as 0.12; a ratio lies in 0…1',
    )
    expect(refused({ kind: 'errorRate', ratio: 99.9 }).message).toContain('write 99.9 % as 0.999')
  })

  test('what is no list is refused', () => {
    expect(() => classify('P0' as never)).toThrow('symptoms: is no list')
  })

  test('a megabyte of text and a hole in the list are no crash', () => {
    const detail = 'x'.repeat(1_000_000)
    expect(sentencesOf({ kind: 'warning', detail })[0]?.length).toBeLessThan(200)
    expect(JSON.stringify(classify([{ kind: 'function', name: detail, critical: true }])).length).toBeLessThan(1_000)
    expect(() => classify(Array.from<Symptom>({ length: 2 }))).toThrow(InvalidInput)
  })

  const sentencesOf = (symptom: Symptom) => classify([symptom]).reasons.map(describeReason)
})

test('the standard policy cannot be edited in passing', () => {
  expect(() => Object.assign(standardPolicy.timing, { raiseAfter: 1 })).toThrow(TypeError)
})
