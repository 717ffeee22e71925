import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { seededRandom, type Probe, type Severity, type Signal } from '@firebreak/core'
import { createTestClock } from '@firebreak/core/testing'
import { classify, parsePolicy } from '@firebreak/severity'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { alertmanagerIntake } from './alertmanager.ts'
import { commandProbe, httpProbe, reportSignal, tcpProbe } from './index.ts'
import { logProbe } from './logs.ts'
import { prometheusProbe } from './prometheus.ts'

const document = readFileSync(new URL('../../severity/src/fixtures/runbook.txt', import.meta.url), 'utf8')
const context = { signal: new AbortController().signal }
const service = 'hotdash-agent-service'
const clock = createTestClock()
const own = { service, clock, random: seededRandom(1) }

const server = createServer((request, response) => {
  const status = Number(/^\/(\d{3})/.exec(request.url ?? '')?.[1] ?? 200)
  response.writeHead(status).end()
})
let url = ''
/** A port where nobody listens any more. */
let deserted = 0
beforeAll(async () => {
  const gone = createServer()
  await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', resolve))
  deserted = (gone.address() as AddressInfo).port
  await new Promise((resolve) => gone.close(resolve))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => void server.close())

/** What a probe says at last, after it has looked so often. */
async function looks(probe: Probe, times: number): Promise<readonly Signal[]> {
  let last: readonly Signal[] = []
  for (let round = 0; round < times; round += 1) last = await probe.observe(context)
  return last
}

/** A PromQL endpoint that gives the same figure for each query. */
function prometheus(figures: Record<string, number>): typeof fetch {
  return async (address) => {
    const query = new URL(address instanceof Request ? address.url : address).searchParams.get('query') ?? ''
    const value = Object.entries(figures).find(([name]) => query.startsWith(name))?.[1]
    const result = value === undefined ? [] : [{ metric: {}, value: [0, String(value)] }]
    return Response.json({ status: 'success', data: { resultType: 'vector', result } })
  }
}
const errorRatio = (ratio: number) => () =>
  prometheusProbe({
    ...own,
    url: 'http://prometheus',
    queries: { errorRatio: 'ratio[$window]', requests: 'requests[$window]' },
    fetch: prometheus({ ratio, requests: 2_000 }),
  }).observe(context)
const responseTime = (ms: number) => () =>
  prometheusProbe({
    ...own,
    url: 'http://prometheus',
    queries: { p95Ms: 'p95[$window]', requests: 'requests[$window]' },
    baselineMs: 200,
    fetch: prometheus({ p95: ms, requests: 2_000 }),
  }).observe(context)
const page = (path: string, means: Parameters<typeof httpProbe>[0]['means']) => () =>
  looks(httpProbe({ ...own, url: `${url}${path}`, means }), 2)

/** Alternates, so that it never fails twice in a row. */
function nowAndThen(): Promise<readonly Signal[]> {
  let round = 0
  const answer = async () => new Response('', { status: (round += 1) % 2 === 0 ? 503 : 200 })
  return looks(httpProbe({ ...own, url: 'http://shop.example/health', fetch: answer }), 7)
}
function slowly(): Promise<readonly Signal[]> {
  const answer = async () => {
    clock.jump(340)
    return new Response('ok')
  }
  return looks(httpProbe({ ...own, url: 'http://shop.example/', fetch: answer, baselineMs: 200 }), 5)
}
const alert = (severity: string) => () => {
  const alerts = [
    { status: 'firing', labels: { alertname: 'CertificateRotation', service, severity }, fingerprint: 'f' },
  ]
  const headers = { 'content-type': 'application/json' }
  return alertmanagerIntake(own)(
    new Request('http://x/', { method: 'POST', headers, body: JSON.stringify({ alerts }) }),
  )
}

/** Every example of the runbook, and by what it is noticed here. */
const noticed: Record<string, [by: string, () => Promise<readonly Signal[]>, Severity][]> = {
  'Production service completely down': [
    [
      'HTTP probe, connection refused',
      () => looks(httpProbe({ ...own, url: `http://127.0.0.1:${deserted}/` }), 2),
      'P0',
    ],
    ['HTTP probe, 503', page('/503', undefined), 'P0'],
  ],
  'Data breach or security incident': [
    [
      'a report',
      async () => [
        reportSignal({
          ...own,
          summary: 'the customer list is public',
          symptoms: [{ kind: 'security', detail: 'list' }],
        }),
      ],
      'P0',
    ],
  ],
  'Database unavailable': [
    [
      'pg_isready as a command (2: no response)',
      () =>
        looks(
          commandProbe({
            ...own,
            command: process.execPath,
            args: ['-e', 'console.log("/run:5432 - no response");process.exit(2)'],
            means: { kind: 'dependency', name: 'postgres', role: 'database' },
          }),
          2,
        ),
      'P0',
    ],
    [
      'its port',
      () =>
        looks(
          tcpProbe({
            ...own,
            host: '127.0.0.1',
            port: deserted,
            means: { kind: 'dependency', name: 'postgres', role: 'database' },
          }),
          2,
        ),
      'P0',
    ],
  ],
  'Critical business function broken (payment processing)': [
    ['HTTP probe of the checkout', page('/500/checkout', { kind: 'function', name: 'payments', critical: true }), 'P0'],
  ],
  'Service degraded (error rate 10-50%)': [
    ['Prometheus, 10 %', errorRatio(0.1), 'P1'],
    ['Prometheus, 50 %', errorRatio(0.5), 'P1'],
  ],
  'Response time > 2x baseline': [['Prometheus, p95', responseTime(401), 'P1']],
  'Health checks failing intermittently': [['HTTP probe that keeps changing its mind', nowAndThen, 'P1']],
  'Partial service outage': [['HTTP probe of one region', page('/502', { kind: 'outage', extent: 'partial' }), 'P1']],
  'Error rate 5-10%': [['Prometheus, 7 %', errorRatio(0.07), 'P2']],
  'Response time 1.5-2x baseline': [['Prometheus, p95', responseTime(350), 'P2']],
  'Non-critical feature broken': [
    ['HTTP probe', page('/404/export', { kind: 'function', name: 'export', critical: false }), 'P2'],
  ],
  'Performance degradation': [
    ["the HTTP probe's own response times", slowly, 'P2'],
    ['an alert that says warning', alert('warning'), 'P2'],
  ],
  'Error rate 1-5%': [['Prometheus, 2 %', errorRatio(0.02), 'P3']],
  'Minor warnings in logs': [
    [
      'log probe',
      () => logProbe({ ...own, source: () => ['WARN slow query'], patterns: ['warn'] }).observe(context),
      'P3',
    ],
  ],
  'Non-critical monitoring alerts': [['an alert that says info', alert('info'), 'P3']],
}

const cases = Object.entries(noticed).flatMap(([example, ways]) => ways.map((way) => [example, ...way] as const))

test.each(cases)('"%s" is noticed by %s', async (_example, _by, observe, severity) => {
  const signals = await observe()
  const firing = signals.filter(({ status }) => status === 'firing')
  expect(firing.map((it) => it.service)).toEqual(firing.map(() => service))
  expect(classify(firing.flatMap(({ symptoms }) => symptoms)).severity).toBe(severity)
})

test('no example of the runbook is left out, and each is noticed at its own level', () => {
  const written = parsePolicy(document).levels.flatMap(({ severity, examples }) =>
    examples.map(({ text }) => [text, severity]),
  )
  const here = Object.entries(noticed).map(([example, ways]) => [example, ways[0]![2]])
  expect(written).toHaveLength(15)
  expect(here).toEqual(written)
})

test('the sources of step 1: our own checks, a person, a user, a script', async () => {
  const script = commandProbe({ ...own, command: process.execPath, args: ['-e', 'process.exit(1)'], confirm: 1 })
  const user = reportSignal({ ...own, summary: 'the dashboard is blank', severity: 'P2', by: 'a customer' })
  expect((await script.observe(context))[0]).toMatchObject({ measured: true, status: 'firing' })
  expect(user).toMatchObject({ measured: false, labels: { by: 'a customer' } })
})
