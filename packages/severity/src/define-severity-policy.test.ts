import { InvalidInput, type Severity } from '@firebreak/core'
import { describe, expect, test } from 'vitest'
import {
  type Band,
  defineSeverityPolicy,
  lintSeverityPolicy,
  PolicyRefused,
  type SeverityPolicy,
  standardPolicy,
} from './index.ts'

const withErrors = (...bands: Band[]): SeverityPolicy => ({
  ...standardPolicy,
  errorRate: { bands, fewRequests: { ...standardPolicy.errorRate.fewRequests, atMost: bands[0]?.level ?? 'P1' } },
})

function refusal(policy: SeverityPolicy): PolicyRefused {
  try {
    defineSeverityPolicy(policy)
  } catch (error) {
    if (error instanceof PolicyRefused) return error
    throw error
  }
  throw new Error('was accepted')
}

test('the standard policy is sound', () => {
  expect(lintSeverityPolicy(standardPolicy)).toEqual([])
  expect(defineSeverityPolicy(standardPolicy)).toEqual(standardPolicy)
})

const bad: readonly (readonly [string, SeverityPolicy, string, Severity[], RegExp])[] = [
  [
    'a gap between two bands',
    withErrors({ level: 'P0', above: 0.5 }, { level: 'P1', from: 0.1, to: 0.4 }),
    'POLICY_GAP',
    ['P0', 'P1'],
    /errorRate: a gap lies between P0 \(over 50 %\) and P1 \(10 % to 40 %\); let P1 end at 50 %, included/,
  ],
  [
    'a gap of one point',
    withErrors({ level: 'P0', above: 0.5 }, { level: 'P1', from: 0.1, below: 0.5 }),
    'POLICY_GAP',
    ['P0', 'P1'],
    /a gap lies between P0 .* and P1/,
  ],
  [
    'an overlap of two bands',
    withErrors({ level: 'P0', above: 0.5 }, { level: 'P1', from: 0.1, to: 0.6 }),
    'POLICY_OVERLAP',
    ['P0', 'P1'],
    /P0 \(over 50 %\) and P1 \(10 % to 60 %\) overlap; let P1 end at 50 %, included/,
  ],
  [
    'an overlap of one point',
    withErrors({ level: 'P1', from: 0.1 }, { level: 'P2', from: 0.05, to: 0.1 }),
    'POLICY_OVERLAP',
    ['P1', 'P2'],
    /overlap; let P2 end below 10 %/,
  ],
  [
    'a milder band without an end',
    withErrors({ level: 'P0', above: 0.5 }, { level: 'P1', from: 0.1 }),
    'POLICY_OVERLAP',
    ['P0', 'P1'],
    /overlap/,
  ],
  [
    'the same level twice',
    withErrors({ level: 'P1', from: 0.5 }, { level: 'P1', from: 0.1, below: 0.5 }),
    'POLICY_OVERLAP',
    ['P1', 'P1'],
    /P1 is there twice/,
  ],
  [
    'a worse level with the lower threshold',
    withErrors({ level: 'P0', above: 0.1 }, { level: 'P1', from: 0.5, to: 0.6 }),
    'POLICY_UNORDERED',
    ['P0', 'P1'],
    /P0 must begin after P1/,
  ],
  [
    'bands that are not listed worst first',
    withErrors({ level: 'P1', from: 0.5 }, { level: 'P0', from: 0.1, below: 0.5 }),
    'POLICY_UNORDERED',
    ['P0', 'P1'],
    /list the bands worst first/,
  ],
  ['a band that ends before it begins', withErrors({ level: 'P1', from: 0.5, to: 0.4 }), 'POLICY_GAP', ['P1'], /P1/],
  [
    'an end over the worst band',
    withErrors({ level: 'P1', from: 0.1, to: 0.9 }),
    'POLICY_GAP',
    ['P1'],
    /nothing has a level over P1/,
  ],
  [
    'a gap in another rule',
    {
      ...standardPolicy,
      latency: {
        ...standardPolicy.latency,
        bands: [
          { level: 'P1', above: 3 },
          { level: 'P2', from: 1.5, to: 2 },
        ],
      },
    },
    'POLICY_GAP',
    ['P1', 'P2'],
    /latency: a gap lies between P1 \(over 3 ×\) and P2 \(1.5 × to 2 ×\)/,
  ],
  [
    'an overlap in a capacity',
    {
      ...standardPolicy,
      capacity: {
        ...standardPolicy.capacity,
        disk: [
          { level: 'P1', from: 0.9 },
          { level: 'P3', from: 0.8, to: 0.95 },
        ],
      },
    },
    'POLICY_OVERLAP',
    ['P1', 'P3'],
    /capacity\.disk/,
  ],
  [
    'a level without a response time',
    {
      ...standardPolicy,
      levels: { ...standardPolicy.levels, P2: { title: 'MEDIUM', summary: 'Later', actions: [] } as never },
    },
    'POLICY_NO_RESPONSE_TIME',
    ['P2'],
    /P2 has no response time/,
  ],
  [
    'a worse level that may wait longer',
    {
      ...standardPolicy,
      levels: {
        ...standardPolicy.levels,
        P0: { ...standardPolicy.levels.P0, response: { kind: 'elapsed', withinMs: 1e9 } },
      },
    },
    'POLICY_UNORDERED',
    ['P0', 'P1'],
    /P0 may wait longer than P1/,
  ],
  [
    'a worse level that is answered only in business hours',
    {
      ...standardPolicy,
      levels: { ...standardPolicy.levels, P1: { ...standardPolicy.levels.P1, response: { kind: 'dailyReview' } } },
    },
    'POLICY_UNORDERED',
    ['P1', 'P2'],
    /P1 may wait longer than P2/,
  ],
  ...(
    [
      ['outage', { outage: { complete: 'P1', partial: 'P0' } }],
      ['checks', { checks: { none: 'P1', some: 'P0' } }],
      ['dependency', { dependency: { database: 'P1', other: 'P0' } }],
      ['function', { function: { critical: 'P1', other: 'P0' } }],
      ['crash', { crash: { ...standardPolicy.crash, repeated: 'P1', fewer: 'P0' } }],
    ] satisfies [string, Partial<SeverityPolicy>][]
  ).map(
    ([rule, change]) =>
      [
        `a graver ${rule} with the milder level`,
        { ...standardPolicy, ...change },
        'POLICY_UNORDERED',
        ['P0', 'P1'] satisfies Severity[],
        new RegExp(`^${rule}: .* is P1, but .* is P0`),
      ] as const satisfies readonly [string, SeverityPolicy, string, Severity[], RegExp],
  ),
  [
    'a burn rate that even a total outage does not reach',
    { ...standardPolicy, slo: 0.9 },
    'POLICY_IMPOSSIBLE_BURN_RATE',
    ['P1'],
    /P1's rule 14\.4 \(1 h and 5 min\) can never fire at an slo of 90 %; it needs more than 93\.0556 %/,
  ],
  [
    'a milder level with the higher burn rate',
    {
      ...standardPolicy,
      burnRate: [
        { level: 'P1', factor: 3, longMs: 60, shortMs: 5 },
        { level: 'P2', factor: 6, longMs: 600, shortMs: 50 },
      ],
    },
    'POLICY_UNORDERED',
    ['P1', 'P2'],
    /P1's rule 3 .* and P2's rule 6 .*: the worse level needs the higher factor/,
  ],
  [
    'two burn-rate rules over the same windows',
    {
      ...standardPolicy,
      burnRate: [
        { level: 'P1', factor: 9, longMs: 60, shortMs: 5 },
        { level: 'P2', factor: 6, longMs: 60, shortMs: 5 },
      ],
    },
    'POLICY_OVERLAP',
    ['P1', 'P2'],
    /share their windows/,
  ],
  [
    'a short window that is not shorter',
    { ...standardPolicy, burnRate: [{ level: 'P1', factor: 9, longMs: 60, shortMs: 60 }] },
    'POLICY_UNORDERED',
    ['P1'],
    /the short window must be shorter/,
  ],
  [
    'few requests that reach a level without a band',
    { ...standardPolicy, errorRate: { ...standardPolicy.errorRate, bands: [{ level: 'P2', from: 0.1 }] } },
    'POLICY_UNORDERED',
    ['P1'],
    /atMost is P1, but the bands have only P2/,
  ],
]

test.each(bad)('%s is refused, and the levels are named', (_name, policy, code, levels, message) => {
  const error = refusal(policy)
  expect(error.code).toBe(code)
  expect(error.problems[0]?.levels).toEqual(levels)
  expect(error.message).toMatch(message)
  for (const level of levels) expect(error.message).toContain(level)
})

test('an objective for which every rule can fire is accepted', () => {
  expect(defineSeverityPolicy({ ...standardPolicy, slo: 0.9306 }).slo).toBe(0.9306)
  expect(refusal({ ...standardPolicy, slo: 0.93 }).code).toBe('POLICY_IMPOSSIBLE_BURN_RATE')
  const slow = { ...standardPolicy, burnRate: standardPolicy.burnRate.slice(1) }
  expect(refusal({ ...slow, slo: 0.8333 }).message).toContain("P1's rule 6")
  expect(defineSeverityPolicy({ ...slow, slo: 0.8334 }).slo).toBe(0.8334)
})

test('all problems are there, and the message says how many more', () => {
  const error = refusal({
    ...withErrors({ level: 'P0', above: 0.5 }, { level: 'P1', from: 0.1, to: 0.4 }),
    outage: { complete: 'P3', partial: 'P1' },
  })
  expect(error.problems.map(({ rule }) => rule)).toEqual(['errorRate', 'outage'])
  expect(error.message).toMatch(/\(and 1 more\)$/)
})

describe('what is no policy is refused, and the field is named', () => {
  const refused = (policy: unknown) => {
    try {
      defineSeverityPolicy(policy as SeverityPolicy)
    } catch (error) {
      if (error instanceof InvalidInput) return error.field
      throw error
    }
    throw new Error('was accepted')
  }
  test.each([
    [null, 'policy'],
    [{ ...standardPolicy, name: 'two\nlines' }, 'name'],
    [{ ...standardPolicy, levels: undefined }, 'levels'],
    [{ ...standardPolicy, levels: { P0: standardPolicy.levels.P0 } }, 'levels.P1'],
    [withErrors({ level: 'P1', from: 10 }), 'errorRate.bands[0].from'],
    [withErrors({ level: 'P1', from: Number.NaN }), 'errorRate.bands[0].from'],
    [withErrors({ level: 'P1' }), 'errorRate.bands[0]'],
    [withErrors({ level: 'P1', from: 0.1, above: 0.1 }), 'errorRate.bands[0]'],
    [withErrors({ level: 'P1', from: 0.1, to: 0.2, below: 0.2 }), 'errorRate.bands[0]'],
    [withErrors({ level: 'P9' as Severity, from: 0.1 }), 'errorRate.bands[0].level'],
    [{ ...standardPolicy, slo: 99.9 }, 'slo'],
    [{ ...standardPolicy, security: 'high' }, 'security'],
    [{ ...standardPolicy, outage: { complete: 'P0' } }, 'outage.partial'],
    [{ ...standardPolicy, timing: { ...standardPolicy.timing, raiseAfter: 0 } }, 'timing.raiseAfter'],
    [{ ...standardPolicy, timing: { ...standardPolicy.timing, exitFactor: 1.2 } }, 'timing.exitFactor'],
    [{ ...standardPolicy, burnRate: [{ level: 'P1' }] }, 'burnRate[0].factor'],
    [{ ...standardPolicy, crash: { ...standardPolicy.crash, windowMs: Infinity } }, 'crash.windowMs'],
  ])('%#', (policy, field) => {
    expect(refused(policy)).toBe(field)
  })
})

test('a defined policy is frozen, and apart from what it was made of', () => {
  const burnRate = [...standardPolicy.burnRate].reverse()
  const policy = defineSeverityPolicy({ ...standardPolicy, burnRate })
  expect(policy.burnRate.map(({ level }) => level)).toEqual(['P1', 'P1', 'P2', 'P3'])
  expect(Object.isFrozen(policy.burnRate[0])).toBe(true)
  expect(Object.isFrozen(burnRate)).toBe(false)
})
