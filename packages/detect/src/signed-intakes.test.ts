import { createHmac, generateKeyPairSync, sign as signWith } from 'node:crypto'
import type { Signal } from '@firebreak/core'
import { createTestClock, type TestClock } from '@firebreak/core/testing'
import { Webhook } from 'standardwebhooks'
import { describe, expect, test } from 'vitest'
import { grafanaIntake, parseGrafana } from './grafana.ts'
import type { Intake } from './intake/intake.ts'
import { pagerdutyIntake } from './pagerduty.ts'
import { sentryIntake } from './sentry.ts'
import { createStandardVerifier, memoryDeliveries, standardWebhookIntake } from './standard-webhooks.ts'

const start = Date.parse('2026-11-23T02:00:00Z')
const minute = 60_000
const hmac = (secret: string | Buffer, body: string) => createHmac('sha256', secret).update(body)
const request = (body: string, headers: Record<string, string>) =>
  new Request('http://localhost/hooks', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  })

/** One way of signing for each sender, so that the rules that all share are tested on all. */
interface Sender {
  readonly name: string
  readonly make: (clock: TestClock, options?: object) => Intake
  /** Headers for a body sent at a time. */
  readonly sign: (body: string, at: number, secret?: string) => Record<string, string>
  readonly body: (at: number) => string
  readonly signature: string
  /** How far back a delivery may lie; nothing where the sender signs no time. */
  readonly pastMs: number
  readonly rememberedMs: number
}

const standardSecret = `whsec_${Buffer.from('a secret of twenty-four b').toString('base64')}`
const keyOf = (secret: string) => Buffer.from(secret.replace('whsec_', ''), 'base64')

const senders: readonly Sender[] = [
  {
    name: 'standard webhooks',
    make: (clock, options) => standardWebhookIntake({ clock, secret: standardSecret, ...options }),
    sign: (body, at, secret = standardSecret) => {
      const stamp = String(Math.floor(at / 1_000))
      const signature = hmac(keyOf(secret), `msg_1.${stamp}.${body}`).digest('base64')
      return { 'webhook-id': 'msg_1', 'webhook-timestamp': stamp, 'webhook-signature': `v1,${signature}` }
    },
    body: (at) =>
      JSON.stringify({
        type: 'alert.firing',
        timestamp: new Date(at).toISOString(),
        data: { key: 'disk', service: 'shop' },
      }),
    signature: 'webhook-signature',
    pastMs: 5 * minute,
    rememberedMs: 10 * minute,
  },
  {
    name: 'grafana with a timestamp header',
    make: (clock, options) =>
      grafanaIntake({ clock, secret: 'grafana-secret', timestampHeader: 'X-Stamp', ...options }),
    sign: (body, at, secret = 'grafana-secret') => {
      const stamp = String(Math.floor(at / 1_000))
      return { 'x-stamp': stamp, 'x-grafana-alerting-signature': hmac(secret, `${stamp}:${body}`).digest('hex') }
    },
    body: () =>
      JSON.stringify({
        alerts: [{ status: 'firing', labels: { alertname: 'x', service: 'shop' }, fingerprint: 'f1' }],
      }),
    signature: 'x-grafana-alerting-signature',
    pastMs: 5 * minute,
    rememberedMs: 10 * minute,
  },
  {
    name: 'sentry',
    make: (clock, options) => sentryIntake({ clock, secret: 'client-secret', ...options }),
    sign: (body, at, secret = 'client-secret') => ({
      'sentry-hook-resource': 'issue',
      'sentry-hook-timestamp': String(Math.floor(at / 1_000)),
      'sentry-hook-signature': hmac(secret, body).digest('hex'),
    }),
    body: () =>
      JSON.stringify({
        action: 'created',
        data: { issue: { id: '7', title: 'boom', level: 'error', project: { slug: 'shop' } } },
      }),
    signature: 'sentry-hook-signature',
    pastMs: 5 * minute,
    rememberedMs: 24 * 60 * minute,
  },
  {
    name: 'pagerduty',
    make: (clock, options) => pagerdutyIntake({ clock, secret: 'signing-secret', ...options }),
    sign: (body, _at, secret = 'signing-secret') => ({
      'x-pagerduty-signature': `v1=${hmac(secret, body).digest('hex')}`,
    }),
    body: (at) =>
      JSON.stringify({
        event: {
          id: '01EVENT',
          event_type: 'incident.triggered',
          occurred_at: new Date(at).toISOString(),
          data: { id: 'PT4KHLK', title: 'The server is on fire', urgency: 'high', service: { summary: 'shop' } },
        },
      }),
    signature: 'x-pagerduty-signature',
    pastMs: 48 * 60 * minute,
    rememberedMs: 48 * 60 * minute,
  },
]

describe.each(senders)('$name', ({ make, sign, body, signature, pastMs, rememberedMs }) => {
  const clock = () => createTestClock(start)
  const sent = (at = start, text = body(at)) => request(text, sign(text, at))

  test('a signed delivery becomes signals, told and capped', async () => {
    const [seen] = await make(clock())(sent())
    expect(seen).toMatchObject({ measured: false, service: 'shop', status: 'firing' })
    expect(seen!.symptoms[0]).toMatchObject({ kind: 'stated' })
  })

  test('a changed body, a wrong secret, no signature and nonsense are refused, and none is stored', async () => {
    const text = body(start)
    const stored: unknown[] = []
    const intake = make(clock())
    const wrong: Record<string, string>[] = [
      sign(`${text} `, start),
      sign(text, start, `whsec_${Buffer.from('another secret').toString('base64')}`),
      { ...sign(text, start), [signature]: '' },
      { ...sign(text, start), [signature]: 'v1,AAAA' },
      { ...sign(text, start), [signature]: 'v9=zzzz' },
      { ...sign(text, start), [signature]: 'f'.repeat(64) },
      {},
    ]
    for (const headers of wrong)
      await expect(intake(request(text, headers), async () => stored.push(1))).rejects.toMatchObject({
        status: 401,
        message: expect.not.stringContaining('redacted'),
      })
    expect(stored).toEqual([])
  })

  test('every byte of the body counts', async () => {
    const text = body(start)
    const intake = make(clock())
    for (let index = 0; index < text.length; index += 7) {
      const changed = `${text.slice(0, index)}${text[index] === 'x' ? 'y' : 'x'}${text.slice(index + 1)}`
      await expect(intake(request(changed, sign(text, start)))).rejects.toMatchObject({ code: 'SIGNATURE_WRONG' })
    }
  })

  test('too old or too far in the future is refused, the edge is not', async () => {
    for (const [offset, ok] of [
      [-pastMs, true],
      [-pastMs - 1_000, false],
      [5 * minute, true],
      [5 * minute + 1_000, false],
    ] as const) {
      const outcome = await make(clock())(sent(start + offset)).then(
        () => 'taken',
        (error: { code: string }) => error.code,
      )
      expect(outcome).toBe(ok ? 'taken' : 'DELIVERY_STALE')
    }
  })

  test('the same delivery is refused the second time, for as long as its signature could be believed', async () => {
    const own = clock()
    const intake = make(own)
    const delivery = sent()
    await intake(delivery.clone())
    await expect(intake(delivery.clone())).rejects.toMatchObject({ code: 'DELIVERY_REPLAYED', status: 409 })
    await own.advance(Math.min(rememberedMs, pastMs) - 1_000)
    await expect(intake(delivery.clone())).rejects.toMatchObject({ code: 'DELIVERY_REPLAYED' })
  })

  test('two copies at the same moment are one', async () => {
    const intake = make(clock())
    let release: () => void = () => undefined
    const stored: unknown[] = []
    const slow = () => new Promise<void>((resolve) => (release = resolve)).then(() => stored.push(1))
    const first = intake(sent(), slow)
    await new Promise((resolve) => setTimeout(resolve, 5))
    await expect(intake(sent(), slow)).rejects.toMatchObject({ code: 'DELIVERY_REPLAYED' })
    release()
    await first
    expect(stored).toHaveLength(1)
  })

  test('a delivery that could not be stored may be sent again', async () => {
    const intake = make(clock())
    await expect(intake(sent(), () => Promise.reject(new Error('log down')))).rejects.toThrow('log down')
    expect(await intake(sent())).toHaveLength(1)
  })

  test('a memory of your own refuses a replay after a restart', async () => {
    const memory = memoryDeliveries()
    await make(clock(), { memory })(sent())
    await expect(make(clock(), { memory })(sent())).rejects.toMatchObject({ code: 'DELIVERY_REPLAYED' })
    expect(await make(clock())(sent())).toHaveLength(1)
  })

  test('the same delivery has the same signal ids, so that a copy counts once', async () => {
    const ids = async () => (await make(clock())(sent())).map(({ id }) => id)
    expect(await ids()).toEqual(await ids())
  })

  test('both secrets of a rotation are believed', async () => {
    const old = standardSecret.replace('whsec_', 'whsec_AAAA')
    const intake = make(clock(), { secret: [old, standardSecret] })
    const text = body(start)
    expect(await intake(request(text, sign(text, start, standardSecret)))).toHaveLength(1)
  })

  test('a secret that is unset throws and is named', () => {
    expect(() => make(clock(), { secret: undefined })).toThrow(/^secret: /)
    expect(() => make(clock(), { secret: '' })).toThrow(/^secret: /)
    expect(() => make(clock(), { secret: [] })).toThrow(/^secret: /)
  })

  test('no error holds the secret or the signature that would have been right', async () => {
    const text = body(start)
    const right = Object.values(sign(text, start)).join(' ')
    const error: unknown = await make(clock())(request(`${text} `, sign(text, start, standardSecret))).catch(
      (caught: unknown) => caught,
    )
    for (const secret of ['grafana-secret', 'client-secret', 'signing-secret', standardSecret, right])
      expect(JSON.stringify(error) + String(error)).not.toContain(secret)
  })
})

describe('standard webhooks', () => {
  const clock = createTestClock(Math.floor(Date.now() / 1_000) * 1_000)
  const verify = createStandardVerifier({ secret: standardSecret })
  const theirs = new Webhook(standardSecret)
  const body = '{"type":"x","data":{"key":"k","service":"shop"}}'
  const headers = (signature: string, id = 'msg_2', at = clock.now()) => ({
    'webhook-id': id,
    'webhook-timestamp': String(at / 1_000),
    'webhook-signature': signature,
  })

  test('agrees with the reference library on what is right', () => {
    const signature = theirs.sign('msg_2', new Date(clock.now()), body)
    expect(verify({ headers: new Headers(headers(signature)), body, now: clock.now() })).toEqual({
      id: 'msg_2',
      at: clock.now(),
      expiresAt: clock.now() + 10 * minute,
    })
    const ours = hmac(keyOf(standardSecret), `msg_2.${clock.now() / 1_000}.${body}`).digest('base64')
    expect(theirs.verify(body, headers(`v1,${ours}`))).toEqual(JSON.parse(body))
  })

  test.each<[string, (right: string) => [Record<string, string>, string]]>([
    ['right among others', (right) => [headers(`v1,AAAA v2,xx ${right} v1a,BBBB`), body]],
    ['right', (right) => [headers(right), body]],
    ['another body', (right) => [headers(right), `${body} `]],
    ['another id', (right) => [headers(right, 'msg_3'), body]],
    ['another time', (right) => [headers(right, 'msg_2', clock.now() - 1_000), body]],
    [
      'too old',
      () => [
        headers(theirs.sign('msg_2', new Date(clock.now() - 6 * minute), body), 'msg_2', clock.now() - 6 * minute),
        body,
      ],
    ],
    [
      'in the future',
      () => [
        headers(theirs.sign('msg_2', new Date(clock.now() + 6 * minute), body), 'msg_2', clock.now() + 6 * minute),
        body,
      ],
    ],
    ['cut', (right) => [headers(right.slice(0, -4)), body]],
    ['empty', () => [headers(''), body]],
    ['an unknown version', (right) => [headers(right.replace('v1,', 'v3,')), body]],
  ])('agrees with it: %s', (_name, make) => {
    const [given, text] = make(theirs.sign('msg_2', new Date(clock.now()), body))
    const accepts = (work: () => unknown) => {
      try {
        work()
        return true
      } catch {
        return false
      }
    }
    const ours = accepts(() => verify({ headers: new Headers(given), body: text, now: clock.now() }))
    expect(ours).toBe(accepts(() => theirs.verify(text, given)))
  })

  test.each(['12abc', '-1', '1e9', ' ', '99999999999999'])('a timestamp %s is refused', (stamp) => {
    const given = { ...headers('v1,AAAA'), 'webhook-timestamp': stamp }
    expect(() => verify({ headers: new Headers(given), body, now: clock.now() })).toThrow(
      expect.objectContaining({ code: 'DELIVERY_STALE' }),
    )
  })

  test('signatures with a key pair (v1a)', () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519')
    const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x!, 'base64url')
    const own = createStandardVerifier({ publicKey: `whpk_${raw.toString('base64')}` })
    const signature = signWith(null, Buffer.from(`msg_2.${clock.now() / 1_000}.${body}`), privateKey).toString('base64')
    const check = (given: string, text: string) => () =>
      own({ headers: new Headers(headers(given)), body: text, now: clock.now() })
    expect(check(`v1a,${signature}`, body)()).toMatchObject({ id: 'msg_2' })
    expect(check(`v1a,${signature}`, `${body} `)).toThrow(expect.objectContaining({ code: 'SIGNATURE_WRONG' }))
    // Whoever knows only the public key must not be able to sign with it.
    const forged = hmac(raw, `msg_2.${clock.now() / 1_000}.${body}`).digest('base64')
    expect(check(`v1,${forged}`, body)).toThrow(expect.objectContaining({ code: 'SIGNATURE_WRONG' }))
    expect(() => createStandardVerifier({ publicKey: 'whpk_AAAA' })).toThrow(/32 bytes/)
  })

  test('one alert or a list, with facts of its own, held to the cap', async () => {
    const own = createTestClock(start)
    const send = async (data: unknown, options = {}): Promise<readonly Signal[]> => {
      const text = JSON.stringify({ type: 'x', timestamp: '2026-11-23T01:59:00Z', data })
      return standardWebhookIntake({ clock: own, secret: standardSecret, ...options })(
        request(text, senders[0]!.sign(text, start)),
      )
    }
    const outage = { kind: 'outage', extent: 'complete' }
    expect(
      await send([
        { key: 'a', service: 's', severity: 'warning' },
        { key: 'b', symptoms: [outage], status: 'firing' },
      ]),
    ).toMatchObject([
      {
        key: 'standard-webhooks/a',
        service: 's',
        at: '2026-11-23T01:59:00.000Z',
        symptoms: [{ kind: 'stated', severity: 'P2' }],
      },
      { key: 'standard-webhooks/b', service: 'unassigned', symptoms: [{ kind: 'stated', severity: 'P1' }] },
    ])
    expect(await send({ key: 'b', symptoms: [outage] }, { maxSeverity: 'P0' })).toMatchObject([{ symptoms: [outage] }])
    expect(await send({ key: 'b', status: 'resolved', symptoms: [outage], at: '2026-11-23T01:58:00Z' })).toMatchObject([
      { status: 'resolved', symptoms: [], at: '2026-11-23T01:58:00.000Z' },
    ])
    const more = { kind: 'warning', detail: 'x', note: 'mia@example.com', nested: { password: 'hunter22' } }
    expect((await send({ key: 'm', symptoms: [more] }))[0]!.symptoms).toEqual([{ kind: 'warning', detail: 'x' }])
    const told = { kind: 'security', detail: 'mia@example.com leaked' }
    expect(JSON.stringify(await send({ key: 'c', symptoms: [told] }, { maxSeverity: 'P0' }))).not.toContain('mia@')
    await expect(send([{ key: 'a' }, { service: 's' }])).rejects.toMatchObject({ field: 'data[1].key' })
    await expect(send({ key: 'a', symptoms: [{ kind: 'errorRate', ratio: 12 }] })).rejects.toMatchObject({
      field: 'data[0].symptoms[0].ratio',
      message: expect.stringContaining('0.12'),
    })
    await expect(send('x')).rejects.toMatchObject({ field: 'data' })
  })
})

describe('grafana', () => {
  const clock = createTestClock(start)
  const alert = (more: object = {}) => ({
    status: 'firing',
    labels: { alertname: 'x', service: 'shop', severity: 'critical' },
    fingerprint: 'f',
    ...more,
  })

  test('either signature header is believed, and a second one makes no other delivery of a copy', async () => {
    const body = JSON.stringify({ alerts: [alert()] })
    const right = hmac('s', body).digest('hex')
    const intake = grafanaIntake({ clock, secret: 's' })
    expect(await intake(request(body, { 'x-grafana-alert-signature': right }))).toHaveLength(1)
    const both = { 'x-grafana-alert-signature': right, 'x-grafana-alerting-signature': '0'.repeat(64) }
    await expect(intake(request(body, both))).rejects.toMatchObject({ code: 'DELIVERY_REPLAYED' })
    expect(
      await grafanaIntake({ clock, secret: 's', signatureHeader: 'X-Own' })(request(body, { 'x-own': right })),
    ).toHaveLength(1)
  })

  test('links to dashboard, panel and silence come along', () => {
    const [seen] = parseGrafana(
      JSON.stringify({
        alerts: [alert({ dashboardURL: 'https://g/d', panelURL: 'https://g/p', silenceURL: 'https://g/s' })],
      }),
      { clock },
    )
    expect(seen!.links.map(({ title }) => title)).toEqual(['dashboard', 'panel', 'silence'])
  })

  test.each(['DatasourceNoData', 'DatasourceError'])(
    '%s is Grafana being blind, not the service being down',
    (alertname) => {
      const blind = alert({ labels: { alertname, service: 'shop', severity: 'critical' } })
      expect(parseGrafana(JSON.stringify({ alerts: [blind] }), { clock })[0]!.symptoms).toMatchObject([
        { kind: 'warning' },
      ])
    },
  )

  test('values that are not numbers are no error', () => {
    expect(
      parseGrafana(JSON.stringify({ alerts: [alert({ values: { A: null }, valueString: '[ NaN ]' })] }), { clock }),
    ).toHaveLength(1)
  })
})

describe('sentry', () => {
  const clock = createTestClock(start)
  const send = (resource: string, body: object, options = {}) => {
    const text = JSON.stringify(body)
    return sentryIntake({ clock, secret: 's', ...options })(
      request(text, {
        'sentry-hook-resource': resource,
        'sentry-hook-timestamp': String(start / 1_000),
        'sentry-hook-signature': hmac('s', text).digest('hex'),
      }),
    )
  }
  const event = {
    event_id: 'e1',
    issue_id: '1170820242',
    title: 'TypeError: x is undefined',
    culprit: 'checkout in pay',
    level: 'error',
    web_url: 'https://sentry.io/organizations/o/issues/1170820242/',
    url: 'https://sentry.io/api/0/projects/acme/shop/events/e1/',
    tags: [
      ['environment', 'production'],
      ['customer', 'mia@example.com'],
    ],
  }

  test('an issue alert, keyed by the issue, with project and tags', async () => {
    expect(
      await send('event_alert', { action: 'triggered', data: { event, triggered_rule: 'Many errors' } }),
    ).toMatchObject([
      {
        key: 'sentry/issue-1170820242',
        service: 'shop',
        status: 'firing',
        summary: 'TypeError: x is undefined in checkout in pay',
        symptoms: [{ kind: 'stated', severity: 'P1' }],
        labels: { rule: 'Many errors', environment: 'production', customer: '[e-mail]' },
        links: [{ url: event.web_url }],
      },
    ])
  })

  test('a resolved issue ends the alert that it raised', async () => {
    const issue = { id: '1170820242', title: 't', level: 'error', project: { slug: 'shop' } }
    expect(await send('issue', { action: 'resolved', data: { issue } })).toMatchObject([
      { key: 'sentry/issue-1170820242', status: 'resolved', symptoms: [], service: 'shop' },
    ])
    expect(await send('issue', { action: 'assigned', data: { issue } })).toEqual([])
  })

  test('what no rule asks to be told is for the daily review, unless it is fatal', async () => {
    const issue = { id: 1, title: 't', level: 'error' }
    const stated = async (resource: string, body: object) => (await send(resource, body))[0]!.symptoms
    expect(await stated('issue', { action: 'created', data: { issue } })).toEqual([{ kind: 'stated', severity: 'P3' }])
    expect(await stated('issue', { action: 'created', data: { issue: { ...issue, level: 'fatal' } } })).toEqual([
      { kind: 'stated', severity: 'P1' },
    ])
    const error = { ...event, tags: [['level', 'error']] }
    expect(await stated('error', { action: 'created', data: { error } })).toEqual([{ kind: 'stated', severity: 'P3' }])
  })

  test.each([
    ['critical', 'firing', [{ kind: 'stated', severity: 'P1' }]],
    ['warning', 'firing', [{ kind: 'stated', severity: 'P2' }]],
    ['resolved', 'resolved', []],
  ])('a metric alert that is %s', async (action, status, symptoms) => {
    const metric_alert = { id: '4', alert_rule: { name: 'Too many errors', projects: ['shop'] } }
    const data = {
      metric_alert,
      description_title: 'Too many errors',
      description_text: '1000 events in 10 minutes',
      web_url: 'https://sentry.io/x',
    }
    expect(await send('metric_alert', { action, data })).toMatchObject([
      { key: 'sentry/metric-4', service: 'shop', status, symptoms },
    ])
  })

  test('installations, comments and what is not known yet say nothing', async () => {
    for (const resource of ['installation', 'comment', 'activity_alert', 'something_new', ''])
      expect(await send(resource, { action: 'created', data: {} })).toEqual([])
  })

  test('a body signed as Sentry prints it is believed although it arrives spaced otherwise, and is the same delivery', async () => {
    const body = { action: 'created', data: { issue: { id: '7', title: 'boom' } } }
    const headers = {
      'sentry-hook-resource': 'issue',
      'sentry-hook-timestamp': String(start / 1_000),
      'sentry-hook-signature': hmac('s', JSON.stringify(body)).digest('hex'),
    }
    const intake = sentryIntake({ clock, secret: 's' })
    expect(await intake(request(JSON.stringify(body, null, 2), headers))).toHaveLength(1)
    await expect(intake(request(JSON.stringify(body), headers))).rejects.toMatchObject({ code: 'DELIVERY_REPLAYED' })
  })

  test('a delivery without a usable time, or of another shape, names the field', async () => {
    await expect(send('issue', { action: 'created', data: {} })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      field: 'data.issue',
    })
    const text = '{}'
    const headers = { 'sentry-hook-signature': hmac('s', text).digest('hex'), 'sentry-hook-resource': 'issue' }
    await expect(sentryIntake({ clock, secret: 's' })(request(text, headers))).rejects.toMatchObject({
      code: 'DELIVERY_STALE',
      field: 'sentry-hook-timestamp',
    })
  })
})

describe('pagerduty', () => {
  const clock = createTestClock(start)
  let number = 0
  const send = (event_type: string, data: object, options = {}) => {
    number += 1
    const text = JSON.stringify({
      event: {
        id: `event-${number}`,
        event_type,
        resource_type: 'incident',
        occurred_at: '2026-11-23T01:59:00Z',
        data,
      },
    })
    return pagerdutyIntake({ clock, secret: 's', ...options })(
      request(text, { 'x-pagerduty-signature': `v1=${'0'.repeat(64)},v1=${hmac('s', text).digest('hex')}` }),
    )
  }
  const incident = {
    id: 'PT4KHLK',
    title: 'The server is on fire',
    urgency: 'high',
    html_url: 'https://acme.pagerduty.com/incidents/PT4KHLK',
    service: { summary: 'Shop' },
  }

  test('a triggered incident, keyed by its id, dated when it happened', async () => {
    expect(await send('incident.triggered', incident)).toMatchObject([
      {
        key: 'pagerduty/PT4KHLK',
        service: 'Shop',
        at: '2026-11-23T01:59:00.000Z',
        summary: 'The server is on fire',
        symptoms: [{ kind: 'stated', severity: 'P1' }],
        links: [{ title: 'PagerDuty', url: incident.html_url }],
      },
    ])
  })

  test('a priority says more than the urgency', async () => {
    const stated = async (more: object) =>
      (await send('incident.priority_updated', { ...incident, ...more }, { maxSeverity: 'P0' }))[0]!.symptoms
    expect(await stated({ priority: { summary: 'P2' } })).toEqual([{ kind: 'stated', severity: 'P2' }])
    expect(await stated({ priority: null, urgency: 'low' })).toEqual([{ kind: 'stated', severity: 'P3' }])
    expect(await stated({ priority: { summary: 'Major' } })).toEqual([{ kind: 'stated', severity: 'P1' }])
  })

  test('resolved resolves; notes, responders, acknowledgements and pings say nothing', async () => {
    expect(await send('incident.resolved', incident)).toMatchObject([
      { key: 'pagerduty/PT4KHLK', status: 'resolved', symptoms: [] },
    ])
    for (const type of [
      'incident.annotated',
      'incident.acknowledged',
      'incident.responder.added',
      'incident.something_new',
    ])
      expect(await send(type, incident)).toEqual([])
    expect(await send('pagey.ping', { message: 'Hello from your friend Pagey!', type: 'ping' })).toEqual([])
  })

  test('another shape names the field', async () => {
    await expect(send('incident.triggered', { ...incident, title: 5 })).rejects.toMatchObject({
      field: 'event.data.title',
    })
  })
})

test('the memory of deliveries is bounded, and forgets the oldest first', () => {
  const memory = memoryDeliveries({ capacity: 3 })
  for (const id of ['a', 'b', 'c', 'd']) void memory.add(id, start + minute)
  expect(['a', 'b', 'c', 'd'].map((id) => memory.has(id, start))).toEqual([false, true, true, true])
  expect(memory.has('d', start + minute)).toBe(false)
})
