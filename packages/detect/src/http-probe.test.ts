import { createServer as createTcpServer } from 'node:net'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo, Server } from 'node:net'
import { createTestClock } from '@firebreak/core/testing'
import { afterEach, describe, expect, test } from 'vitest'
import { baseline } from './baseline.ts'
import { httpProbe } from './http-probe.ts'

const open: Server[] = []
afterEach(() => {
  for (const server of open.splice(0)) server.close()
})

async function listen<Listening extends Server>(server: Listening): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  open.push(server)
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
const serve = (listener: RequestListener) => listen(createServer({ keepAliveTimeout: 1 }, listener))
const signal = new AbortController().signal
const base = { service: 'shop', confirm: 1 }

describe('httpProbe', () => {
  test('2xx is well, and says so each time', async () => {
    const url = await serve((_request, response) => response.end('ok'))
    const [seen] = await httpProbe({ ...base, url }).observe({ signal })
    expect(seen).toMatchObject({ source: 'http', measured: true, service: 'shop', status: 'resolved', symptoms: [] })
    expect(seen!.key).toBe(`http/${new URL(url).host}`)
  })

  test('fires after two failures in a row, with what its owner says it means, and resolves when well again', async () => {
    let status = 500
    const url = await serve((_request, response) => response.writeHead(status).end())
    const probe = httpProbe({ service: 'shop', url, means: { kind: 'function', name: 'payments', critical: true } })
    expect(await probe.observe({ signal })).toEqual([])
    const [seen] = await probe.observe({ signal })
    expect(seen).toMatchObject({ status: 'firing', symptoms: [{ kind: 'function', name: 'payments', critical: true }] })
    expect(seen!.summary).toMatch(/answers 500, 2 times in a row$/)
    status = 200
    expect(await probe.observe({ signal })).toMatchObject([{ status: 'resolved', key: seen!.key }])
    status = 500
    expect(await probe.observe({ signal })).toEqual([])
  })

  test('failing now and then is told, although it never fails twice in a row, and again when it is over', async () => {
    let status = 200
    const url = await serve((_request, response) => response.writeHead(status).end())
    const probe = httpProbe({ service: 'shop', url, name: 'shop' })
    const look = async (next: number) => {
      status = next
      return (await probe.observe({ signal })).find(({ key }) => key === 'shop/intermittent')
    }
    const seen = []
    for (const next of [200, 500, 200, 500, 200, 500, 200]) seen.push(await look(next))
    expect(seen.slice(0, -1)).toEqual(seen.slice(0, -1).map(() => undefined))
    expect(seen.at(-1)).toMatchObject({
      status: 'firing',
      symptoms: [{ kind: 'checks', passing: 1, total: 1, intermittent: true }],
    })
    let last = await look(200)
    while (last?.status === 'firing') last = await look(200)
    expect(last).toMatchObject({ status: 'resolved', symptoms: [] })
    expect(await look(200)).toBeUndefined()
  })

  test('a new process that has seen enough well answers ends what an earlier one told of intermittent failures', async () => {
    const answer = async () => new Response('ok')
    const probe = httpProbe({ service: 'shop', url: 'http://shop.example', name: 'shop', fetch: answer })
    const seen = []
    for (let look = 0; look < 40; look += 1) seen.push(...(await probe.observe({ signal })))
    expect(seen.filter(({ key }) => key === 'shop/intermittent')).toMatchObject([{ status: 'resolved', symptoms: [] }])
  })

  test('a probe of one function does not call its trouble intermittent checks', async () => {
    let round = 0
    const answer = async () => new Response('', { status: (round += 1) % 2 === 0 ? 500 : 200 })
    const means = { kind: 'function', name: 'export', critical: false } as const
    const probe = httpProbe({ service: 'shop', url: 'http://shop.example', name: 'shop', means, fetch: answer })
    for (let look = 0; look < 12; look += 1)
      expect((await probe.observe({ signal })).filter(({ key }) => key !== 'shop')).toEqual([])
  })

  test('the default meaning is a complete outage', async () => {
    const url = await serve((_request, response) => response.writeHead(503).end())
    expect((await httpProbe({ ...base, url }).observe({ signal }))[0]!.symptoms).toEqual([
      { kind: 'outage', extent: 'complete' },
    ])
  })

  test('a refused connection is the service being down, not a broken probe', async () => {
    const url = await serve((_request, response) => response.end())
    await new Promise((resolve) => open.pop()!.close(resolve))
    expect((await httpProbe({ ...base, url }).observe({ signal }))[0]).toMatchObject({
      status: 'firing',
      summary: expect.stringContaining('refuses connections'),
    })
  })

  test('a connection that breaks off, and a server that does not speak HTTP, are the service being down', async () => {
    const resets = await listen(createTcpServer((socket) => socket.on('data', () => socket.destroy())))
    expect((await httpProbe({ ...base, url: resets }).observe({ signal }))[0]!.status).toBe('firing')
    const gibberish = await listen(
      createTcpServer((socket) => socket.on('error', () => undefined).end('SSH-2.0-x\r\n')),
    )
    expect((await httpProbe({ ...base, url: gibberish }).observe({ signal }))[0]!.status).toBe('firing')
  })

  test('no answer within the time limit is the service being down, on the clock, and leaves no timer', async () => {
    const clock = createTestClock()
    const url = await serve(() => undefined)
    const [seen] = await clock.run(httpProbe({ ...base, url, timeoutMs: 3_000, clock }).observe({ signal }))
    expect(seen).toMatchObject({ status: 'firing', summary: expect.stringContaining('within 3000 ms') })
    expect(clock.pending).toBe(0)
  })

  test('an abort of the caller is neither', async () => {
    const url = await serve(() => undefined)
    const controller = new AbortController()
    const observing = httpProbe({ ...base, url }).observe({ signal: controller.signal })
    controller.abort(new Error('enough'))
    await expect(observing).rejects.toThrow('enough')
  })

  test.each(['EAI_AGAIN', 'ENETUNREACH', 'EMFILE', 'EPERM', 'UND_ERR_INVALID_ARG', 'ERR_INVALID_URL'])(
    'rejects on %s: it could not look',
    async (code) => {
      const broken = () =>
        Promise.reject(new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code }) }))
      const probe = httpProbe({ ...base, url: 'http://shop.example', fetch: broken })
      await expect(probe.observe({ signal })).rejects.toMatchObject({ code: 'PROBE_BROKEN' })
    },
  )

  test.each([
    'ENOTFOUND',
    'EHOSTUNREACH',
    'CERT_HAS_EXPIRED',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'UND_ERR_SOCKET',
    'HPE_INVALID_CONSTANT',
  ])('fires on %s: users feel it', async (code) => {
    const failing = () =>
      Promise.reject(new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code }) }))
    const [seen] = await httpProbe({ ...base, url: 'http://shop.example', fetch: failing }).observe({ signal })
    expect(seen!.status).toBe('firing')
  })

  test('a redirect is a failure unless allowed; going round in circles is one even then', async () => {
    const url = await serve((request, response) => {
      if (request.url === '/login') response.end('please log in')
      else response.writeHead(302, { location: request.url === '/loop' ? '/loop' : '/login' }).end()
    })
    expect((await httpProbe({ ...base, url }).observe({ signal }))[0]!.summary).toContain('answers 302')
    expect((await httpProbe({ ...base, url, followRedirects: true }).observe({ signal }))[0]!.status).toBe('resolved')
    const loop = httpProbe({ ...base, url: `${url}/loop`, followRedirects: true })
    expect((await loop.observe({ signal }))[0]!.summary).toContain('in circles')
  })

  test('expects a status, a text or a pattern', async () => {
    const url = await serve((_request, response) => response.writeHead(204).end())
    const statusOf = async (expect_: object) =>
      (await httpProbe({ ...base, url, expect: expect_ }).observe({ signal }))[0]!.status
    expect(await statusOf({ status: 204 })).toBe('resolved')
    expect(await statusOf({ status: [200, 201] })).toBe('firing')
    const page = await serve((_request, response) => response.end('orders: 12'))
    const bodyOf = async (body: string | RegExp) =>
      (await httpProbe({ ...base, url: page, expect: { body } }).observe({ signal }))[0]!.status
    expect(await bodyOf('orders')).toBe('resolved')
    expect(await bodyOf(/orders: \d+/g)).toBe('resolved')
    expect(await bodyOf('maintenance')).toBe('firing')
    expect(await bodyOf(/^$/)).toBe('firing')
  })

  test('slower than expected is a failure', async () => {
    const clock = createTestClock()
    const url = await serve((_request, response) => {
      clock.jump(900)
      response.end('ok')
    })
    const [seen] = await httpProbe({ ...base, url, clock, expect: { withinMs: 800 } }).observe({ signal })
    expect(seen).toMatchObject({ status: 'firing', summary: expect.stringContaining('800 ms allowed') })
  })

  test('response time as a figure: the median of five answers against what is usual', async () => {
    const clock = createTestClock()
    let tookMs = 100
    const answer = async () => {
      clock.jump(tookMs)
      return new Response('ok')
    }
    const probe = httpProbe({
      ...base,
      url: 'http://shop.example',
      name: 'shop',
      clock,
      fetch: answer,
      baselineMs: 100,
    })
    const latency = async () => (await probe.observe({ signal })).find(({ key }) => key === 'shop/latency')
    for (let round = 0; round < 4; round += 1) expect(await latency()).toBeUndefined()
    expect(await latency()).toMatchObject({
      status: 'resolved',
      symptoms: [{ kind: 'latency', ms: 100, baselineMs: 100 }],
    })
    tookMs = 900
    expect(await latency()).toMatchObject({ status: 'resolved', symptoms: [{ ms: 100 }] })
    await latency()
    expect(await latency()).toMatchObject({ status: 'firing', symptoms: [{ ms: 900, baselineMs: 100 }] })
  })

  test('an error answered quickly says nothing about response time', async () => {
    const usual = baseline({ minSamples: 1 })
    const answer = async () => new Response('', { status: 500 })
    const probe = httpProbe({ ...base, url: 'http://shop.example', fetch: answer, baselineMs: usual })
    for (let round = 0; round < 6; round += 1) expect(await probe.observe({ signal })).toHaveLength(1)
    expect(usual.state().values).toEqual([])
  })

  test('an endless body is not read to its end', async () => {
    let sent = 0
    const url = await serve((_request, response) => {
      const more = () => {
        while (!response.destroyed && sent < 300) {
          sent += 1
          if (!response.write('x'.repeat(1024 * 1024))) return void response.once('drain', more)
        }
        response.end()
      }
      more()
    })
    await httpProbe({ ...base, url, expect: { body: 'never' } }).observe({ signal })
    expect(sent).toBeLessThan(100)
  })

  test('refuses what it cannot work with, naming the option', () => {
    expect(() => httpProbe({ service: 'shop', url: undefined as never })).toThrow(/url/)
    expect(() => httpProbe({ service: 'shop', url: 'shop.example' })).toThrow(/url/)
    expect(() => httpProbe({ service: 'shop', url: 'http://app:hunter22@x/' })).toThrow(/^url: (?!.*hunter)/)
    expect(() => httpProbe({ service: 'shop', url: 'http://x', confirm: 0 })).toThrow(/confirm/)
    expect(() => httpProbe({ service: 'shop', url: 'http://x', means: { kind: 'errorRate', ratio: 12 } })).toThrow(
      /0\.12/,
    )
  })
})
