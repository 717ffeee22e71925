import type { RecordedEvent, Severity, Signal, Symptom } from '@firebreak/core'
import { describe, expect, test } from 'vitest'
import {
  backtest,
  defineSeverityPolicy,
  type PastIncident,
  pastIncident,
  proposePolicyChanges,
  standardPolicy,
} from './index.ts'

const strict = defineSeverityPolicy({
  ...standardPolicy,
  errorRate: {
    ...standardPolicy.errorRate,
    bands: [
      { level: 'P0', from: 0.25 },
      { level: 'P1', from: 0.1, below: 0.25 },
      { level: 'P2', from: 0.05, below: 0.1 },
      { level: 'P3', from: 0.01, below: 0.05 },
    ],
  },
})

const errors = (ratio: number): Symptom => ({ kind: 'errorRate', ratio, requests: 1000 })

function signal(seconds: number, symptoms: Symptom[], key = 'ratio'): Signal {
  const at = new Date(Date.parse('2026-11-23T02:00:00Z') + seconds * 1000).toISOString()
  const common = {
    source: 'test',
    measured: true,
    service: 'shop',
    status: 'firing',
    summary: '',
    labels: {},
    links: [],
  } as const
  return { ...common, id: `${key}-${seconds}`, key, at, symptoms }
}

describe('a backtest', () => {
  test('says which incidents would have been judged otherwise, in which direction, and why', () => {
    const incidents: PastIncident[] = [
      { id: 'a', symptoms: [errors(0.3)] },
      { id: 'b', symptoms: [errors(0.12)] },
      { id: 'c', symptoms: [errors(0.3), { kind: 'security', detail: 'keys' }] },
    ]
    const { changed, ...counts } = backtest(standardPolicy, strict, incidents)
    expect(counts).toEqual({ incidents: 3, unchanged: 2, refused: [] })
    expect(changed).toMatchObject([
      {
        id: 'a',
        direction: 'raised',
        before: { severity: 'P1' },
        after: { severity: 'P0' },
        why: 'P1 became P0: error rate 30 % is 25 % or more (300 of 1000); before: error rate 30 % is 10 % or more (300 of 1000)',
      },
    ])
    expect(backtest(strict, standardPolicy, incidents).changed).toMatchObject([{ id: 'a', direction: 'lowered' }])
  })

  test('of signals judges over time: what was seen only once counts for nothing', () => {
    const once: PastIncident = { id: 'once', signals: [signal(0, [errors(0.3)]), signal(15, [errors(0.02)])] }
    const twice: PastIncident = { id: 'twice', signals: [signal(0, [errors(0.3)]), signal(15, [errors(0.3)])] }
    expect(backtest(standardPolicy, strict, [once, twice]).changed.map(({ id }) => id)).toEqual(['twice'])
  })

  test('says nothing about an incident whose figures cannot be true, and names it', () => {
    const { incidents, unchanged, changed, refused } = backtest(standardPolicy, strict, [
      { id: 'x', symptoms: [errors(12)] },
    ])
    expect([incidents, unchanged, changed]).toEqual([1, 0, []])
    expect(refused).toMatchObject([{ id: 'x', why: expect.stringContaining('percentage') }])
  })

  test('of a policy against itself changes nothing', () => {
    expect(backtest(standardPolicy, standardPolicy, [{ id: 'a', symptoms: [errors(0.3)] }]).changed).toEqual([])
  })
})

test('a recorded stream is a past incident: its signals, and the last pin', () => {
  const event = (version: number, type: string, data: object): RecordedEvent => ({
    id: `e${version}`,
    stream: 'incident/shop/1',
    version,
    type,
    at: '2026-11-23T02:00:00Z',
    recordedAt: '2026-11-23T02:00:00Z',
    actor: 'test',
    data,
    hash: '',
  })
  const incident = pastIncident([
    event(1, 'signal.observed', { ...signal(0, [errors(0.3)]), also: [signal(1, [], 'other')], repeats: 2 }),
    event(2, 'severity.pinned', { service: 'shop', severity: 'P2', by: 'mia' }),
    event(3, 'signal.observed', signal(15, [errors(0.3)])),
  ])
  expect(incident).toMatchObject({ id: 'incident/shop/1', agreed: 'P2' })
  expect(incident.signals?.map(({ id }) => id)).toEqual(['ratio-0', 'other-1', 'ratio-15'])
  expect(backtest(standardPolicy, strict, [incident]).changed).toMatchObject([{ id: 'incident/shop/1' }])
})

describe('proposals', () => {
  const past = (id: string, symptom: Symptom, agreed: Severity | null): PastIncident => ({
    id,
    symptoms: [symptom],
    agreed,
  })

  test('move the threshold that people kept overruling, as little as it takes, and say how many incidents that rests on', () => {
    const review = proposePolicyChanges([
      past('a', errors(0.083), 'P1'),
      past('b', errors(0.091), 'P1'),
      past('c', errors(0.088), 'P1'),
      past('d', errors(0.06), 'P2'),
      past('e', errors(0.3), 'P1'),
    ])
    expect(review).toMatchObject({ incidents: 5, spoken: 5, agreeing: 2 })
    expect(review.disagreeing.map(({ id, judged, agreed }) => [id, judged, agreed])).toEqual([
      ['a', 'P2', 'P1'],
      ['b', 'P2', 'P1'],
      ['c', 'P2', 'P1'],
    ])
    const [proposal] = review.proposals
    expect(proposal).toMatchObject({
      path: 'errorRate.P1',
      from: 0.1,
      to: 0.083,
      settles: ['a', 'b', 'c'],
      strength: 'hint',
    })
    expect(backtest(standardPolicy, proposal!.policy, [past('a', errors(0.083), 'P1')]).changed).toHaveLength(1)
    expect(review.caveats.join()).toContain('5 judged incidents are few')
  })

  test('raise a threshold over what people called no incident', () => {
    const { proposals } = proposePolicyChanges([
      past('a', { kind: 'latency', ms: 330, baselineMs: 200 }, null),
      past('b', { kind: 'latency', ms: 390, baselineMs: 200 }, 'P2'),
    ])
    expect(proposals).toMatchObject([{ path: 'latency.P2', from: 1.5, to: 1.7, settles: ['a'], strength: 'anecdote' }])
  })

  test('give a fact the level that people gave it', () => {
    const mail: Symptom = { kind: 'dependency', name: 'mail', role: 'other' }
    const { proposals } = proposePolicyChanges([past('a', mail, 'P1'), past('b', mail, 'P1')])
    expect(proposals).toMatchObject([
      { path: 'dependency.other', from: 'P2', to: 'P1', settles: ['a', 'b'], sample: 2 },
    ])
  })

  test('are none where a change would turn an agreement into a disagreement, or break the policy', () => {
    const mail: Symptom = { kind: 'dependency', name: 'mail', role: 'other' }
    expect(proposePolicyChanges([past('a', mail, 'P1'), past('b', mail, 'P2')]).proposals).toEqual([])
    expect(proposePolicyChanges([past('a', errors(0.06), 'P1'), past('b', errors(0.07), 'P2')]).proposals).toEqual([])
  })

  test('are none without disagreement, and incidents that nobody spoke about count for nothing', () => {
    const review = proposePolicyChanges([past('a', errors(0.3), 'P1'), { id: 'b', symptoms: [errors(0.9)] }])
    expect(review).toMatchObject({ incidents: 2, spoken: 1, agreeing: 1, disagreeing: [], proposals: [] })
    expect(review.caveats[0]).toBe('nobody said a level for 1 of 2 incidents; they count for nothing here')
  })

  test('never apply anything: the policy that came in is untouched', () => {
    const before = JSON.stringify(standardPolicy)
    proposePolicyChanges([past('a', errors(0.083), 'P1')])
    expect(JSON.stringify(standardPolicy)).toBe(before)
  })

  test('leave out an incident whose figures cannot be true, and name it', () => {
    const { caveats, spoken } = proposePolicyChanges([past('a', errors(12), 'P1')])
    expect(spoken).toBe(0)
    expect(caveats[0]).toMatch(/^a was left out: .*percentage/)
  })
})
