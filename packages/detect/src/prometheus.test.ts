import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Symptom } from '@firebreak/core'
import { createTestClock } from '@firebreak/core/testing'
import { afterEach, describe, expect, test } from 'vitest'
import { baseline } from './baseline.ts'
import { prometheusHealth, prometheusProbe } from './prometheus.ts'

type Figure = number | string
type Answer = (
  query: string,
  request: IncomingMessage,
  response: ServerResponse,
) => Figure | [object, number][] | null | void

const open: (() => Promise<void>)[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((close) => close()))
})

/** A Prometheus on loopback: a number, `null` for absent, a list of series, or full control of the response. */
async function fakePrometheus(answer: Answer): Promise<{ url: string; asked: URL[] }> {
  const asked: URL[] = []
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost')
    asked.push(url)
    const value = answer(url.searchParams.get('query') ?? '', request, response)
    if (value === undefined) return
    const result =
      value === null
        ? []
        : Array.isArray(value)
          ? value.map(([metric, figure]) => ({ metric, value: [1, String(figure)] }))
          : [{ metric: {}, value: [1, String(value)] }]
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ status: 'success', data: { resultType: 'vector', result } }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  open.push(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  )
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/prometheus/hotdash`, asked }
}

const queries = { errorRatio: 'ratio[$window]', requests: 'requests[$window]' }
const sorted = (asked: URL[]) =>
  asked.map((it) => it.searchParams.get('query') ?? '').toSorted((left, right) => left.localeCompare(right))
const signal = new AbortController().signal
const symptomsOf = (signals: readonly { symptoms: readonly Symptom[] }[]) => signals.flatMap(({ symptoms }) => symptoms)

describe('prometheusProbe', () => {
  test('gives one error rate a window, with the number of requests, under one stable key', async () => {
    const { url, asked } = await fakePrometheus((query) =>
      query.startsWith('ratio') ? (query.includes('60s') ? 0.6 : 0.2) : query.includes('60s') ? 120.4 : 600,
    )
    const probe = prometheusProbe({ url, service: 'shop', queries })
    const [first] = await probe.observe({ signal })
    const [second] = await probe.observe({ signal })
    expect(first).toMatchObject({
      key: 'prometheus/errors',
      source: 'prometheus',
      measured: true,
      service: 'shop',
      status: 'firing',
      staleAfterMs: 60_000,
      symptoms: [
        { kind: 'errorRate', ratio: 0.6, requests: 120, windowMs: 60_000 },
        { kind: 'errorRate', ratio: 0.2, requests: 600, windowMs: 300_000 },
      ],
    })
    expect(first!.summary).toBe('72 of 120 requests failed in the last 60 s (60 %)')
    expect(second!.key).toBe(first!.key)
    expect(second!.id).not.toBe(first!.id)
    expect(asked[0]!.pathname).toBe('/prometheus/hotdash/api/v1/query')
  })

  test('figures below the lowest level are told too, as resolved', async () => {
    const { url } = await fakePrometheus((query) => (query.startsWith('ratio') ? 0.0099 : 1_000))
    const [seen] = await prometheusProbe({ url, service: 'shop', queries }).observe({ signal })
    expect(seen).toMatchObject({ status: 'resolved', symptoms: [{ ratio: 0.0099 }, { ratio: 0.0099 }] })
  })

  test('absent is not zero: without any series nothing is said', async () => {
    const { url } = await fakePrometheus(() => null)
    expect(await prometheusProbe({ url, service: 'shop', queries }).observe({ signal })).toEqual([])
  })

  test('no traffic is not "no errors"', async () => {
    const { url } = await fakePrometheus((query) => (query.startsWith('ratio') ? 0 : 0))
    expect(await prometheusProbe({ url, service: 'shop', queries }).observe({ signal })).toEqual([])
  })

  test('traffic without any error series is a ratio of 0', async () => {
    const { url } = await fakePrometheus((query) => (query.startsWith('ratio') ? null : 50))
    const [seen] = await prometheusProbe({ url, service: 'shop', queries }).observe({ signal })
    expect(seen).toMatchObject({ status: 'resolved', symptoms: [{ ratio: 0, requests: 50 }, { ratio: 0 }] })
  })

  test('one window without traffic leaves the other', async () => {
    const { url } = await fakePrometheus((query) =>
      query.includes('60s') ? null : query.startsWith('ratio') ? 0.3 : 90,
    )
    const [seen] = await prometheusProbe({ url, service: 'shop', queries }).observe({ signal })
    expect(seen!.symptoms).toEqual([{ kind: 'errorRate', ratio: 0.3, requests: 90, windowMs: 300_000 }])
  })

  test('NaN and infinity say nothing', async () => {
    const { url } = await fakePrometheus((query) => (query.startsWith('ratio') ? 'NaN' : '+Inf'))
    expect(await prometheusProbe({ url, service: 'shop', queries }).observe({ signal })).toEqual([])
  })

  test('a hair above a threshold from dividing floats is the threshold', async () => {
    const { url } = await fakePrometheus((query) => (query.startsWith('ratio') ? '0.5000000000000001' : 1_200))
    const [seen] = await prometheusProbe({ url, service: 'shop', queries }).observe({ signal })
    expect(symptomsOf([seen!])).toMatchObject([{ ratio: 0.5 }, { ratio: 0.5 }])
  })

  test('a ratio in per cent is refused with the hint', async () => {
    const { url } = await fakePrometheus((query) => (query.startsWith('ratio') ? 12 : 100))
    await expect(prometheusProbe({ url, service: 'shop', queries }).observe({ signal })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      field: 'queries.errorRatio',
      message: expect.stringContaining('0.12'),
    })
  })

  test('errors and requests serve instead of a ratio', async () => {
    const { url } = await fakePrometheus((query) => (query.startsWith('errors') ? 30 : 120))
    const probe = prometheusProbe({ url, service: 'shop', queries: { errors: 'errors', requests: 'requests' } })
    expect(symptomsOf(await probe.observe({ signal }))[0]).toMatchObject({ ratio: 0.25, requests: 120 })
  })

  test('windows are data: a drill scales them', async () => {
    const { url, asked } = await fakePrometheus((query) => (query.startsWith('ratio') ? 0.6 : 100))
    const probe = prometheusProbe({ url, service: 'shop', queries, windowsMs: [2_500] })
    expect(symptomsOf(await probe.observe({ signal }))).toEqual([
      { kind: 'errorRate', ratio: 0.6, requests: 100, windowMs: 2_500 },
    ])
    expect(sorted(asked)).toEqual(['ratio[2500ms]', 'requests[2500ms]'])
  })

  test('latency against a given baseline, seconds or milliseconds', async () => {
    const { url } = await fakePrometheus((query) => (query === 'p95' ? 0.4001 : 500))
    const probe = prometheusProbe({
      url,
      service: 'shop',
      queries: { p95Seconds: 'p95', requests: 'requests' },
      baselineMs: 200,
      windowsMs: [60_000],
    })
    const [seen] = await probe.observe({ signal })
    expect(seen).toMatchObject({ key: 'prometheus/latency', status: 'firing' })
    expect(seen!.symptoms).toEqual([{ kind: 'latency', ms: 400.1, baselineMs: 200, samples: 500, windowMs: 60_000 }])
  })

  test('a few milliseconds more are nothing, however many times the baseline', async () => {
    const { url } = await fakePrometheus(() => 30)
    const probe = prometheusProbe({ url, service: 'shop', queries: { p95Ms: 'p95' }, baselineMs: 5 })
    expect((await probe.observe({ signal }))[0]).toMatchObject({
      status: 'resolved',
      symptoms: [{ ms: 30 }, { ms: 30 }],
    })
  })

  test('a latency baseline is learnt first, and frozen while firing', async () => {
    let p95 = 100
    const { url } = await fakePrometheus(() => p95)
    const usual = baseline({ minSamples: 3 })
    const probe = prometheusProbe({
      url,
      service: 'shop',
      queries: { p95Ms: 'p95' },
      baselineMs: usual,
      windowsMs: [60_000],
    })
    for (let round = 0; round < 3; round += 1) expect(await probe.observe({ signal })).toEqual([])
    p95 = 900
    for (let round = 0; round < 10; round += 1)
      expect((await probe.observe({ signal }))[0]).toMatchObject({
        status: 'firing',
        symptoms: [{ kind: 'latency', ms: 900, baselineMs: 100 }],
      })
    expect(usual.state().values).toEqual([100, 100, 100])
    p95 = 110
    expect((await probe.observe({ signal }))[0]).toMatchObject({ status: 'resolved' })
    expect(usual.state().values).toEqual([100, 100, 100, 110])
  })

  test('what a handful of requests say is not learnt as usual', async () => {
    const { url } = await fakePrometheus((query) => (query === 'p95' ? 900 : 29))
    const usual = baseline({ minSamples: 1 })
    const options = { url, service: 'shop', queries: { p95Ms: 'p95', requests: 'requests' }, baselineMs: usual }
    await prometheusProbe(options).observe({ signal })
    expect(usual.state().values).toEqual([])
  })

  test('several series where one figure is needed are refused', async () => {
    const { url } = await fakePrometheus(() => [
      [{ instance: 'a' }, 1],
      [{ instance: 'b' }, 2],
    ])
    await expect(prometheusProbe({ url, service: 'shop', queries }).observe({ signal })).rejects.toMatchObject({
      code: 'PROMETHEUS_NOT_ONE_SERIES',
    })
  })

  test.each<[string, string, Answer]>([
    [
      'an error of Prometheus',
      'PROMETHEUS_QUERY_FAILED',
      (_query, _request, response) => {
        response.statusCode = 400
        response.end(JSON.stringify({ status: 'error', errorType: 'bad_data', error: 'parse error' }))
      },
    ],
    [
      'a refusal',
      'PROMETHEUS_REFUSED',
      (_query, _request, response) => void response.writeHead(401).end('Unauthorized'),
    ],
    [
      "a gateway's refusal in JSON",
      'PROMETHEUS_REFUSED',
      (_query, _request, response) => void response.writeHead(403).end('{"error":"unauthorized"}'),
    ],
    [
      'a redirect',
      'PROMETHEUS_REFUSED',
      (_query, _request, response) => void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
    ],
    ['a login page', 'PROMETHEUS_UNREADABLE', (_query, _request, response) => void response.end('<html>')],
    ['a cut answer', 'PROMETHEUS_UNREADABLE', (_query, _request, response) => void response.end('{"status":"succ')],
    ['another JSON', 'PROMETHEUS_UNREADABLE', (_query, _request, response) => void response.end('{"ok":true}')],
    ['null', 'PROMETHEUS_UNREADABLE', (_query, _request, response) => void response.end('null')],
    [
      'a sample that is no number',
      'PROMETHEUS_UNREADABLE',
      (_query, _request, response) =>
        void response.end(
          '{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1,"x"]}]}}',
        ),
    ],
    [
      'a connection that breaks off',
      'NETWORK',
      (_query, _request, response) => {
        response.writeHead(200, { 'content-length': '1000' })
        response.write('{')
        response.destroy()
      },
    ],
  ])('%s makes the probe reject, typed', async (_name, code, answer) => {
    const { url } = await fakePrometheus(answer)
    await expect(prometheusProbe({ url, service: 'shop', queries }).observe({ signal })).rejects.toMatchObject({ code })
  })

  test('an answer of more than 10 MB is not read to its end', async () => {
    let sent = 0
    const { url } = await fakePrometheus((_query, _request, response) => {
      const chunk = 'x'.repeat(1024 * 1024)
      const more = () => {
        while (sent < 200 && !response.destroyed) {
          sent += 1
          if (!response.write(chunk)) return void response.once('drain', more)
        }
        response.end()
      }
      more()
    })
    const probe = prometheusProbe({ url, service: 'shop', queries: { errorRatio: 'ratio' }, windowsMs: [60_000] })
    await expect(probe.observe({ signal })).rejects.toMatchObject({ code: 'PROMETHEUS_UNREADABLE' })
    expect(sent).toBeLessThan(100)
  })

  test('a query that takes too long is given up, on the clock', async () => {
    const clock = createTestClock()
    const { url } = await fakePrometheus(() => undefined)
    const probe = prometheusProbe({ url, service: 'shop', queries, clock, queryTimeoutMs: 2_000 })
    await expect(clock.run(probe.observe({ signal }))).rejects.toMatchObject({ code: 'TIMEOUT' })
    expect(clock.pending).toBe(0)
  })

  test("an abort rejects with the caller's reason", async () => {
    const { url } = await fakePrometheus(() => undefined)
    const controller = new AbortController()
    const observing = prometheusProbe({ url, service: 'shop', queries }).observe({ signal: controller.signal })
    controller.abort(new Error('enough'))
    await expect(observing).rejects.toThrow('enough')
  })

  test("Fly's tokens go as FlyV1, others as Bearer, an own scheme as it is; none is in an error", async () => {
    const sent: (string | undefined)[] = []
    const { url } = await fakePrometheus((_query, request, response) => {
      sent.push(request.headers.authorization)
      response.writeHead(403).end(`no access for ${request.headers.authorization}`)
    })
    for (const token of ['fm2_lJPECAAAAAAAAAAAAA', 'abcdefghijkl', 'Basic dXNlcjpwYXNz']) {
      const probe = prometheusProbe({ url, token, service: 'shop', queries: { requests: 'r' }, windowsMs: [60_000] })
      const error: unknown = await probe.observe({ signal }).catch((caught: unknown) => caught)
      expect(String(error)).not.toContain(token.split(' ').at(-1))
    }
    expect(sent).toEqual(['FlyV1 fm2_lJPECAAAAAAAAAAAAA', 'Bearer abcdefghijkl', 'Basic dXNlcjpwYXNz'])
  })

  test('a token that is unset, no queries and a window of 0 are refused at construction', () => {
    const url = 'http://127.0.0.1:9'
    expect(() => prometheusProbe({ url, token: undefined, service: 'shop', queries })).toThrow(/token/)
    expect(() => prometheusProbe({ url, service: 'shop', queries: {} })).toThrow(/queries/)
    expect(() => prometheusProbe({ url, service: 'shop', queries, windowsMs: [0] })).toThrow(/windowsMs\[0\]/)
    expect(() => prometheusProbe({ url, service: '', queries })).toThrow(/service/)
  })
})

describe('prometheusHealth', () => {
  const whole = { requests: 'requests[$window]', errors: 'errors[$window]', p95Seconds: 'p95[$window]' }
  const units = { label: 'instance', requests: 'by requests[$window]', errors: 'by errors[$window]' }

  test('gives requests, errors and latency of exactly the span that was asked for', async () => {
    const { url, asked } = await fakePrometheus((query) =>
      query.startsWith('requests') ? 200 : query.startsWith('errors') ? 50 : 0.25,
    )
    const sample = await prometheusHealth({ url, queries: whole }).sample({
      since: 1_700_000_000_000,
      until: 1_700_000_090_000,
      signal,
    })
    expect(sample).toEqual({
      since: 1_700_000_000_000,
      until: 1_700_000_090_000,
      source: 'prometheus',
      requests: 200,
      errors: 50,
      errorRatio: 0.25,
      p95Ms: 250,
    })
    expect(sorted(asked)).toEqual(['errors[90s]', 'p95[90s]', 'requests[90s]'])
    expect(new Set(asked.map((it) => it.searchParams.get('time')))).toEqual(new Set(['1700000090.000']))
  })

  test('absent is null; no traffic is 0 requests and an unknown ratio', async () => {
    const absent = await fakePrometheus(() => null)
    const query = { since: 0, until: 60_000, signal }
    expect(await prometheusHealth({ url: absent.url, queries: whole }).sample(query)).toMatchObject({
      requests: null,
      errors: null,
      errorRatio: null,
      p95Ms: null,
    })
    const quiet = await fakePrometheus((it) => (it.startsWith('requests') ? 0 : null))
    expect(await prometheusHealth({ url: quiet.url, queries: whole }).sample(query)).toMatchObject({
      requests: 0,
      errors: null,
      errorRatio: null,
    })
  })

  test('tells units apart when it has queries for it; a unit that is absent is unknown, not healthy', async () => {
    const { url } = await fakePrometheus((query) =>
      query.startsWith('by requests')
        ? [
            [{ instance: 'm1' }, 40],
            [{ instance: 'm2' }, 60],
          ]
        : query.startsWith('by errors')
          ? [[{ instance: 'm1' }, 30]]
          : 100,
    )
    const sample = await prometheusHealth({ url, queries: whole, units }).sample({
      since: 0,
      until: 60_000,
      units: ['m1', 'm2', 'm3'],
      signal,
    })
    expect(sample.units).toEqual({
      m1: { requests: 40, errors: 30, errorRatio: 0.75, p95Ms: null },
      m2: { requests: 60, errors: 0, errorRatio: 0, p95Ms: null },
      m3: { requests: null, errors: null, errorRatio: null, p95Ms: null },
    })
  })

  test('refuses a question about units that it cannot answer', async () => {
    const health = prometheusHealth({ url: 'http://127.0.0.1:9', queries: whole })
    await expect(health.sample({ since: 0, until: 1, units: ['m1'], signal })).rejects.toMatchObject({
      code: 'HEALTH_NOT_PER_UNIT',
    })
    await expect(health.sample({ since: 1, until: 1, signal })).rejects.toMatchObject({ field: 'until' })
  })
})
