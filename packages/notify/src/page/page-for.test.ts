import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  emptyIncident,
  reduceIncident,
  type EventData,
  type EventType,
  type Incident,
  type RecordedEvent,
} from '@firebreak/core'
import { hostileText } from '../testing/index.ts'
import { pageFor } from './page-for.ts'

const onsetAt = '2026-11-23T02:02:10.000Z'
const service = 'hotdash-agent-service'

function history(...events: { [Type in EventType]?: EventData[Type] }[]): Incident {
  return reduceIncident(
    events.flatMap(Object.entries).map(([type, data], index): RecordedEvent => {
      const at = new Date(Date.parse('2026-11-23T02:03:30Z') + index * 1_000).toISOString()
      return {
        id: String(index),
        stream: `incident/${service}/1`,
        version: index + 1,
        type,
        at,
        recordedAt: at,
        actor: 't',
        data: data as object,
        hash: '',
      }
    }),
  )
}

const signal = {
  id: 's1',
  key: 'errors',
  source: 'prometheus',
  measured: true,
  service,
  status: 'firing',
  at: onsetAt,
  summary: hostileText,
  symptoms: [
    { kind: 'errorRate', ratio: 0.6, requests: 2_020, windowMs: 60_000 },
    { kind: 'checks', passing: 0, total: 3, intermittent: false },
  ],
  labels: {},
  links: [],
} as const

const opened = { 'incident.opened': { service, code: '7K42', number: 1, onsetAt } }
const assessed = {
  'incident.assessed': {
    service,
    severity: 'P0',
    reasons: [
      { level: 'P0', rule: 'errorRate', observed: 0.6, threshold: 0.5, detail: { failed: 1_212, requests: 2_020 } },
    ],
  },
} as const
const suspected = {
  'release.suspected': {
    service,
    verdict: 'suspected',
    release: { version: 3, image: 'I3' },
    tests: (['time', 'place', 'change', 'otherCause', 'measured', 'goodBefore'] as const).map((name) => ({
      test: name,
      answer: 'yes' as const,
      why: '',
    })),
  },
} as const
const impact = {
  'impact.estimated': {
    service,
    requests: 4_000,
    failedRequests: 1_700,
    share: 0.42,
    regions: ['iad', 'ord'],
    since: onsetAt,
    until: onsetAt,
  },
}
const full = history(opened, { 'signal.observed': signal }, assessed, suspected, impact)

describe('a P0 page', () => {
  const page = pageFor(full, {
    timeZone: 'Europe/Berlin',
    to: 'manager',
    done: ['paged manager (sms, slack)'],
    next: [{ at: Date.parse('2026-11-23T02:03:45Z'), what: 'rollback starts with machine 1 of 3' }],
  })

  test('carries level, service, figure and since in its first 110 characters', () => {
    expect(page.title).toBe('P0 hotdash-agent-service: 60% of requests fail since 03:02 CET, after release v3 [7K42]')
    expect(page.title.slice(0, 110)).toMatch(/^P0 .*60%.*since 03:02 CET/)
  })

  test('says what, since, level, why, done and next, with denominators, zone and seconds', () => {
    expect(page.text).toBe(
      [
        'What   60% of requests fail: 1,212 of 2,020 in the last minute. 0 of 3 checks pass.',
        'Since  03:02:10 CET (02:02:10 UTC). 1,700 of 4,000 requests failed so far, in iad, ord',
        'Level  P0: error rate 60 % is over 50 % (1212 of 2020)',
        'Why    release v3 is suspected: 6 of 6 tests say yes',
        'Done   paged manager (sms, slack); nothing changed yet',
        'Next   03:03:45 CET  rollback starts with machine 1 of 3',
        'More   firebreak show 7K42',
      ].join('\n'),
    )
  })

  test('holds nothing of what somebody wrote in words', () => {
    expect(JSON.stringify(page)).not.toContain('everyone')
    expect(page.markdown).toMatch(/^\*\*What\*\* /)
  })
})

describe('other pages', () => {
  test('say what has been done: a machine, an approval, a verdict', () => {
    const unit = { service, unit: 'M1', image: 'I1', outcome: 'updated', done: 1, total: 3 } as const
    const approval = { service, approval: 'a', action: 'rollback', digest: 'd', why: '', expiresAt: onsetAt }
    const finished = { service, action: 'rollback to v2', outcome: 'refuted', why: '' } as const
    const page = pageFor(
      history(
        opened,
        assessed,
        { 'unit.updated': unit },
        { 'approval.requested': approval },
        { 'mitigation.finished': finished },
      ),
    )
    expect(page.text).toContain('1 approval is waiting for you; rollback to v2: refuted; 1 of 3 machines changed')
  })

  test('whoever is blind says so, and what to ask the platform, until it can be read again', () => {
    const blind = {
      service,
      verdict: 'possible' as const,
      tests: [{ test: 'measured' as const, answer: 'unknown' as const, why: 'the platform could not be read' }],
      reads: 0,
      support: 'App shop, organization hotdash.\nRequest ids: 01A.',
    }
    const { text } = pageFor(history({ 'release.suspected': blind }))
    expect(text).toContain('nothing can be changed from here')
    expect(text).toMatch(/^Support +Request ids: 01A\.$/m)
    expect(text).not.toContain('no recent release')
    expect(pageFor(history({ 'release.suspected': { ...blind, reads: 1 } })).text).not.toContain('Request ids')
  })

  test('evidence that could not be had is not called saved', () => {
    const { text } = pageFor(history({ 'evidence.captured': { service, items: [], missing: ['target: 503'] } }))
    expect(text).toContain('no evidence could be saved')
  })

  test('a verdict says what was verified, not how ill it was', () => {
    const verified = history(opened, assessed, {
      'mitigation.finished': { service, action: 'rollback to v2', outcome: 'verified', why: '' },
    })
    const { title } = pageFor(verified, { kind: 'update', reason: 'verified', because: 'rollback to v2 verified' })
    expect(title).toBe(`P0 ${service}: rollback to v2 verified at 02:03 UTC; ill since 02:02 UTC [7K42]`)
  })

  test('a resolution says when, an acknowledgement who', () => {
    const until = '2026-11-23T03:00:00Z'
    const acknowledged = history(opened, assessed, {
      'incident.acknowledged': { service, by: 'mia', severity: 'P0', until },
    })
    expect(pageFor(acknowledged, { kind: 'acknowledge' }).title).toBe(`P0 ${service}: acknowledged by mia [7K42]`)
    const resolved = history(opened, assessed, { 'incident.resolved': { service, by: 'mia', why: 'fixed' } })
    expect(pageFor(resolved, { kind: 'resolve', timeZone: 'America/New_York' }).title).toBe(
      `P0 ${service}: resolved at 21:03 EST after 82 s [7K42]`,
    )
  })

  test.each([
    [{ kind: 'outage', extent: 'complete' }, 'is down'],
    [{ kind: 'dependency', name: 'postgres', role: 'database' }, 'database postgres does not answer'],
    [{ kind: 'latency', ms: 450, baselineMs: 200, samples: 90 }, 'answers take 450 ms, 2.3 x the usual'],
    [{ kind: 'crash', oom: true, count: 3, windowMs: 600_000 }, 'out of memory, 3 times in 10 min'],
    [{ kind: 'errorRate', ratio: 0.5004, requests: 10_000 }, '50.04% of requests fail'],
    [{ kind: 'stated', severity: 'P1' }, 'reported as P1'],
  ] as const)('a symptom %j reads "%s"', (symptom, words) => {
    const seen = { 'signal.observed': { ...signal, symptoms: [symptom] } }
    const rule = {
      'incident.assessed': {
        service,
        severity: 'P1',
        reasons: [{ level: 'P1', rule: symptom.kind, observed: 0, threshold: 0 }],
      },
    } as const
    expect(pageFor(history(opened, seen, rule)).title).toContain(`: ${words} since 02:02 UTC`)
  })

  test('an alert that states its level is told by its name and its sender, never in its own words', () => {
    const stated = { kind: 'stated', severity: 'P1' } as const
    const seen = { ...signal, source: 'prometheus-alerts', labels: { alertname: 'HighErrors' }, symptoms: [stated] }
    const reasons = [{ level: 'P1', rule: 'stated', observed: 'P1', threshold: 'P1' }] as const
    const incident = history(opened, {
      'signal.observed': seen,
      'incident.assessed': { service, severity: 'P1', reasons },
    })
    const page = pageFor(incident)
    expect(page.title).toContain(': reported as P1 (HighErrors) since 02:02 UTC')
    expect(page.text).toMatch(/^What +reported as P1 \(HighErrors\) by prometheus-alerts\.$/m)
    expect(page.text).not.toContain(hostileText)
  })

  test('of several symptoms of one kind, that which gives the level is told', () => {
    const reason = (rule: string, observed: string | number, threshold: string | number, detail?: object) => ({
      'incident.assessed': { service, severity: 'P0', reasons: [{ level: 'P0', rule, observed, threshold, detail }] },
    })
    const partly = { kind: 'outage', extent: 'partial' } as const
    const cache = { kind: 'dependency', name: 'cache', role: 'other' } as const
    const search = { kind: 'function', name: 'search', critical: false } as const
    const some = { kind: 'checks', passing: 2, total: 3, intermittent: false } as const
    const cases = [
      [[partly, { kind: 'outage', extent: 'complete' }], reason('outage', 'complete', 'complete'), 'is down'],
      [[partly], reason('outage', 'complete', 'complete'), 'complete outage'],
      [
        [cache, { kind: 'dependency', name: 'main', role: 'database' }],
        reason('dependency', 'unavailable', 'database', { name: 'main', role: 'database' }),
        'database main does not answer',
      ],
      [
        [search, { kind: 'function', name: 'checkout', critical: true }],
        reason('function', 'broken', 'critical', { name: 'checkout', critical: true }),
        'checkout is broken',
      ],
      [[some, { ...some, passing: 0 }], reason('checks', 0, 0), '0 of 3 checks pass'],
    ] as const
    for (const [symptoms, level, said] of cases)
      expect(pageFor(history(opened, { 'signal.observed': { ...signal, symptoms } }, level as never)).title).toContain(
        `P0 ${service}: ${said}`,
      )
  })

  test('a level whose symptom has gone is told from its reason', () => {
    expect(pageFor(history(opened, assessed)).title).toContain('60% of requests failed since 02:02 UTC')
  })

  test('a rollback that nobody will be asked about is announced with its time and how to stop it, at its level only', () => {
    const automatic = { levels: ['P0'], notBefore: '2026-11-23T02:04:10.000Z', afterPageMs: 10_000 } as const
    const candidate = { version: 2, image: 'I2', proven: false }
    const found = { 'release.suspected': { ...suspected['release.suspected'], candidate, automatic } }
    const nextOf = (incident: Incident, at: string) =>
      pageFor(incident, { at: Date.parse(at) })
        .text.split('\n')
        .filter((line) => line.startsWith('Next'))
    const what = 'automatic rollback of v3 to the image of v2, one machine first, if every test and guard says yes then'
    const stop = 'stop it: firebreak hold -a hotdash-agent-service'
    const paged = history(opened, assessed, found)
    expect(nextOf(paged, '2026-11-23T02:03:35Z')).toEqual([`Next   02:04:10 UTC  ${what}; ${stop}`])
    expect(nextOf(paged, '2026-11-23T02:04:05Z'), '10 s after the page').toEqual([
      `Next   02:04:15 UTC  ${what}; ${stop}`,
    ])
    const mild = { 'incident.assessed': { ...assessed['incident.assessed'], severity: 'P1' } } as const
    expect(nextOf(history(opened, mild, found), '2026-11-23T02:03:35Z')).toEqual([])
    const hold = { 'hold.placed': { service, hold: 'h', by: 'mia', reason: 'freeze' } }
    expect(nextOf(history(opened, assessed, found, hold), '2026-11-23T02:03:35Z')).toEqual([])
  })

  test('whatever an incident holds, there is a page, and nothing in it commands a terminal', () => {
    const anything = fc.record(
      {
        service: fc.string({ unit: 'binary', maxLength: 200 }),
        code: fc.string({ unit: 'binary', maxLength: 10 }),
        severity: fc.constantFrom('P0', 'P1', 'P2', 'P3', null),
        onsetAt: fc.oneof(fc.double(), fc.integer()),
        resolvedAt: fc.double(),
        lastEventAt: fc.double(),
        reasons: fc.array(
          fc.record({
            level: fc.constantFrom('P0', 'P1'),
            rule: fc.string(),
            observed: fc.oneof(fc.double(), fc.string()),
            threshold: fc.double(),
          }),
        ),
        acknowledgement: fc.anything(),
        suspicion: fc.anything(),
        impact: fc.anything(),
        mitigations: fc.array(fc.anything(), { maxLength: 2 }),
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(anything, fc.constantFrom('trigger', 'update', 'acknowledge', 'resolve'), (parts, kind) => {
        const incident = { ...emptyIncident('incident/web/1'), ...parts } as Incident
        const page = pageFor(incident, { kind: kind as 'trigger' })
        expect(page.title.length).toBeGreaterThan(0)
        // oxlint-disable-next-line no-control-regex
        expect(`${page.title}${page.service}`).not.toMatch(/[\u0000-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]/)
        expect(page.text.isWellFormed()).toBe(true)
      }),
    )
  })
})
