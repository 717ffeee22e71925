import { expect, test } from 'vitest'
import { FirebreakError, seededRandom, type InvalidInput, type Signal } from '../index.ts'
import { canaries, createTestClock, findCanary } from '../testing/index.ts'
import {
  newEventSchema,
  pageSchema,
  parseInput,
  parseSignal,
  severitySchema,
  signalSchema,
  timestampSchema,
} from './index.ts'

const clock = createTestClock(Date.parse('2026-11-23T02:00:00Z'))
const random = seededRandom(1)
const parse = (input: object, options = {}) =>
  parseSignal({ key: 'errors', service: 'shop', ...input }, { clock, random, ...options })
const withSymptom = (symptom: object) => parse({ symptoms: [{ kind: 'warning', detail: 'fine' }, symptom] })
const from = (json: string): object => JSON.parse(json) as object

function refusal(attempt: () => unknown): InvalidInput {
  try {
    attempt()
  } catch (error) {
    if (FirebreakError.isInstance(error) && error.code === 'INVALID_INPUT') return error as InvalidInput
    throw error
  }
  throw new Error('was accepted')
}

test('a minimal signal is filled up, and is never evidence', () => {
  const signal = parse({ measured: true, source: 'hook' })
  expect(signal).toMatchObject({
    measured: false,
    source: 'hook',
    status: 'firing',
    at: '2026-11-23T02:00:00.000Z',
    summary: 'errors',
    symptoms: [],
    links: [],
  })
  expect(signal.id).toMatch(/^[0-9a-f-]{36}$/)
  expect(parseInput(signalSchema, signal)).toEqual(signal)
})

test('what the intake says of the source outweighs what the input says', () => {
  expect(parse({ source: 'fly-checks' }, { source: 'alertmanager' }).source).toBe('alertmanager')
  expect(parse({}, { measured: true }).measured).toBe(true)
})

test('a stated severity is capped, P1 unless configured', () => {
  const stated = (severity: string, options = {}) =>
    parse({ symptoms: [{ kind: 'stated', severity }] }, options).symptoms[0]
  expect(stated('P0')).toEqual({ kind: 'stated', severity: 'P1' })
  expect(stated('P2')).toEqual({ kind: 'stated', severity: 'P2' })
  expect(stated('P0', { maxSeverity: 'P0' })).toEqual({ kind: 'stated', severity: 'P0' })
  expect(stated('P1', { maxSeverity: 'P3' })).toEqual({ kind: 'stated', severity: 'P3' })
})

test('figures that are none, negative or out of range are refused with the path of the field', () => {
  const refused: [object, string, string?][] = [
    [{ kind: 'errorRate', ratio: 12 }, 'symptoms[1].ratio', 'looks like a percentage: 12 % is 0.12'],
    [{ kind: 'errorRate', ratio: 1.0001 }, 'symptoms[1].ratio', 'looks like a percentage'],
    [{ kind: 'capacity', resource: 'disk', used: 97 }, 'symptoms[1].used', 'looks like a percentage'],
    [{ kind: 'errorRate', ratio: Number.NaN }, 'symptoms[1].ratio'],
    [{ kind: 'errorRate', ratio: Number.POSITIVE_INFINITY }, 'symptoms[1].ratio'],
    [{ kind: 'errorRate', ratio: -0.1 }, 'symptoms[1].ratio'],
    [{ kind: 'errorRate', ratio: '0.5' }, 'symptoms[1].ratio'],
    [{ kind: 'errorRate' }, 'symptoms[1].ratio'],
    [{ kind: 'errorRate', ratio: 0.1, requests: -1 }, 'symptoms[1].requests'],
    [{ kind: 'errorRate', ratio: 0.1, requests: 0.5 }, 'symptoms[1].requests'],
    [{ kind: 'errorRate', ratio: 0.1, windowMs: 0 }, 'symptoms[1].windowMs'],
    [{ kind: 'latency', ms: -1, baselineMs: 100 }, 'symptoms[1].ms'],
    [{ kind: 'latency', ms: 100, baselineMs: 0 }, 'symptoms[1].baselineMs'],
    [{ kind: 'checks', passing: 4, total: 3, intermittent: false }, 'symptoms[1].passing'],
    [{ kind: 'checks', passing: Number.NaN, total: 3, intermittent: false }, 'symptoms[1].passing'],
    [
      { kind: 'burnRate', slo: 99.9, long: { rate: 1, windowMs: 1 }, short: { rate: 1, windowMs: 1 } },
      'symptoms[1].slo',
    ],
    [
      { kind: 'burnRate', slo: 0.999, long: { rate: Number.NaN, windowMs: 1 }, short: { rate: 1, windowMs: 1 } },
      'symptoms[1].long.rate',
    ],
    [{ kind: 'crash', oom: true, count: Number.POSITIVE_INFINITY, windowMs: 1 }, 'symptoms[1].count'],
    [{ kind: 'stated', severity: 'critical' }, 'symptoms[1].severity'],
    [{ kind: 'security', detail: 'x'.repeat(2_001) }, 'symptoms[1].detail'],
    [{ kind: 'unheard' }, 'symptoms[1].kind'],
  ]
  for (const [symptom, field, hint = ''] of refused) {
    const error = refusal(() => withSymptom(symptom))
    expect(error.field).toBe(field)
    expect(error.message).toContain(hint)
  }
})

test('the edges of the ranges are accepted', () => {
  for (const symptom of [
    { kind: 'errorRate', ratio: 0 },
    { kind: 'errorRate', ratio: 1, requests: 0 },
    { kind: 'checks', passing: 0, total: 0, intermittent: false },
    { kind: 'capacity', resource: 'cpu', used: 1 },
    { kind: 'crash', oom: false, exitCode: -1, count: 0, windowMs: 1 },
  ])
    expect(withSymptom(symptom).symptoms[1]).toEqual(symptom)
})

test('texts, labels, links and lists have limits', () => {
  const many = Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`l${index}`, 'x']))
  const refused: [object, string][] = [
    [{ summary: 'x'.repeat(1_000_000) }, 'summary'],
    [{ labels: { a: 'x'.repeat(1_000_000) } }, 'labels.a'],
    [{ labels: { ['x'.repeat(1_000_000)]: 'a' } }, `labels.${'x'.repeat(64)}`],
    [{ labels: many }, 'labels'],
    [{ labels: { a: 1 } }, 'labels.a'],
    [{ labels: ['a'] }, 'labels'],
    [{ key: '' }, 'key'],
    [{ service: '*' }, 'service'],
    [{ key: 'two\nlines' }, 'key'],
    [{ key: 'half \ud800' }, 'key'],
    [{ key: 7 }, 'key'],
    [{ service: 'a/b' }, 'service'],
    [{ service: '..' }, 'service'],
    [{ service: undefined }, 'service'],
    [{ id: 'x'.repeat(201) }, 'id'],
    [{ status: 'up' }, 'status'],
    [{ symptoms: Array.from({ length: 33 }, () => ({ kind: 'warning', detail: '' })) }, 'symptoms'],
    [{ links: [{ title: 'x', url: 'javascript:alert(1)' }] }, 'links[0].url'],
    [{ links: [{ title: 'x', url: 'file:///etc/passwd' }] }, 'links[0].url'],
    [{ staleAfterMs: -1 }, 'staleAfterMs'],
  ]
  for (const [input, field] of refused) expect(refusal(() => parse(input)).field).toBe(field)
  for (const input of [null, [], 'signal', 7, undefined]) expect(refusal(() => parseSignal(input)).field).toBe('signal')
})

test('keys that would change all objects are refused wherever they are, and labels have no prototype', () => {
  expect(refusal(() => parse(from('{"labels":{"__proto__":"x"}}'))).field).toBe('labels')
  expect(refusal(() => parse(from('{"labels":{"constructor":"x"}}'))).field).toBe('labels')
  expect(refusal(() => parse(from('{"__proto__":{"measured":true}}'))).field).toBe('signal')
  expect(refusal(() => parse(from('{"symptoms":[{"kind":"warning","detail":"","prototype":1}]}'))).field).toBe(
    'symptoms[0]',
  )
  const { labels } = parse({ labels: { toString: 'a label like any other' } })
  expect(Object.getPrototypeOf(labels)).toBeNull()
  expect({ ...labels }).toEqual({ toString: 'a label like any other' })
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
})

test('deep and wide input is refused before it costs anything', () => {
  let deep: object = {}
  for (let level = 0; level < 5_000; level += 1) deep = { deep }
  expect(refusal(() => parse({ labels: deep })).message).toContain('levels deep')
  expect(refusal(() => parse({ symptoms: Array.from({ length: 20_000 }, () => ({})) })).message).toContain(
    'more than 10000 entries',
  )
})

test('times are RFC 3339, whatever the offset, and nothing else', () => {
  const accepted: [string, string][] = [
    ['2026-11-23T01:59:00Z', '2026-11-23T01:59:00.000Z'],
    ['2026-11-23T02:59:00+01:00', '2026-11-23T01:59:00.000Z'],
    ['2026-11-23t01:59:00.123456789z', '2026-11-23T01:59:00.123Z'],
    ['2016-12-31T23:59:60Z', '2016-12-31T23:59:59.000Z'],
    ['2024-02-29T00:00:00-00:00', '2024-02-29T00:00:00.000Z'],
  ]
  for (const [given, expected] of accepted) expect(parse({ at: given }).at).toBe(expected)
  const refused = [
    'yesterday',
    '',
    '2026-11-23',
    '2026-11-23T02:00',
    '2026-11-23T02:00:00',
    '2026-02-30T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-11-23T24:00:01Z',
    '2026-11-23T02:00:00+25:00',
    '1795392000000',
    '2026-11-23T02:00:00Z'.padEnd(1_000_000),
  ]
  for (const at of refused) expect(refusal(() => parse({ at })).field, at.slice(0, 40)).toBe('at')
  expect(refusal(() => parse({ at: 1_795_392_000_000 })).field).toBe('at')
  expect(timestampSchema.safeParse('2026-02-29T00:00:00Z').success).toBe(false)
})

test('a time in the future becomes now, and says by how much', () => {
  expect(parse({ at: '2026-11-23T02:07:00Z' })).toMatchObject({ at: '2026-11-23T02:00:00.000Z', clockSkewMs: 420_000 })
  expect(parse({ at: '2026-11-23T02:00:00Z' })).not.toHaveProperty('clockSkewMs')
  expect(parse({ at: '2026-11-23T01:00:00Z' }).at).toBe('2026-11-23T01:00:00.000Z')
})

test('no secret and no personal data gets through, in whatever text it comes', () => {
  for (const canary of canaries) {
    const signal = parse({
      key: `check ${canary}`,
      id: `id ${canary}`,
      summary: `failed with ${canary}`,
      labels: { text: canary },
      symptoms: [
        { kind: 'security', detail: canary },
        { kind: 'function', name: canary, critical: true },
      ],
      links: [{ title: canary, url: canary.startsWith('http') ? canary : 'https://example.com/' }],
      source: canary.slice(0, 100),
    })
    expect(findCanary(signal), canary).toBeUndefined()
  }
})

test('two keys that differ only in what was taken out stay two keys', () => {
  const first = parse({ key: 'mailbox mia@example.com' }).key
  expect(first).not.toBe(parse({ key: 'mailbox tom@example.com' }).key)
  expect(first).toBe(parse({ key: 'mailbox mia@example.com' }).key)
  expect(first).toMatch(/^mailbox \[e-mail\] #[0-9a-f]{8}$/)
})

test('an error never repeats what was sent', () => {
  const hostile = { labels: { 'fm2_canary0flytokenAAAA\u001b[31m': 1 } }
  const error = refusal(() => parse(hostile))
  expect(error.message).not.toContain('\u001b')
  expect(findCanary([error.message, error.field])).toBeUndefined()
})

test('what a signal schema accepts, a signal is: unknown fields are dropped', () => {
  const complete: Signal = { ...parse({}), staleAfterMs: 60_000 }
  expect(parseInput(signalSchema, { ...complete, newer: 1 })).toEqual(complete)
})

test('events and pages from outside are checked in their envelope, not in their data', () => {
  const event = { type: 'own.thing', actor: 'person:mia', data: { anything: [1, { at: 'all' }] } }
  expect(parseInput(newEventSchema, event)).toEqual(event)
  expect(refusal(() => parseInput(newEventSchema, { ...event, type: 'thing' })).field).toBe('type')
  expect(refusal(() => parseInput(newEventSchema, { ...event, data: 'text' })).field).toBe('data')
  expect(refusal(() => parseInput(newEventSchema, { ...event, at: 'now' })).field).toBe('at')
  const page = {
    incident: '',
    service: 'shop',
    severity: 'P0',
    kind: 'trigger',
    title: 't',
    text: 't',
    markdown: 't',
    links: [],
  }
  expect(parseInput(pageSchema, page)).toEqual(page)
  expect(refusal(() => parseInput(pageSchema, { ...page, severity: 'P9' })).field).toBe('severity')
  expect(severitySchema.safeParse('P4').success).toBe(false)
})
