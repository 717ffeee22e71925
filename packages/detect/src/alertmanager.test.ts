import { createTestClock } from '@firebreak/core/testing'
import { describe, expect, test } from 'vitest'
import { alertmanagerIntake, parseAlertmanager, parsePrometheusAlerts, prometheusAlertsIntake } from './alertmanager.ts'

const clock = createTestClock(Date.parse('2026-11-23T02:00:00Z'))
const none = '0001-01-01T00:00:00Z'
const labels = { alertname: 'HighErrorRate', severity: 'critical', service: 'shop', instance: '10.0.0.1:9090' }
const alert = (more: object = {}) => ({
  status: 'firing',
  labels,
  annotations: { summary: '60 % of requests fail', runbook_url: 'https://runbooks.example/errors' },
  startsAt: '2026-11-23T01:58:00.5Z',
  endsAt: none,
  generatorURL: 'http://prometheus:9090/graph?g0.expr=x',
  fingerprint: 'a1b2c3d4e5f60718',
  ...more,
})
const group = (alerts: object[], more: object = {}) =>
  JSON.stringify({
    version: '4',
    groupKey: '{}:{alertname="HighErrorRate"}',
    truncatedAlerts: 0,
    status: 'firing',
    receiver: 'firebreak',
    groupLabels: {},
    commonLabels: { service: 'shop' },
    commonAnnotations: {},
    externalURL: 'http://alertmanager:9093',
    alerts,
    ...more,
  })
const post = (body: string | Uint8Array, headers: Record<string, string> = {}) =>
  new Request('http://localhost/hooks/alertmanager', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: body as string,
  })
const one = (more: object = {}) => parseAlertmanager(group([alert(more)]), { clock })[0]!

describe("Alertmanager's webhook", () => {
  test('one signal an alert, with everything that dispatch needs', () => {
    const [seen] = parseAlertmanager(group([alert()]), { clock })
    expect(seen).toEqual({
      id: expect.any(String),
      key: 'alertmanager/a1b2c3d4e5f60718',
      source: 'alertmanager',
      measured: false,
      service: 'shop',
      status: 'firing',
      at: '2026-11-23T01:58:00.500Z',
      summary: '60 % of requests fail',
      symptoms: [{ kind: 'stated', severity: 'P1' }],
      labels,
      links: [
        { title: 'rule', url: 'http://prometheus:9090/graph?g0.expr=x' },
        { title: 'runbook', url: 'https://runbooks.example/errors' },
      ],
    })
  })

  test('several alerts in one request, firing and resolved, each under its own key', () => {
    const seen = parseAlertmanager(
      group([
        alert(),
        alert({ fingerprint: 'bbbb', labels: { ...labels, service: 'search' } }),
        alert({ fingerprint: 'cccc', status: 'resolved', endsAt: '2026-11-23T01:59:30Z' }),
      ]),
      { clock },
    )
    expect(seen.map(({ key, service, status }) => [key, service, status])).toEqual([
      ['alertmanager/a1b2c3d4e5f60718', 'shop', 'firing'],
      ['alertmanager/bbbb', 'search', 'firing'],
      ['alertmanager/cccc', 'shop', 'resolved'],
    ])
    expect(seen[2]).toMatchObject({ at: '2026-11-23T01:59:30.000Z', symptoms: [] })
  })

  test('the same alert told again has the same id; a new firing of it has another', () => {
    expect(one().id).toBe(one().id)
    expect(one({ startsAt: '2026-11-23T01:59:00Z' }).id).not.toBe(one().id)
    expect(one({ status: 'resolved', endsAt: '2026-11-23T01:59:00Z' }).id).not.toBe(one().id)
  })

  test('a time in the future is accepted, clamped and labelled, never refused', () => {
    expect(one({ startsAt: '2026-11-23T02:07:00Z' })).toMatchObject({
      at: '2026-11-23T02:00:00.000Z',
      clockSkewMs: 420_000,
    })
    expect(one({ startsAt: '2026-11-23T03:00:00+01:00' })).not.toHaveProperty('clockSkewMs')
  })

  test('an alert that must be repeated goes stale from its arrival', () => {
    const [seen] = parseAlertmanager(group([alert({ startsAt: '2026-11-22T02:00:00Z' })]), {
      clock,
      staleAfterMs: 600_000,
    })
    expect(seen).toMatchObject({ at: '2026-11-23T02:00:00.000Z', staleAfterMs: 600_000 })
  })

  test('alerts that Alertmanager left out are told by one that came', () => {
    const seen = parseAlertmanager(group([alert(), alert({ fingerprint: 'b' })], { truncatedAlerts: 12 }), { clock })
    expect(seen.map(({ summary }) => summary)).toEqual([
      '60 % of requests fail (Alertmanager left out 12 more alerts: raise max_alerts)',
      '60 % of requests fail',
    ])
  })

  test('what dispatch does not know is left out of it: unknown fields are no error', () => {
    expect(
      parseAlertmanager(group([alert({ newField: { deep: [1] } })], { routeLabels: {}, notification_reason: 'x' })),
    ).toHaveLength(1)
  })
})

describe('severity words', () => {
  const stated = (severity: Record<string, string>, options = {}) =>
    parseAlertmanager(group([alert({ labels: { alertname: 'x', service: 'shop', ...severity } })]), {
      clock,
      ...options,
    }).map(({ symptoms }) => symptoms[0])
  const of = (severity: string) => [{ kind: 'stated', severity }]

  test.each([
    ['critical', 'P0'],
    ['page', 'P1'],
    ['P2', 'P2'],
    ['Warning', 'P2'],
    [' info ', 'P3'],
    ['sev1', 'P0'],
    ['SEV3', 'P2'],
    ['disaster', 'P0'],
  ])('%s is %s where the source may say so, and P1 at most by default', (word, severity) => {
    expect(stated({ severity: word }, { maxSeverity: 'P0' })).toEqual(of(severity))
    expect(stated({ severity: word })).toEqual(of(severity === 'P0' ? 'P1' : severity))
  })

  test('a cap holds every word', () => {
    for (const word of ['critical', 'p0', 'nobody knows this'])
      expect(stated({ severity: word }, { maxSeverity: 'P3' })).toEqual(of('P3'))
  })

  test('unsure is the higher: no word, and a word that nobody knows, are P1', () => {
    expect(stated({})).toEqual(of('P1'))
    expect(stated({ severity: 'bananas' })).toEqual(of('P1'))
    expect(stated({ severity: 'bananas' }, { unknownSeverity: 'P3' })).toEqual(of('P3'))
    expect(stated({ severity: '__proto__' })).toEqual(of('P1'))
  })

  test('of several labels the worst word counts', () => {
    expect(stated({ severity: 'info', priority: 'P1' })).toEqual(of('P1'))
    expect(stated({ severity: 'none', priority: 'P2' })).toEqual(of('P2'))
  })

  test('"none" is no problem: the Watchdog makes no signal, firing or resolved', () => {
    expect(stated({ severity: 'none' })).toEqual([])
  })

  test('words can be added and changed, labels chosen', () => {
    const options = {
      severityLabels: ['tier'],
      severityWords: { gold: 'P1', critical: 'P2', Heartbeat: null } as const,
    }
    expect(stated({ tier: 'gold' }, options)).toEqual(of('P1'))
    expect(stated({ tier: 'critical' }, options)).toEqual(of('P2'))
    expect(stated({ tier: 'heartbeat' }, options)).toEqual([])
    expect(() => parseAlertmanager(group([]), { severityWords: { x: 'P9' as never } })).toThrow(/severityWords\.x/)
  })
})

describe('own mapping', () => {
  const map = (options: Parameters<typeof parseAlertmanager>[1]) =>
    parseAlertmanager(group([alert()]), { clock, ...options })[0]!

  test('labels become facts, where the source may say so', () => {
    const payments = { kind: 'function', name: 'payments', critical: true } as const
    expect(map({ maxSeverity: 'P0', symptoms: () => [payments] }).symptoms).toEqual([payments])
  })

  test('the cap holds facts and figures too', () => {
    for (const symptom of [
      { kind: 'outage', extent: 'complete' },
      { kind: 'security', detail: 'x' },
      { kind: 'errorRate', ratio: 0.9 },
      { kind: 'dependency', name: 'db', role: 'database' },
      { kind: 'stated', severity: 'P0' },
    ] as const)
      expect(map({ symptoms: () => [symptom] }).symptoms).toEqual([{ kind: 'stated', severity: 'P1' }])
    const partial = { kind: 'outage', extent: 'partial' } as const
    expect(map({ symptoms: () => [partial] }).symptoms).toEqual([partial])
    expect(map({ maxSeverity: 'P2', symptoms: () => [partial] }).symptoms).toEqual([{ kind: 'stated', severity: 'P2' }])
  })

  test('a mapping that throws, or gives what cannot be, loses no alert: its labels count, and the mistake is told', () => {
    const thrown = map({
      symptoms() {
        throw new Error('token=abcdef123456')
      },
    })
    expect(thrown.symptoms).toEqual([{ kind: 'stated', severity: 'P1' }])
    expect(thrown.labels['mappingError']).not.toContain('abcdef123456')
    const wrong = map({ symptoms: () => [{ kind: 'errorRate', ratio: 12 }], maxSeverity: 'P0' })
    expect(wrong.symptoms).toEqual([{ kind: 'stated', severity: 'P0' }])
    expect(wrong.labels['mappingError']).toContain('0.12')
    const broken = map({
      service() {
        throw new Error('x')
      },
    })
    expect(broken.service).toBe('shop')
  })

  test('no mapping keeps the end of an alert from being told', () => {
    const over = alert({ status: 'resolved', endsAt: '2026-11-23T01:59:00Z' })
    const parse = (options: object) => parseAlertmanager(group([over]), { clock, ...options })
    expect(parse({ symptoms: () => [] })).toMatchObject([{ status: 'resolved', symptoms: [] }])
    expect(parse({ severityWords: { critical: null } })).toMatchObject([{ status: 'resolved', symptoms: [] }])
  })

  test('sees name, labels and annotations, redacted; an empty list makes no signal', () => {
    const seen: unknown[] = []
    const body = group([alert({ annotations: { summary: 's', who: 'mia@example.com' } })])
    expect(
      parseAlertmanager(body, {
        clock,
        symptoms(it) {
          seen.push(it.name, it.labels['service'], it.annotations['who'])
          return []
        },
      }),
    ).toEqual([])
    expect(seen).toEqual(['HighErrorRate', 'shop', '[e-mail]'])
  })

  test('the service comes from an option, a function, labels, or is not lost', () => {
    const service = (own: object, options = {}) =>
      parseAlertmanager(group([alert({ labels: { alertname: 'x', ...own } })]), { clock, ...options })[0]!.service
    expect(service({ app: 'a', job: 'j' })).toBe('a')
    expect(service({ job: 'team/api' })).toBe('team-api')
    expect(service({ service: '..' })).toBe('service-..')
    expect(service({ service: '*' })).toBe('service-*')
    expect(service({ service: 'a\u0000b\u2028c' })).toBe('a b c')
    expect(service({})).toBe('unassigned')
    expect(service({}, { fallbackService: 'ops' })).toBe('ops')
    expect(service({ app: 'a' }, { service: 'all' })).toBe('all')
    expect(
      service({ app: 'a', team: 't' }, { service: (it: { labels: Record<string, string> }) => it.labels['team'] }),
    ).toBe('t')
    expect(service({ app: 'a' }, { service: () => undefined })).toBe('a')
    expect(service({ fly: 'x' }, { serviceLabels: ['fly'] })).toBe('x')
  })
})

describe('POST /api/v2/alerts', () => {
  const sent = (more: object = {}) => JSON.stringify([{ ...alert(more), status: undefined, fingerprint: undefined }])
  const parse = (more: object = {}) => parsePrometheusAlerts(sent(more), { clock })[0]!

  test("is told by Prometheus itself, keyed by Alertmanager's own fingerprint of the labels", () => {
    // Computed by Alertmanager 0.25 for these labels (see real-senders.prove.ts, which compares live).
    expect(parse()).toMatchObject({ source: 'prometheus-alerts', status: 'firing', service: 'shop', measured: false })
    const key = parse().key
    expect(key).toMatch(/^prometheus-alerts\/[0-9a-f]{16}$/)
    const reordered = parse({ labels: Object.fromEntries(Object.entries(labels).toReversed()) })
    expect(reordered.key).toBe(key)
    expect(parse({ labels: { ...labels, instance: 'other' } }).key).not.toBe(key)
  })

  test('holds for as long as endsAt says, from whenever it is dated', () => {
    const recent = parse({ endsAt: '2026-11-23T02:04:00Z' })
    expect(recent.at).toBe('2026-11-23T01:58:00.500Z')
    expect(Date.parse(recent.at) + recent.staleAfterMs!).toBe(Date.parse('2026-11-23T02:04:00Z'))
    const old = parse({ startsAt: '2026-11-22T02:00:00Z', endsAt: '2026-11-23T02:04:00Z' })
    expect(old).toMatchObject({ at: '2026-11-23T02:00:00.000Z', staleAfterMs: 240_000 })
  })

  test("without an end it holds for Alertmanager's five minutes", () => {
    expect(parse({ startsAt: undefined, endsAt: undefined }).staleAfterMs).toBe(300_000)
  })

  test('an end that has come resolves it', () => {
    expect(parse({ endsAt: '2026-11-23T01:59:59Z' })).toMatchObject({ status: 'resolved', symptoms: [] })
    expect(parse({ endsAt: '2026-11-23T02:00:00Z' })).toMatchObject({ status: 'resolved' })
  })

  test('a repetition with a later end is a new observation; an exact copy is not', () => {
    const first = parse({ endsAt: '2026-11-23T02:04:00Z' })
    expect(parse({ endsAt: '2026-11-23T02:04:00Z' }).id).toBe(first.id)
    expect(parse({ endsAt: '2026-11-23T02:05:00Z' })).toMatchObject({ key: first.key })
    expect(parse({ endsAt: '2026-11-23T02:05:00Z' }).id).not.toBe(first.id)
  })

  test('arrives through a request', async () => {
    const intake = prometheusAlertsIntake({ clock })
    expect(await intake(post(sent()))).toHaveLength(1)
    expect(await intake(post('[]'))).toEqual([])
  })
})

describe('a token', () => {
  const intake = alertmanagerIntake({ clock, token: ['new-token', 'old-token'] })

  test.each([
    ['Bearer new-token'],
    ['bearer old-token'],
    [`Basic ${Buffer.from('prometheus:new-token').toString('base64')}`],
  ])('%s is let in', async (authorization) => {
    expect(await intake(post(group([alert()]), { authorization }))).toHaveLength(1)
  })

  test.each([
    [''],
    ['Bearer'],
    ['Bearer new-toke'],
    ['Bearer new-token2'],
    ['Token new-token'],
    ['Basic bmV3LXRva2Vu'],
  ])('"%s" is not', async (authorization) => {
    await expect(intake(post(group([alert()]), authorization === '' ? {} : { authorization }))).rejects.toMatchObject({
      code: 'TOKEN_WRONG',
      status: 401,
      field: 'authorization',
    })
  })

  test('that is unset throws at construction; left out, whoever mounts the intake checks', async () => {
    expect(() => alertmanagerIntake({ token: undefined })).toThrow(/token/)
    expect(() => alertmanagerIntake({ token: '' })).toThrow(/token/)
    expect(() => alertmanagerIntake({ token: [] })).toThrow(/token/)
    expect(await alertmanagerIntake({ clock })(post(group([alert()])))).toHaveLength(1)
  })
})
