import { expect, test } from 'vitest'
import { seededRandom } from '@firebreak/core'
import { createTestClock } from '@firebreak/core/testing'
import { memoryLog } from '@firebreak/incident-log'
import { createResponder } from '../responder.ts'
import { outage } from '../responder.fixture.ts'
import type { HttpOptions, Scope } from './options.ts'

const publicUrl = 'http://127.0.0.1:8080'

function setUp(http: HttpOptions = { publicUrl, token: 'all-secret' }) {
  const clock = createTestClock()
  const responder = createResponder({ log: memoryLog({ clock }), parts: [], clock, random: seededRandom(1), http })
  const ask = (method: string, path: string, { token = 'all-secret', body, headers = {} }: Ask = {}) =>
    responder.fetch(
      new Request(`${publicUrl}${path}`, {
        method,
        headers: {
          ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      }),
    )
  return { clock, responder, ask }
}
interface Ask {
  readonly token?: string
  readonly body?: unknown
  readonly headers?: Record<string, string>
}

const stated = {
  id: 'a1',
  key: 'alert',
  source: 'hand',
  service: 'shop',
  measured: true,
  symptoms: [{ kind: 'stated', severity: 'P0' }],
}

test('a signal that others post is durable before the answer, is never evidence, and is capped at P1', async () => {
  const { responder, ask } = setUp()
  const response = await ask('POST', '/signals', { body: stated })
  expect(response.status).toBe(202)
  const incident = await responder.incident('shop')
  expect(incident.severity).toBe('P1')
  expect(incident.signals.get('alert')?.signal.measured).toBe(false)
})

test('every route but the health checks refuses a request without a token, reads too', async () => {
  const { ask } = setUp()
  const document = (await (await ask('GET', '/openapi.json')).json()) as { paths: Record<string, object> }
  const open = ['/healthz', '/readyz']
  for (const [path, operations] of Object.entries(document.paths))
    for (const method of Object.keys(operations)) {
      const given = path.replace('{id}', 'shop')
      const response = await ask(method.toUpperCase(), given, { token: '', ...(method === 'post' ? { body: {} } : {}) })
      const allowed = open.includes(path)
      expect([`${method} ${path}`, response.status === 401]).toEqual([`${method} ${path}`, !allowed])
    }
})

test('a token does what its scopes say, cell by cell', async () => {
  const scopes: readonly Scope[] = ['signals:write', 'incidents:read', 'incidents:operate', 'actions:approve']
  const { clock, responder, ask } = setUp({
    publicUrl,
    tokens: scopes.map((scope) => ({ name: scope, secret: `secret-${scope}`, scopes: [scope] })),
  })
  await responder.ingest(outage(clock))
  const requests: [Scope, string, string, unknown][] = [
    ['signals:write', 'POST', '/signals', stated],
    ['incidents:read', 'GET', '/incidents', undefined],
    ['incidents:read', 'GET', '/incidents/shop', undefined],
    ['incidents:read', 'GET', '/incidents/shop/timeline', undefined],
    ['incidents:read', 'GET', '/incidents/shop/forecast', undefined],
    ['incidents:read', 'GET', '/metrics', undefined],
    ['incidents:operate', 'POST', '/incidents/shop/acknowledge', {}],
    ['incidents:operate', 'POST', '/incidents/shop/note', { text: 'looking' }],
    ['incidents:operate', 'POST', '/holds', { reason: 'wait' }],
    ['incidents:operate', 'POST', '/silences', { lift: 'none', service: 'shop' }],
    ['actions:approve', 'POST', '/incidents/shop/deny', { approval: 'none' }],
  ]
  for (const [needed, method, path, body] of requests)
    for (const scope of scopes) {
      const { status } = await ask(method, path, { token: `secret-${scope}`, body })
      expect([method, path, scope, status === 403]).toEqual([method, path, scope, scope !== needed])
    }
})

test('a request under another host name, or from another origin, is refused', async () => {
  const { ask } = setUp()
  const rebound = await ask('GET', '/incidents', { headers: { host: 'attacker.example' } })
  expect([rebound.status, ((await rebound.json()) as { code: string }).code]).toEqual([421, 'WRONG_HOST'])
  const crossed = await ask('POST', '/signals', { body: stated, headers: { origin: 'https://attacker.example' } })
  expect(crossed.status).toBe(403)
  const own = await ask('GET', '/incidents', { headers: { origin: publicUrl } })
  expect(own.status).toBe(200)
})

test('a silence is placed and lifted over HTTP: what it hid is judged then', async () => {
  const { clock, responder, ask } = setUp()
  const until = new Date(clock.now() + 3_600_000).toISOString()
  const place = (more: object) =>
    ask('POST', '/silences', { body: { service: 'shop', until, reason: 'works', ...more } })
  for (const [field, wrong] of [
    ['reason', { reason: '' }],
    ['until', { until: 'tomorrow' }],
    ['until', { until: undefined }],
    ['service', { service: undefined }],
    ['key', { key: 7 }],
  ] as const) {
    const refused = await place(wrong)
    expect([refused.status, await refused.text()]).toEqual([400, expect.stringContaining(field)])
  }
  const placed = await place({ key: 'http', by: 'mia' })
  expect(placed.status).toBe(201)
  const { silence } = (await placed.json()) as { silence: string }
  await responder.ingest(outage(clock))
  expect((await (await ask('GET', '/incidents')).json()) as object).toMatchObject({ incidents: [] })
  expect((await ask('POST', '/silences', { body: { lift: 'none', service: 'shop' } })).status).toBe(404)
  const lifted = await ask('POST', '/silences', { body: { lift: silence, by: 'joe' } })
  expect([lifted.status, await lifted.json()]).toEqual([200, { lifted: silence }])
  await responder.ingest(outage(clock))
  expect((await responder.incident('shop')).severity).toBe('P0')
})

test('no GET acts', async () => {
  const { clock, responder, ask } = setUp()
  await responder.ingest(outage(clock))
  const { version } = await responder.incident('shop')
  for (const verb of ['acknowledge', 'resolve', 'approve', 'deny', 'escalate', 'note'])
    expect((await ask('GET', `/incidents/shop/${verb}`)).status).toBe(405)
  expect((await responder.incident('shop')).version).toBe(version)
})

test('bad bodies are refused by name, and nothing is recorded', async () => {
  const { responder, ask } = setUp()
  const codes: [unknown, Record<string, string>, number, string][] = [
    ['{', {}, 400, 'INVALID_INPUT'],
    ['"text"', {}, 400, 'INVALID_INPUT'],
    [{ ...stated, symptoms: [{ kind: 'errorRate', ratio: 12 }] }, {}, 400, 'INVALID_INPUT'],
    [`{"pad":"${'x'.repeat(1_100_000)}"}`, {}, 413, 'BODY_TOO_LARGE'],
    [stated, { 'content-type': 'text/plain' }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
  ]
  for (const [body, headers, status, code] of codes) {
    const response = await ask('POST', '/signals', { body, headers })
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([status, code])
  }
  await expect(responder.incident('shop')).rejects.toMatchObject({ code: 'UNKNOWN_INCIDENT' })
})

test('unknown paths, methods and incidents have answers of their own', async () => {
  const { ask } = setUp()
  const status = async (method: string, path: string) => (await ask(method, path)).status
  expect(await status('GET', '/nothing')).toBe(404)
  expect(await status('DELETE', '/incidents')).toBe(405)
  expect(await status('GET', '/incidents/none')).toBe(404)
  expect(await status('GET', '/incidents?status=odd')).toBe(400)
})

test('a wrong type and a wrong method are refused by one code each, by routes and by hooks', async () => {
  const { ask } = setUp()
  const refusal = async (method: string, path: string, given: Ask = {}) => {
    const response = await ask(method, path, given)
    return [response.status, ((await response.json()) as { code: string }).code]
  }
  const plain = { body: '[]', headers: { 'content-type': 'text/plain' } }
  for (const path of ['/signals', '/hooks/alertmanager', '/api/v2/alerts']) {
    expect(await refusal('POST', path, plain)).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE'])
    expect(await refusal('DELETE', path)).toEqual([405, 'METHOD_NOT_ALLOWED'])
  }
})

test('people operate through HTTP, and the log names the token', async () => {
  const { clock, responder, ask } = setUp()
  await responder.ingest(outage(clock))
  expect((await ask('POST', '/incidents/shop/acknowledge', { body: { role: 'manager' } })).status).toBe(200)
  expect((await ask('POST', '/incidents/shop/note', { body: { text: 'it was the cache', by: 'mia' } })).status).toBe(
    200,
  )
  expect((await ask('POST', '/incidents/shop/resolve', { body: { why: 'restarted' } })).status).toBe(200)
  expect((await ask('POST', '/incidents/shop/resolve', { body: { why: 'again' } })).status).toBe(409)
  const incident = await responder.incident('shop')
  expect(incident.acknowledgement).toMatchObject({ by: 'token', role: 'manager' })
  expect(incident.notes.map(({ by, text }) => `${by}: ${text}`)).toEqual(['mia: it was the cache'])
  expect(incident.status).toBe('resolved')
})

test('the path of the public address may be in front, as some routers leave it', async () => {
  const { responder } = setUp({ publicUrl: 'https://ops.example.com/firebreak', token: 'all-secret' })
  const headers = { authorization: 'Bearer all-secret' }
  for (const path of ['/firebreak/incidents', '/incidents'])
    expect((await responder.fetch(new Request(`https://ops.example.com${path}`, { headers }))).status).toBe(200)
})

test('recorded events are streamed as they happen, and the stream ends with its reader', async () => {
  const { clock, responder, ask } = setUp()
  const response = await ask('GET', '/events')
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  await responder.ingest(outage(clock))
  let text = ''
  while (!text.includes('event: incident.assessed')) text += (await reader.read()).value ?? ''
  expect(text).toContain('event: incident.opened')
  await reader.cancel()
  await clock.advance(0)
  expect(clock.pending).toBe(0)
})

test('a recorded event is streamed once, however many signals it holds', async () => {
  const { clock, responder, ask } = setUp()
  const reader = (await ask('GET', '/events')).body!.pipeThrough(new TextDecoderStream()).getReader()
  await responder.ingest(Array.from({ length: 100 }, (_, index) => outage(clock, { key: `k${index}` })))
  let text = ''
  while (!text.includes('event: incident.assessed')) text += (await reader.read()).value ?? ''
  const ids = Array.from(text.matchAll(/^id: (.*)$/gm), ([, id]) => id)
  expect(ids).toEqual([...new Set(ids)])
  expect(ids.length).toBeGreaterThan(1)
  await reader.cancel()
})

test('a reader of the events who does not read is let go, and what was kept for him is dropped', async () => {
  const { clock, responder, ask } = setUp()
  const [idle, diligent] = [(await ask('GET', '/events')).body!, (await ask('GET', '/events')).body!]
  let bytes = 0
  const read = diligent.pipeTo(new WritableStream({ write: (piece) => void (bytes += piece.byteLength) }))
  for (let number = 0; number < 80; number += 1) {
    const batch = Array.from({ length: 100 }, (_, index) => outage(clock, { key: `${number} ${index}` }))
    await responder.ingest(batch)
  }
  await expect(idle.getReader().read()).rejects.toThrow(/does not read/)
  expect(bytes).toBeGreaterThan(1_500_000)
  await responder.stop()
  await read
  await clock.advance(0)
  expect(clock.pending).toBe(0)
})

test('a missing token is refused when the responder is created, and names the option', () => {
  expect(() => setUp({ publicUrl })).toThrow(/http\.token/)
  expect(() => setUp({ publicUrl, tokens: [] })).toThrow(/http\.tokens/)
})
