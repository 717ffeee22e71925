import type { HealthFigures, HealthSample, Release, SuspectTestName, Unit } from '@firebreak/core'
import { reduceIncident } from '@firebreak/core'
import { createTestClock } from '@firebreak/core/testing'
import { describe, expect, test } from 'vitest'
import { badRelease, I1, I3, minute, second, hour, day, digestOf } from './fixtures/shop.ts'
import { gatherSuspectFacts, suspectRelease, type SuspectFacts } from './index.ts'

const now = Date.parse('2026-11-23T02:10:00Z')
const onsetAt = now - 2 * minute

const release = (version: number, digest: string, ago: number, more: Partial<Release> = {}): Release => ({
  id: `r${version}`,
  version,
  status: 'complete',
  image: `shop:${version}`,
  digest,
  createdAt: new Date(onsetAt - ago).toISOString(),
  labels: {},
  ...more,
})
const unit = (id: string, more: Partial<Unit> = {}): Unit => ({
  id,
  region: 'iad',
  group: 'app',
  state: 'started',
  image: 'shop:3',
  digest: I3,
  revision: 'r',
  checks: [{ name: 'http', kind: 'service', status: 'passing' }],
  cordoned: false,
  ...more,
})
const figures = (ratio: number | null, requests: number | null = 400): HealthFigures => ({
  requests,
  errors: ratio === null || requests === null ? null : Math.round(ratio * requests),
  errorRatio: ratio,
  p95Ms: 200,
})
const sample = (
  ratio: number | null,
  units: Record<string, number | null> = {},
  perSecond = 20,
  spanMs = minute,
): HealthSample => ({
  ...figures(ratio, ratio === null ? null : (perSecond * spanMs) / 1000),
  since: now - spanMs,
  until: now,
  source: 'fly-edge',
  units: Object.fromEntries(Object.entries(units).map(([id, each]) => [id, figures(each)])),
})

/** The base of SCENARIOS: a bad release two minutes before the onset, seen by two of our own for two minutes. */
function facts(change: Partial<SuspectFacts> = {}): SuspectFacts {
  return {
    service: 'shop',
    now,
    onsetAt,
    severity: 'P0',
    releases: [release(3, I3, 2 * minute, { by: 'ci' }), release(2, I1, 2 * day), release(1, I1, 10 * day)],
    units: [unit('m1'), unit('m2'), unit('m3', { region: 'ord' })],
    current: sample(0.6, { m1: 0.6, m2: 0.6, m3: 0.6 }),
    before: sample(0.001, {}, 20, 10 * minute),
    earlier: sample(0.001, {}, 20, hour),
    symptoms: [{ kind: 'errorRate', ratio: 0.6 }],
    sources: [
      { source: 'prometheus', measured: true, since: onsetAt, until: now },
      { source: 'fly-checks', measured: true, since: onsetAt, until: now },
    ],
    neighbours: [],
    platform: [],
    ...change,
  }
}
const answer = (of: SuspectFacts, name: SuspectTestName) => suspectRelease(of).tests.find((each) => each.test === name)

test('six yes: suspected, with every number', () => {
  const suspicion = suspectRelease(facts())
  expect(suspicion).toMatchObject({
    verdict: 'suspected',
    release: { version: 3, by: 'ci' },
    candidate: { version: 2, digest: I1 },
  })
  expect(suspicion.tests.map(({ test: name, answer: said }) => `${name} ${said}`)).toEqual([
    'time yes',
    'place yes',
    'change yes',
    'otherCause yes',
    'measured yes',
    'goodBefore yes',
  ])
  expect(suspicion.tests.every(({ why }) => /\d/.test(why) || why.length > 20)).toBe(true)
})

test('any no: not suspected; an unknown: possible', () => {
  expect(suspectRelease(facts({ platform: ['iad: network'] })).verdict).toBe('not-suspected')
  expect(suspectRelease(facts({ neighbours: null })).verdict).toBe('possible')
  expect(suspectRelease(facts({ neighbours: null, platform: ['down'] })).verdict).toBe('not-suspected')
})

describe('time', () => {
  const live = (ago: number) => facts({ releases: [release(3, I3, ago), release(2, I1, 2 * day)] })
  test.each([
    ['30 min before', 30 * minute, 'yes'],
    ['a millisecond more', 30 * minute + 1, 'no'],
    ['at the onset', 0, 'yes'],
    ['after the onset', -1, 'no'],
  ])('%s', (_name, ago, said) => expect(answer(live(ago), 'time')?.answer).toBe(said))
  test('counts from when the first machine took it, where the platform tells', () => {
    const late = facts({
      releases: [
        release(3, I3, 40 * minute, { liveAt: new Date(onsetAt - minute).toISOString() }),
        release(2, I1, day),
      ],
    })
    expect(answer(late, 'time')?.answer).toBe('yes')
  })
})

describe('which release is asked about', () => {
  test('none: not suspected', () => expect(suspectRelease(facts({ releases: [] })).verdict).toBe('not-suspected'))
  test('a recorded rollback never', () => {
    const rolledBack = facts({
      releases: [release(4, I1, minute, { labels: { 'firebreak.rollback': 'v2' } }), release(3, I3, 5 * minute)],
    })
    expect(suspectRelease(rolledBack)).toMatchObject({ verdict: 'not-suspected' })
    expect(suspectRelease(rolledBack).release).toBeUndefined()
  })
  test.each(['failed', 'running', 'interrupted'])('one that is %s may serve, and is', (status) => {
    expect(
      suspectRelease(facts({ releases: [release(3, I3, 2 * minute, { status }), release(2, I1, 2 * day)] })),
    ).toMatchObject({ verdict: 'suspected', release: { version: 3 } })
  })
  test('one that has not begun is not', () => {
    expect(
      suspectRelease(facts({ releases: [release(4, digestOf('c'), 0, { status: 'pending' }), ...facts().releases] })),
    ).toMatchObject({ release: { version: 3 } })
  })
})

describe('change', () => {
  test('a secrets release cannot be cured by an image', () => {
    const secrets = facts({
      releases: [release(3, I1, 90 * second), release(2, I1, 2 * day)],
      units: [unit('m1', { digest: I1 })],
    })
    expect(suspectRelease(secrets)).toMatchObject({ verdict: 'not-suspected', release: { version: 3 } })
    expect(answer(secrets, 'change')?.why).toMatch(/v3 has the image of v2: a change of secrets/)
  })
  test('a bad image and then secrets, both recent: it may be either', () => {
    const both = facts({ releases: [release(4, I3, minute), release(3, I3, 2 * minute), release(2, I1, 2 * day)] })
    expect(suspectRelease(both)).toMatchObject({ verdict: 'possible', release: { version: 3 } })
    expect(answer(both, 'change')?.why).toMatch(/v4 changed secrets/)
  })
  test('without digests two references are two images; with one of them it is not known', () => {
    const bare = (version: number, ago: number): Release => {
      const { digest: _digest, ...rest } = release(version, '', ago)
      return rest
    }
    expect(answer(facts({ releases: [bare(3, minute), bare(2, day)], units: [] }), 'change')?.answer).toBe('yes')
    expect(answer(facts({ releases: [release(3, I3, minute), bare(2, day)] }), 'change')?.answer).toBe('unknown')
  })
  test('a first release has nothing before it', () =>
    expect(answer(facts({ releases: [release(1, I3, minute)] }), 'change')?.answer).toBe('unknown'))
})

describe('place', () => {
  const placed = (units: Unit[], each: Record<string, number | null>) => facts({ units, current: sample(0.3, each) })
  const old = { image: 'shop:1', digest: I1 }
  test('three of four run it: 75 % is too few', () => {
    const units = [unit('a'), unit('b'), unit('c'), unit('d', old)]
    expect(answer(placed(units, { a: 0.6, b: 0.6, c: 0.6, d: 0.6 }), 'place')?.answer).toBe('no')
  })
  test('four of five are enough, and the fifth is ill for itself', () => {
    const units = [
      unit('a'),
      unit('b'),
      unit('c'),
      unit('d'),
      unit('e', old),
      unit('f', old),
      unit('g', old),
      unit('h', old),
      unit('i', old),
    ]
    const each = { a: 0.6, b: 0.6, c: 0.6, d: 0.6, e: 0.06, f: 0, g: 0, h: 0, i: 0 }
    expect(answer(placed(units, each), 'place')?.answer).toBe('yes')
  })
  test('the others fail as much: it is not the release', () => {
    const units = [unit('a'), unit('b', old)]
    expect(answer(placed(units, { a: 0.6, b: 0.04 }), 'place')?.answer).toBe('yes')
    expect(answer(placed(units, { a: 0.1, b: 0.04 }), 'place')?.answer).toBe('no')
  })
  test('only one region of those that run it is ill', () => {
    const units = [unit('a', { region: 'ord' }), unit('b', { region: 'ord' }), unit('c'), unit('d')]
    expect(answer(placed(units, { a: 0.6, b: 0.6, c: 0, d: 0 }), 'place')).toMatchObject({
      answer: 'no',
      why: expect.stringContaining('only ord is ill') as string,
    })
  })
  test('only one host of those that run it is ill', () => {
    const units = [unit('a', { host: 'h1' }), unit('b', { host: 'h1' }), unit('c', { host: 'h2' })]
    expect(answer(placed(units, { a: 0.6, b: 0.6, c: 0 }), 'place')?.answer).toBe('no')
  })
  test('checks alone are enough where figures cannot tell machines apart', () => {
    const down = { checks: [{ name: 'http', kind: 'service' as const, status: 'critical' as const }] }
    const units = [unit('a', down), unit('b', old)]
    expect(answer(facts({ units, current: { ...sample(0.6), units: {} } }), 'place')?.answer).toBe('yes')
  })
  test('an informational check makes nobody ill; nobody ill is unknown', () => {
    const units = [unit('a', { checks: [{ name: 'deep', kind: 'informational', status: 'critical' }] })]
    expect(answer(facts({ units, current: { ...sample(0.6), units: {} } }), 'place')?.answer).toBe('unknown')
  })
  test('stopped and isolated machines say nothing', () => {
    const units = [unit('a'), unit('b', { state: 'stopped', ...old }), unit('c', { cordoned: true, ...old })]
    expect(answer(placed(units, { a: 0.6 }), 'place')?.answer).toBe('yes')
  })
})

describe('no other cause', () => {
  const neighbour = (change: object) =>
    facts({ neighbours: [{ service: 'cart', onsetAt: onsetAt + 4 * minute, releasedAt: null, ...change }] })
  test.each<[string, SuspectFacts, string]>([
    ['a dependency fails', facts({ symptoms: [{ kind: 'dependency', name: 'postgres', role: 'database' }] }), 'no'],
    ['another one, too', facts({ symptoms: [{ kind: 'dependency', name: 'stripe', role: 'other' }] }), 'no'],
    ['a security incident', facts({ symptoms: [{ kind: 'security', detail: '' }] }), 'no'],
    ['the platform reports an incident', facts({ platform: ['iad'] }), 'no'],
    ['the platform does not answer', facts({ platform: null }), 'unknown'],
    ['another service fell ill within 5 min', neighbour({}), 'no'],
    ['another service fell ill, 6 min later', neighbour({ onsetAt: onsetAt + 6 * minute }), 'yes'],
    ['another service that is well', neighbour({ onsetAt: null }), 'yes'],
    ['another service with a release of its own', neighbour({ releasedAt: onsetAt - minute }), 'yes'],
    ['another service with an old release', neighbour({ releasedAt: onsetAt - day }), 'no'],
    ['nobody knows about the others', facts({ neighbours: null }), 'unknown'],
    ['twice the requests', facts({ current: sample(0.6, {}, 40) }), 'yes'],
    ['more than twice', facts({ current: sample(0.6, {}, 41) }), 'no'],
    ['no figures of before', facts({ earlier: null, before: null }), 'unknown'],
  ])('%s', (_name, given, said) => expect(answer(given, 'otherCause')?.answer).toBe(said))
  test('a service that was busy right before, and idle for most of the hour, has no surge', () => {
    expect(answer(facts({ earlier: sample(0.001, {}, 1, hour) }), 'otherCause')?.answer).toBe('yes')
  })
  test('where nobody can be asked for the platform, that is said', () => {
    const { platform: _platform, ...rest } = facts()
    expect(answer(rest, 'otherCause')).toMatchObject({
      answer: 'yes',
      why: expect.stringContaining('no platform status is configured') as string,
    })
  })
})

describe('measured', () => {
  const seen = (severity: 'P0' | 'P1' | 'P2', ...sources: [string, number, boolean?][]) =>
    answer(
      facts({
        severity,
        sources: sources.map(([source, lasted, measured = true]) => ({
          source,
          measured,
          since: now - lasted,
          until: now,
        })),
      }),
      'measured',
    )?.answer
  test.each<[string, string | undefined, string]>([
    ['two for 60 s at P0', seen('P0', ['a', minute], ['b', minute]), 'yes'],
    ['a second less', seen('P0', ['a', minute], ['b', 59 * second]), 'unknown'],
    ['two for 60 s at P1', seen('P1', ['a', minute], ['b', minute]), 'unknown'],
    ['two for 180 s at P1', seen('P1', ['a', 3 * minute], ['b', 3 * minute]), 'yes'],
    ['one source twice is one', seen('P0', ['a', hour], ['a', hour]), 'unknown'],
    ['what others told is none', seen('P0', ['a', hour], ['b', hour, false]), 'unknown'],
    ['nothing of our own', seen('P0', ['a', hour, false], ['b', hour, false]), 'no'],
    ['P2 is never acted on', seen('P2', ['a', hour], ['b', hour]), 'no'],
  ])('%s', (_name, said, expected) => expect(said).toBe(expected))
})

describe('good before', () => {
  test.each<[string, Partial<SuspectFacts>, string]>([
    ['5 % before is ill already', { before: sample(0.05) }, 'no'],
    ['just below, and a fifth of now', { before: sample(0.049), current: sample(0.25) }, 'yes'],
    ['below, and more than a fifth of now', { before: sample(0.04), current: sample(0.15) }, 'no'],
    ['not known before', { before: null }, 'unknown'],
    ['no traffic before', { before: sample(null) }, 'unknown'],
    ['not known now', { current: null }, 'unknown'],
  ])('%s', (_name, change, said) => expect(answer(facts(change), 'goodBefore')?.answer).toBe(said))
})

describe('illness', () => {
  test('keeps since when exactly these have been ill', () => {
    const first = suspectRelease(facts({ now: now - minute })).illness!
    expect(first).toMatchObject({ total: 3, since: new Date(now - minute).toISOString() })
    expect(suspectRelease(facts(), undefined, first).illness?.since).toBe(first.since)
    const other = facts({ current: sample(0.3, { m1: 0.6, m2: 0, m3: 0 }) })
    expect(suspectRelease(other, undefined, first).illness).toMatchObject({
      since: new Date(now).toISOString(),
      ill: [{ unit: 'm1', kind: 'errors', lastOfRegion: false }],
    })
  })
  test('few requests say nothing about a machine', () => {
    const few = { ...sample(0.6), units: { m1: figures(1, 9), m2: figures(0, 500), m3: figures(0, 500) } }
    expect(suspectRelease(facts({ current: few })).illness?.ill).toEqual([])
  })
})

describe('gathering', () => {
  const incidentAt = (at: number) =>
    reduceIncident([
      {
        id: '1',
        stream: 'incident/shop/1',
        version: 1,
        type: 'incident.opened',
        at: new Date(at).toISOString(),
        recordedAt: '',
        actor: '',
        hash: '',
        data: { service: 'shop', code: '7K42', number: 1, onsetAt: new Date(at).toISOString() },
      },
    ])
  test('reads what the tests need, from a target, a health source and the incident', async () => {
    const { clock, target, onsetAt: began } = await badRelease()
    const gathered = await clock.run(
      gatherSuspectFacts({ target, health: target.health, incident: incidentAt(began), clock }),
    )
    expect(gathered).toMatchObject({
      service: 'shop',
      onsetAt: began,
      neighbours: [],
      platform: [],
      current: { errorRatio: 0.6 },
      before: { errorRatio: 0.001 },
    })
    expect(Object.keys(gathered.current?.units ?? {})).toEqual(['m1', 'm2', 'm3'])
    expect(gathered.sources).toMatchObject([{ source: 'memory', measured: true }])
    expect(new Set(target.calls.map(({ call }) => call))).toEqual(new Set(['releases', 'units', 'platform']))
    expect(clock.pending).toBe(0)
  })
  test('a source that fails leaves its fact unknown; a target that fails rejects', async () => {
    const { clock, target, onsetAt: began } = await badRelease()
    const broken = { sample: () => Promise.reject(new Error('down')) }
    const gathered = await clock.run(
      gatherSuspectFacts({
        target,
        health: broken,
        incident: incidentAt(began),
        clock,
        neighbours: () => Promise.reject(new Error('down')),
        platform: () => Promise.reject(new Error('down')),
      }),
    )
    expect(gathered).toMatchObject({
      current: null,
      before: null,
      earlier: null,
      neighbours: null,
      platform: null,
      sources: [],
    })
    target.fault({ on: 'units', kind: 'droppedBefore' })
    await expect(clock.run(gatherSuspectFacts({ target, incident: incidentAt(began), clock }))).rejects.toThrow(
      /connection/,
    )
    target.fault({ on: 'units', kind: 'hangs' })
    await expect(clock.run(gatherSuspectFacts({ target, incident: incidentAt(began), clock }))).rejects.toMatchObject({
      code: 'TIMEOUT',
    })
    expect(clock.pending).toBe(0)
  })
  test('a signal that was not repeated in its time is no evidence for longer', async () => {
    const { clock, target, onsetAt: began } = await badRelease()
    const incident = incidentAt(began)
    const signal = {
      id: 's',
      key: 'k',
      source: 'prometheus',
      measured: true,
      service: 'shop',
      status: 'firing',
      at: '',
      summary: '',
      symptoms: [],
      labels: {},
      links: [],
    } as const
    incident.signals.set('k', {
      signal: { ...signal, staleAfterMs: 30 * second },
      firstAt: began,
      lastAt: began + 10 * second,
      count: 1,
    })
    incident.signals.set('l', { signal: { ...signal, source: 'fly-checks' }, firstAt: began, lastAt: began, count: 1 })
    await clock.advance(2 * minute)
    const { sources } = await clock.run(gatherSuspectFacts({ target, incident, clock }))
    expect(sources.map(({ source, since, until }) => [source, until - since])).toEqual([
      ['prometheus', 10 * second],
      ['fly-checks', 3 * minute],
    ])
  })
  test('what users got at the edge and what the machines answered are two sources, when both are ill', async () => {
    const { clock, target, onsetAt: began } = await badRelease()
    const two = {
      sample: (query: Parameters<typeof target.health.sample>[0]) =>
        target.health.sample(query).then((each) => ({ ...each, source: 'edge', unitsSource: 'app' })),
    }
    const incident = incidentAt(began)
    const { sources } = await clock.run(gatherSuspectFacts({ target, health: two, incident, clock }))
    expect(sources.map(({ source }) => source)).toEqual(['edge', 'app'])
  })
  test('a health source that cannot tell machines apart is asked for the whole', async () => {
    const { clock, target, onsetAt: began } = await badRelease({ healthPerUnit: false })
    const gathered = await clock.run(
      gatherSuspectFacts({ target, health: target.health, incident: incidentAt(began), clock }),
    )
    expect(gathered.current?.errorRatio).toBeCloseTo(0.6, 2)
  })
  test('it is pure: the same facts, the same words', () => {
    expect(suspectRelease(facts())).toEqual(suspectRelease(facts()))
    expect(createTestClock().pending).toBe(0)
  })
})
