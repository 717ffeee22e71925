import { createServer, type RequestListener } from 'node:http'
import { inspect } from 'node:util'
import type { AddressInfo } from 'node:net'
import { createBus } from '@firebreak/core'
import { createTestClock } from '@firebreak/core/testing'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { FlyError } from '../errors/fly-error.ts'
import { createFly } from '../fly.ts'
import { fakeFetch, inTurn, json } from '../fixtures/fake-fetch.ts'
import type { FlyOptions } from '../options.ts'

const token = 'fm2_canaryCanaryCanary'

/** A real server on loopback, gone at the end of the block. */
async function serve(listener: RequestListener) {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function clientOf(url: string, options: FlyOptions = {}) {
  return createFly({ token, machinesUrl: url, apiUrl: url, retry: false, ...options }).app('shop')
}

async function failureOf(work: PromiseLike<unknown>): Promise<FlyError> {
  try {
    await work
  } catch (error) {
    if (FlyError.isInstance(error)) return error
    throw error
  }
  throw new Error('did not fail')
}

describe('an answer that is not what was asked for is a typed error', () => {
  test('10 MB', async () => {
    await using server = await serve((_, response) => {
      response.setHeader('content-type', 'application/json')
      response.end(`"${'x'.repeat(10_000_000)}"`)
    })
    const error = await failureOf(clientOf(server.url).machines.get('m1'))
    expect(error).toMatchObject({
      code: 'FLY_UNEXPECTED_ANSWER',
      status: 200,
      message: expect.stringContaining('longer than') as string,
    })
  })

  test('10 MB without saying so beforehand', async () => {
    await using server = await serve((_, response) => {
      response.setHeader('content-type', 'application/json')
      for (let count = 0; count < 160; count += 1) response.write('x'.repeat(65_536))
      response.end()
    })
    expect(await failureOf(clientOf(server.url).machines.get('m1'))).toMatchObject({
      code: 'FLY_UNEXPECTED_ANSWER',
      message: expect.stringContaining('longer than 8388608 bytes') as string,
    })
  })

  test('cut in the middle by a lost connection', async () => {
    await using server = await serve((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' })
      response.write('{"id":"m1",')
      setTimeout(() => response.destroy(), 20)
    })
    expect(await failureOf(clientOf(server.url).machines.get('m1'))).toMatchObject({ code: 'NETWORK', ambiguous: true })
  })

  test('cut in the middle by a proxy that ends it politely', async () => {
    await using server = await serve((_, response) => {
      response.setHeader('content-type', 'application/json')
      response.end('{"id":"m1","config":{')
    })
    expect(await failureOf(clientOf(server.url).machines.get('m1'))).toMatchObject({ code: 'FLY_UNEXPECTED_ANSWER' })
  })

  test.each(['text/html', 'text/plain', 'application/octet-stream'])('%s instead of JSON', async (type) => {
    await using server = await serve((_, response) => {
      response.setHeader('content-type', type)
      response.end('{"id":"m1"}')
    })
    expect(await failureOf(clientOf(server.url).machines.get('m1'))).toMatchObject({ code: 'FLY_UNEXPECTED_ANSWER' })
  })

  test('a page of a captive portal is no success of a write either', async () => {
    await using server = await serve((_, response) => {
      response.setHeader('content-type', 'text/html')
      response.end('<html>please log in</html>')
    })
    expect(await failureOf(clientOf(server.url).machines.cordon('m1'))).toMatchObject({ code: 'FLY_UNEXPECTED_ANSWER' })
  })

  test('another shape', async () => {
    const { fetch } = fakeFetch({ 'GET /v1/apps/shop/machines/m1': () => json({ machine: 'm1' }) })
    const error = await failureOf(clientOf('http://fly.test', { fetch }).machines.get('m1'))
    expect(error).toMatchObject({ code: 'FLY_UNEXPECTED_ANSWER' })
    expect(error.message).toContain('id')
  })

  test.each([301, 302, 303, 307, 308])('a redirect (%i) is refused, and the token does not travel', async (status) => {
    const visited: (string | undefined)[] = []
    await using elsewhere = await serve((request, response) => {
      visited.push(request.headers.authorization)
      response.end('{}')
    })
    await using server = await serve((_, response) => {
      response.writeHead(status, { location: `${elsewhere.url}/stolen` })
      response.end()
    })
    expect(await failureOf(clientOf(server.url).machines.get('m1'))).toMatchObject({
      code: 'FLY_UNEXPECTED_ANSWER',
      status,
    })
    expect(visited).toEqual([])
  })

  test('no answer at all, within the deadline', async () => {
    await using server = await serve(() => undefined)
    expect(await failureOf(clientOf(server.url).machines.get('m1', { timeoutMs: 50 }))).toMatchObject({
      code: 'TIMEOUT',
    })
  })

  test('a fetch that was passed in and ignores its signal', async () => {
    const app = clientOf('http://fly.test', { fetch: () => new Promise(() => undefined) })
    expect(await failureOf(app.machines.get('m1', { timeoutMs: 30 }))).toMatchObject({ code: 'TIMEOUT' })
  })

  test('nobody there: nothing was sent', async () => {
    const server = await serve(() => undefined)
    await server[Symbol.asyncDispose]()
    expect(await failureOf(clientOf(server.url).machines.get('m1'))).toMatchObject({
      code: 'NETWORK',
      ambiguous: false,
    })
  })

  test('the caller gives up', async () => {
    await using server = await serve(() => undefined)
    const giveUp = new AbortController()
    const asked = failureOf(clientOf(server.url).machines.get('m1', { signal: giveUp.signal }))
    giveUp.abort(new Error('changed my mind'))
    expect(await asked).toMatchObject({
      code: 'ABORTED',
      name: 'FlyAbortedError',
      method: 'GET',
      path: '/v1/apps/shop/machines/m1',
    })
  })

  test('a signal that was aborted before sends nothing', async () => {
    const { fetch, calls } = fakeFetch({})
    const app = clientOf('http://fly.test', { fetch })
    expect(await failureOf(app.machines.get('m1', { signal: AbortSignal.abort() }))).toMatchObject({ code: 'ABORTED' })
    expect(calls).toEqual([])
  })
})

describe('input that cannot be meant is refused before any request', () => {
  const { fetch, calls } = fakeFetch({})
  const app = clientOf('http://fly.test', { fetch })

  test.each([
    '',
    '..',
    '.',
    '../apps',
    'm1/../../x',
    'm1/stop',
    'm1?x=1',
    'm1#x',
    'm1%2f..',
    'm 1',
    'm1\n',
    'x'.repeat(65),
  ])('the machine id %j', async (id) => {
    for (const call of [
      () => app.machines.get(id),
      () => app.machines.stop(id),
      () => app.machines.wait(id),
      () => app.machines.leases.acquire(id),
    ])
      await expect(call()).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    expect(calls).toEqual([])
  })

  test.each(['', '..', 'a/b', 'a b', 'a?b', '-', 'x'.repeat(64)])('the app %j', (name) => {
    expect(() => createFly({ token }).app(name)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }) as Error)
  })

  test.each([Number.NaN, -1, Number.POSITIVE_INFINITY, 0])('the number %d', async (value) => {
    const calledWith = [
      () => app.machines.get('m1', { timeoutMs: value }),
      () => app.machines.wait('m1', { timeoutMs: value }),
      () => app.machines.events('m1', { limit: value }),
      () => app.machines.leases.acquire('m1', { ttlSeconds: value }),
      () => app.scale.plan({ count: value === 0 ? -0.5 : value }),
      () => app.releases.list({ limit: value }),
      () => app.metrics.errorRatio({ windowMs: value }),
    ]
    for (const call of calledWith) await expect(call()).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    expect(calls.filter(({ path }) => path !== '/v1/apps/shop/machines')).toEqual([])
  })

  test.each(['ftp://x', 'not a url', 'http://user:pw@x', 'http://x/?token=1'])('the address %j', (machinesUrl) => {
    expect(() => createFly({ token, machinesUrl })).toThrow(expect.objectContaining({ field: 'machinesUrl' }) as Error)
  })
})

describe('the environment is read as flyctl reads it, when createFly is called', () => {
  afterEach(() => vi.unstubAllEnvs())

  test('token and addresses', async () => {
    vi.stubEnv('FLY_ACCESS_TOKEN', '')
    vi.stubEnv('FLY_API_TOKEN', 'fm2_fromEnvironment')
    vi.stubEnv('FLY_FLAPS_BASE_URL', 'http://flaps.test:4280/')
    vi.stubEnv('FLY_API_BASE_URL', 'http://api.test')
    const urls: string[] = []
    const fetch: typeof globalThis.fetch = (input) => {
      urls.push(new Request(input).url)
      return Promise.resolve(json({}, 404))
    }
    const app = createFly({ fetch, retry: false }).app('shop')
    await app.machines.get('m1').catch(() => undefined)
    await app.releases.current().catch(() => undefined)
    await app.releases.update('Rel1', { status: 'complete' }).catch(() => undefined)
    await app.platformStatus().catch(() => undefined)
    expect(urls).toEqual([
      'http://flaps.test:4280/v1/apps/shop/machines/m1',
      'http://api.test/graphql',
      'http://api.test/api/v1/releases/Rel1',
      'http://api.test/api/v2/summary.json',
    ])
  })

  test('an access token goes before an API token', async () => {
    vi.stubEnv('FLY_ACCESS_TOKEN', 'fm2_first')
    vi.stubEnv('FLY_API_TOKEN', 'fm2_second')
    const { fetch, calls } = fakeFetch({})
    await createFly({ fetch, retry: false })
      .app('shop')
      .get()
      .catch(() => undefined)
    expect(calls[0]?.headers.get('authorization')).toBe('FlyV1 fm2_first')
  })

  test('without a token it says which option and which variable', () => {
    vi.stubEnv('FLY_ACCESS_TOKEN', '')
    vi.stubEnv('FLY_API_TOKEN', '')
    expect(() => createFly()).toThrow(/token.*FLY_API_TOKEN/)
  })
})

describe('repeating', () => {
  const machine = { id: 'm1', state: 'started', region: 'iad', instance_id: '01V1', config: { image: 'a' } }
  const options = { random: () => 0.5, retry: undefined }

  test.each([408, 429, 500, 502, 503, 504])('a read is repeated over %i', async (status) => {
    const clock = createTestClock()
    const { fetch, calls } = fakeFetch({
      'GET /v1/apps/shop/machines/m1': inTurn(
        () => new Response('', { status }),
        () => json(machine),
      ),
    })
    await clock.run(clientOf('http://fly.test', { ...options, fetch, clock }).machines.get('m1'))
    expect(calls).toHaveLength(2)
  })

  test.each([400, 401, 403, 404, 409, 412, 422])('%i is final', async (status) => {
    const clock = createTestClock()
    const { fetch, calls } = fakeFetch({ 'GET /v1/apps/shop/machines/m1': () => json({}, status) })
    await clock.run(failureOf(clientOf('http://fly.test', { ...options, fetch, clock }).machines.get('m1')))
    expect(calls).toHaveLength(1)
  })

  test('a restart whose answer was lost is not sent again, one that was refused by 429 is', async () => {
    const clock = createTestClock()
    const lost = fakeFetch({ 'POST /v1/apps/shop/machines/m1/restart': () => new Response('', { status: 504 }) })
    const error = await clock.run(
      failureOf(clientOf('http://fly.test', { ...options, fetch: lost.fetch, clock }).machines.restart('m1')),
    )
    expect(error).toMatchObject({ code: 'FLY_PLATFORM', ambiguous: true })
    expect(lost.calls).toHaveLength(1)
    const throttled = fakeFetch({
      'POST /v1/apps/shop/machines/m1/restart': inTurn(
        () => json({}, 429),
        () => json({ ok: true }),
      ),
    })
    await clock.run(clientOf('http://fly.test', { ...options, fetch: throttled.fetch, clock }).machines.restart('m1'))
    expect(throttled.calls).toHaveLength(2)
  })

  test('it waits as long as Fly asks for', async () => {
    const clock = createTestClock(0)
    const { fetch } = fakeFetch({
      'GET /v1/apps/shop/machines/m1': inTurn(
        () => json({}, 429, { 'retry-after': '20' }),
        () => json(machine),
      ),
    })
    await clock.run(clientOf('http://fly.test', { ...options, fetch, clock }).machines.get('m1'))
    expect(clock.now()).toBeGreaterThanOrEqual(20_000)
  })

  test('the last real error comes out, with the number of attempts, and no timer stays', async () => {
    const clock = createTestClock()
    const { fetch, calls } = fakeFetch({ 'GET /v1/apps/shop/machines/m1': () => json({ error: 'internal' }, 500) })
    const app = clientOf('http://fly.test', { ...options, fetch, clock })
    const error = await clock.run(failureOf(app.machines.get('m1', { retry: { attempts: 3 } })))
    expect(error).toMatchObject({ code: 'FLY_PLATFORM', attempts: 3 })
    expect(calls).toHaveLength(3)
    expect(clock.pending).toBe(0)
  })

  test('the time for the whole call counts retries too', async () => {
    const clock = createTestClock(0)
    const { fetch } = fakeFetch({ 'GET /v1/apps/shop/machines/m1': () => json({}, 500) })
    const app = clientOf('http://fly.test', { ...options, fetch, clock })
    const error = await clock.run(failureOf(app.machines.get('m1', { timeoutMs: 2_000, retry: { attempts: 99 } })))
    expect(error).toMatchObject({ code: 'TIMEOUT', retryable: false })
    expect(clock.now()).toBe(2_000)
  })
})

describe('what the bus is told', () => {
  test('every attempt: method, route, status, attempt, duration, request id; never the token', async () => {
    const clock = createTestClock()
    const bus = createBus()
    const told: unknown[] = []
    bus.on('fly.requested', (request) => told.push(request))
    const { fetch } = fakeFetch({
      'GET /v1/apps/shop/machines/m1': inTurn(
        () => json({}, 503),
        () => json({ id: 'm1' }, 200, { 'fly-request-id': '01JR-ams' }),
      ),
    })
    const app = clientOf('http://fly.test', { fetch, clock, bus, retry: undefined })
    const { requestId, response } = await clock.run(app.machines.get('m1').withResponse())
    expect(requestId).toBe('01JR-ams')
    expect(await response.json()).toEqual({ id: 'm1' })
    const route = '/v1/apps/{app}/machines/{machine}'
    expect(told).toEqual([
      { method: 'GET', route, status: 503, attempt: 1, durationMs: 0, error: 'FLY_PLATFORM' },
      { method: 'GET', route, status: 200, attempt: 2, durationMs: 0, requestId: '01JR-ams' },
    ])
  })

  test('a connection that broke off has no status', async () => {
    const bus = createBus()
    const told: { status: number | null; error?: string }[] = []
    bus.on('fly.requested', (request) => told.push(request))
    const fetch = () => Promise.reject(new TypeError('fetch failed'))
    await failureOf(clientOf('http://fly.test', { fetch, bus }).machines.get('m1'))
    expect(told).toMatchObject([{ status: null, error: 'NETWORK' }])
  })
})

describe('the token is nowhere', () => {
  const plain = 'justSomeCanaryWithoutAPrefix'
  const leaky: [string, FlyOptions['fetch']][] = [
    ['an answer that echoes it', () => Promise.resolve(json({ error: `bad token ${plain} ${token}` }, 401))],
    ['HTML that echoes it', () => Promise.resolve(new Response(`<p>${plain} ${token}`, { status: 502 }))],
    [
      'a content type that echoes it',
      () => Promise.resolve(new Response('x', { headers: { 'content-type': `text/${plain}` } })),
    ],
    [
      'a fetch that throws it',
      (_, init) => {
        const authorization = new Headers(init?.headers).get('authorization')
        const pieces = authorization?.split(/[ ,]/).join(' and ')
        const sent = Object.assign(new Error(`sent ${pieces}`), { request: init })
        return Promise.reject(new TypeError(`failed: ${authorization}`, { cause: sent }))
      },
    ],
  ]
  test.each(leaky)('%s', async (_, fetch) => {
    const bus = createBus()
    const told: unknown[] = []
    bus.on('fly.requested', (request) => told.push(request))
    const app = clientOf('http://fly.test', { fetch, token: `${token},${plain}`, bus })
    for (const work of [
      () => app.machines.get('m1'),
      () => app.releases.current(),
      () => app.machines.update('m1', {}),
    ]) {
      const error = await failureOf(work())
      const everything = inspect([error, error.stack, told, app], { depth: 12, showHidden: true })
      expect(everything).not.toContain('canaryCanary')
      expect(everything).not.toContain(plain)
    }
  })
})

test('a fetch that is passed in gets an address and plain options', async () => {
  const seen: unknown[] = []
  const fetch = ((...given: unknown[]) => {
    seen.push(given)
    return Promise.resolve(json({ ok: true }))
  }) as typeof globalThis.fetch
  await clientOf('http://fly.test', { fetch }).machines.stop('m1', { graceSeconds: 5 })
  expect(seen).toEqual([
    [
      'http://fly.test/v1/apps/shop/machines/m1/stop',
      {
        method: 'POST',
        redirect: 'manual',
        body: '{"timeout":"5s"}',
        signal: expect.any(AbortSignal) as AbortSignal,
        headers: {
          accept: 'application/json',
          'user-agent': 'firebreak',
          authorization: `FlyV1 ${token}`,
          'content-type': 'application/json',
        },
      },
    ],
  ])
})

test('a bus that throws does not turn an answer into an error', async () => {
  const { fetch } = fakeFetch({ 'GET /v1/apps/shop/machines/m1': () => json({ id: 'm1' }) })
  const bus = {
    emit: () => {
      throw new Error('broken bus')
    },
  }
  expect(await clientOf('http://fly.test', { fetch, bus }).machines.get('m1')).toMatchObject({ id: 'm1' })
})

test.each([
  { attempts: Number.NaN },
  { attempts: 0 },
  { baseMs: -1 },
  { jitter: 2 },
  { budgetMs: Number.POSITIVE_INFINITY },
])('the retry policy %j is refused', async (retry) => {
  const { fetch, calls } = fakeFetch({})
  await expect(clientOf('http://fly.test', { fetch }).machines.get('m1', { retry })).rejects.toMatchObject({
    code: 'INVALID_INPUT',
  })
  expect(calls).toEqual([])
})

test('an option that is undefined changes nothing', async () => {
  const clock = createTestClock()
  const { fetch, calls } = fakeFetch({ 'GET /v1/apps/shop/machines/m1': () => json({}, 500) })
  const app = clientOf('http://fly.test', { fetch, clock, retry: { attempts: 2, baseMs: undefined } as never })
  await clock.run(failureOf(app.machines.get('m1', { retry: { attempts: undefined } as never })))
  expect(calls).toHaveLength(2)
})

test('a list is iterated without awaiting it first', async () => {
  const { fetch } = fakeFetch({ 'GET /v1/apps/shop/machines': () => json([{ id: 'm1' }, { id: 'm2' }]) })
  const ids: string[] = []
  for await (const { id } of clientOf('http://fly.test', { fetch }).machines.list()) ids.push(id)
  expect(ids).toEqual(['m1', 'm2'])
})

test('a failure that is only asked for with its response is not unhandled', async () => {
  const { fetch } = fakeFetch({})
  const unhandled = vi.fn<() => void>()
  process.on('unhandledRejection', unhandled)
  await expect(clientOf('http://fly.test', { fetch }).machines.get('m1').withResponse()).rejects.toMatchObject({
    status: 404,
  })
  await new Promise((resolve) => setImmediate(resolve))
  process.off('unhandledRejection', unhandled)
  expect(unhandled).not.toHaveBeenCalled()
})
