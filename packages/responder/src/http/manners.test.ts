import { expect, test } from 'vitest'
import type { IncidentLog } from '@firebreak/core'
import { createTestClock } from '@firebreak/core/testing'
import { IncidentLogError, memoryLog } from '@firebreak/incident-log'
import { createResponder, type HttpOptions } from '../index.ts'
import { outage } from '../responder.fixture.ts'

const publicUrl = 'https://ops.example.com'

function setUp(http: Partial<HttpOptions> = {}, change: (log: IncidentLog) => IncidentLog = (log) => log) {
  const clock = createTestClock()
  const log = change(memoryLog({ clock }))
  const responder = createResponder({ log, parts: [], clock, http: { publicUrl, token: 'secret', ...http } })
  const ask = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
    responder.fetch(
      new Request(`${publicUrl}${path}`, {
        method,
        headers: { authorization: 'Bearer secret', 'content-type': 'application/json', ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    )
  return { clock, responder, ask }
}

test('a wrong method is told which ones are right, and a HEAD gets what a GET would, without a body', async () => {
  const { clock, ask } = setUp()
  for (const [path, allow] of [
    ['/incidents', 'GET, HEAD'],
    ['/signals', 'POST'],
    ['/incidents/shop/note', 'POST'],
  ] as const)
    expect((await ask('DELETE', path)).headers.get('allow')).toBe(allow)
  for (const path of ['/incidents', '/healthz', '/metrics', '/events']) {
    const answer = await ask('HEAD', path)
    expect([path, answer.status, answer.body]).toEqual([path, 200, null])
  }
  await clock.advance(0)
  expect(clock.pending).toBe(0)
})

test('an incident is found by its id as it is printed, encoded or not', async () => {
  const { clock, responder, ask } = setUp()
  await responder.ingest(outage(clock))
  for (const id of ['incident/shop/1', 'incident%2Fshop%2F1', 'shop'])
    for (const [method, path, body] of [
      ['GET', '', undefined],
      ['GET', '/timeline', undefined],
      ['POST', '/note', { text: 'seen' }],
    ] as const)
      expect((await ask(method, `/incidents/${id}${path}`, body)).status).toBe(200)
  expect((await ask('GET', '/incidents/incident/shop/1/odd')).status).toBe(404)
})

test('a host is the same one in capitals and with its port written out, and another one is not', async () => {
  const { ask } = setUp()
  const status = async (host: string) => (await ask('GET', '/incidents', undefined, { host })).status
  for (const host of ['ops.example.com', 'OPS.example.COM', 'ops.example.com:443']) expect(await status(host)).toBe(200)
  for (const host of [
    'ops.example.com:8443',
    'ops.example.com.evil.net',
    'localhost',
    'a b',
    'ops.example.com, evil.net',
  ])
    expect(await status(host)).toBe(421)
})

test('of many signals, the refusal names the one it is about, and nothing is recorded', async () => {
  const { responder, ask } = setUp()
  const good = { key: 'k', service: 'shop', symptoms: [{ kind: 'outage', extent: 'complete' }] }
  const bad = { ...good, symptoms: [{ kind: 'errorRate', ratio: -1 }] }
  const answer = await ask('POST', '/signals', [good, bad])
  expect(await answer.json()).toMatchObject({ status: 400, title: '[1].symptoms[0].ratio: is below 0' })
  await expect(responder.incident('shop')).rejects.toMatchObject({ code: 'UNKNOWN_INCIDENT' })
})

test('what is ours to mend is a 503 with a code, and says nothing of where the log is', async () => {
  const { ask } = setUp({}, (log) => ({
    ...log,
    append: async () => {
      throw new IncidentLogError('LOG_UNAVAILABLE', '/srv/own-place/i.db: the disk is full: free space, then try again')
    },
  }))
  const answer = await ask('POST', '/signals', {
    key: 'k',
    service: 'shop',
    symptoms: [{ kind: 'errorRate', ratio: 1 }],
  })
  expect(await answer.json()).toEqual({
    type: 'about:blank',
    status: 503,
    code: 'LOG_UNAVAILABLE',
    title: 'the incident log does not answer: try again',
  })
})

test('a hook that was not set up says how to', async () => {
  const answer = await setUp().ask('POST', '/hooks/grafana', {})
  expect([answer.status, ((await answer.json()) as { title: string }).title]).toEqual([
    404,
    'there is no /hooks/grafana: give its intake as http.hooks.grafana to createResponder',
  ])
})

test('it is ready while the log can be read and takes appends, and leaves nothing behind by looking', async () => {
  const away = async () => Promise.reject(new Error('postgres://user:hunter2@db is away'))
  const whole = setUp()
  expect((await whole.ask('GET', '/readyz')).status).toBe(200)
  const unread: IncidentLog['list'] = async function* list() {
    await away()
    yield* []
  }
  for (const broken of [{ append: away }, { list: unread }]) {
    const { ask } = setUp({}, (log) => ({ ...log, ...broken }))
    const answer = await ask('GET', '/readyz')
    const text = await answer.text()
    expect([answer.status, (JSON.parse(text) as { code: string }).code]).toEqual([503, 'NOT_READY'])
    expect(text).not.toContain('hunter2')
    expect((await ask('GET', '/healthz')).status).toBe(200)
  }
})

test('it is not ready for a minute after the log refused what was to be kept; then it may try again', async () => {
  const { clock, responder, ask } = setUp({}, (log) => ({
    ...log,
    append: async (writes) => {
      if (writes.some(({ events }) => events.length > 0)) throw new Error('disk full')
      return log.append(writes)
    },
  }))
  await expect(responder.ingest(outage(clock))).rejects.toThrow('disk full')
  expect((await ask('GET', '/readyz')).status).toBe(503)
  await clock.advance(59_999)
  expect((await ask('GET', '/readyz')).status).toBe(503)
  await clock.advance(1)
  expect((await ask('GET', '/readyz')).status).toBe(200)
  await clock.run(responder.stop())
})

test('all lines of one metric stand together, as its format asks for', async () => {
  const { clock, responder, ask } = setUp()
  for (const service of ['shop', 'blog']) {
    await ask('POST', '/signals', outage(clock, { service }))
    await responder.resolve(service, { by: 'mia', why: 'over' })
  }
  responder.bus.emit('action.started', { part: 'a', attempt: 1 } as never)
  responder.bus.emit('page.sent', { notifier: 'phone', reach: 'wake' } as never)
  responder.bus.emit('action.started', { part: 'b', attempt: 1 } as never)
  const lines = (await (await ask('GET', '/metrics')).text()).trimEnd().split('\n')
  const metrics = lines.map((line) => /^(?:# TYPE )?(\w+?)(?:_bucket|_sum|_count)?(?=[{ ])/.exec(line)?.[1])
  const groups = metrics.filter((metric, index) => metric !== metrics[index - 1])
  expect(groups).toEqual([...new Set(groups)])
  expect(groups).toContain('firebreak_actions_started_total')
})

test('the OpenAPI document says what each route takes and gives', async () => {
  interface Operation {
    readonly parameters?: readonly { readonly name: string }[]
    readonly requestBody?: { readonly content: Record<string, { readonly schema: { readonly required?: string[] } }> }
    readonly responses: Record<string, { readonly content: Record<string, unknown> }>
    readonly security?: unknown
  }
  const document = async (http: Partial<HttpOptions>) =>
    (await (await setUp(http).ask('GET', '/openapi.json')).json()) as {
      paths: Record<string, Record<string, Operation>>
    }
  const { paths } = await document({})
  expect(paths['/incidents']?.['get']?.parameters?.map(({ name }) => name)).toEqual(['service', 'status', 'limit'])
  expect(Object.keys(paths['/signals']?.['post']?.responses ?? {})).toContain('202')
  expect(Object.keys(paths['/holds']?.['post']?.responses ?? {})).toEqual(expect.arrayContaining(['200', '201']))
  expect(Object.keys(paths['/events']?.['get']?.responses['200']?.content ?? {})).toEqual(['text/event-stream'])
  const note = paths['/incidents/{id}/note']?.['post']
  expect(note?.requestBody?.content['application/json']?.schema.required).toEqual(['text'])
  expect(note?.security).toBeDefined()
  const open = await document({ token: undefined, open: true })
  expect(open.paths['/incidents']?.['get']?.security).toBeUndefined()
})

test('a body that does not arrive is not waited for beyond 10 s, and leaves no timer', async () => {
  const { clock, responder } = setUp()
  const headers = { authorization: 'Bearer secret', 'content-type': 'application/json' }
  for (const path of ['/signals', '/holds']) {
    let ended = false
    const body = new ReadableStream({
      start: (controller) => controller.enqueue(new TextEncoder().encode('{')),
      cancel: () => {
        ended = true
      },
    })
    const asked = responder.fetch(new Request(`${publicUrl}${path}`, { method: 'POST', headers, body, duplex: 'half' }))
    await clock.advance(10_000)
    const answer = await asked
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([408, 'BODY_TOO_SLOW'])
    expect([ended, clock.pending]).toEqual([true, 0])
  }
})
