/**
 * `firebreak serve` beside Debian's Alertmanager, one after the other on one machine: how fast distinct alerts over 200
 * services are taken, when the first page arrives, how much memory it needs. Ours are on the disk before their 2xx;
 * Alertmanager keeps them in memory. Both page a webhook on loopback.
 * Run: node --conditions=@firebreak/source packages/responder/src/alertmanager.bench.ts (apt-get install prometheus-alertmanager)
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import { bundle, commandEntry } from './fixtures/bundle.ts'
import { sendLoad } from './fixtures/http-load.ts'

const services = 200
const shapes = [
  { name: 'one alert a request, 16 connections', connections: 16, together: 1, alerts: 20_000, bar: 1 },
  { name: '64 alerts a request, 8 connections', connections: 8, together: 64, alerts: 80_000, bar: 1 },
]
/** How long first pages are waited for: Alertmanager's default `group_wait` is 30 s, and our later group pages may take 60 s. */
const pageWaitMs = 75_000

interface Contender {
  readonly port: number
  readonly token?: string
  readonly child: ChildProcess
}

interface Figures {
  readonly rates: readonly number[]
  /** Processor time for one alert, in microseconds, which depends less on what else the machine does. */
  readonly costs: readonly number[]
  /** From the first alert to the page that tells of it, for the slowest of 99 in 100 services. */
  readonly pageMs: number
  readonly pages: number
  readonly peakMb: number
}

const binary = ['/usr/bin/prometheus-alertmanager', '/usr/local/bin/alertmanager'].find((path) => existsSync(path))
const folder = mkdtempSync(join(tmpdir(), 'firebreak-alertmanager-'))

/** `--cpu-prof` and the like, for who wants to know where the time goes. */
const profiling = (process.env['FIREBREAK_BENCH_NODE'] ?? '').split(' ').filter((it) => it !== '')

/** Takes pages and notes when. */
async function startReceiver(): Promise<{ server: Server; url: string; arrivals: { at: number; body: string }[] }> {
  const arrivals: { at: number; body: string }[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      arrivals.push({ at: performance.now(), body: Buffer.concat(chunks).toString() })
      response.writeHead(200).end()
    })
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, arrivals }
}

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((listening) => probe.listen(0, '127.0.0.1', listening))
  const { port } = probe.address() as AddressInfo
  await new Promise((closed) => probe.close(closed))
  return port
}

async function untilReady(port: number, path: string): Promise<void> {
  for (let look = 0; look < 200; look += 1) {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`).catch(() => undefined)
    await answer?.body?.cancel()
    if (answer?.ok === true) return
    await pause(50)
  }
  throw new Error(`nothing answers on ${port}${path}`)
}

async function startFirebreak(webhook: string, main: string, config: string): Promise<Contender> {
  const port = await freePort()
  const token = 'bench-token'
  const options = ['--config', config, '--port', String(port), '--db', join(folder, 'incidents.db')]
  const child = spawn(process.execPath, [...profiling, main, 'serve', ...options], {
    cwd: folder,
    env: {
      PATH: process.env['PATH'],
      FIREBREAK_TOKEN: token,
      FIREBREAK_WEBHOOK_URL: webhook,
      FIREBREAK_BENCH_URL: `http://127.0.0.1:${port}`,
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  await untilReady(port, '/readyz')
  return { port, token, child }
}

async function startAlertmanager(webhook: string, path: string): Promise<Contender> {
  const port = await freePort()
  const config = join(folder, 'alertmanager.yml')
  writeFileSync(
    config,
    `route:\n  receiver: bench\n  group_by: [service]\nreceivers:\n  - name: bench\n    webhook_configs:\n      - url: ${webhook}\n`,
  )
  const child = spawn(
    path,
    [
      `--config.file=${config}`,
      `--storage.path=${join(folder, 'alertmanager')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--cluster.listen-address=',
      '--log.level=error',
    ],
    { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] },
  )
  await untilReady(port, '/-/ready')
  return { port, child }
}

const firstAt: number[] = []
let serial = 0

function alert(startsAt: string): object {
  const index = (serial += 1)
  const service = index % services
  firstAt[service] ??= performance.now()
  return {
    labels: {
      alertname: 'HighErrorRate',
      service: `service-${service}`,
      severity: 'critical',
      instance: `10.0.${index >> 8}.${index % 256}:9100`,
      run: `run-${index}`,
      team: 'web',
    },
    annotations: { summary: 'error ratio 61 % over 5 min, 12.3 requests a second' },
    generatorURL: 'http://prometheus.example.com/graph?g0.expr=up',
    startsAt,
  }
}

function peakMb(pid: number | undefined): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? Number.NaN) / 1_024
}

/** User and system time of the process so far. */
function busyMs(pid: number | undefined): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10
}

async function measure(start: (webhook: string) => Promise<Contender>): Promise<Figures> {
  const receiver = await startReceiver()
  const { port, token, child } = await start(receiver.url)
  serial = 0
  firstAt.length = 0
  try {
    const rates: number[] = []
    const costs: number[] = []
    for (const { connections, together, alerts } of shapes) {
      const startsAt = new Date().toISOString()
      let left = alerts / together
      const next = () =>
        (left -= 1) < 0 ? undefined : JSON.stringify(Array.from({ length: together }, () => alert(startsAt)))
      const busyBefore = busyMs(child.pid)
      const began = performance.now()
      const path = '/api/v2/alerts'
      const taken = await sendLoad({ port, connections, path, next, ...(token === undefined ? {} : { token }) })
      rates.push(((taken * together) / (performance.now() - began)) * 1_000)
      costs.push(((busyMs(child.pid) - busyBefore) / alerts) * 1_000)
      if (taken !== alerts / together) throw new Error(`${taken} of ${alerts / together} requests were taken`)
    }
    const waits = await pageWaits(receiver.arrivals)
    return { rates, costs, pageMs: waits, pages: receiver.arrivals.length, peakMb: peakMb(child.pid) }
  } finally {
    child.kill('SIGTERM')
    await new Promise((exited) => (child.exitCode === null ? child.once('exit', exited) : exited(undefined)))
    receiver.server.close()
    receiver.server.closeAllConnections()
  }
}

/** A page tells of the services that it names. */
async function pageWaits(arrivals: readonly { at: number; body: string }[]): Promise<number> {
  const began = firstAt[0] ?? performance.now()
  const told = new Map<number, number>()
  // Each is read once: hundreds of kilobytes, again and again, would hold up the pages that are still to come.
  for (let read = 0; ;) {
    for (; read < arrivals.length; read += 1) {
      const { at, body } = arrivals[read]!
      for (const [, name] of body.matchAll(/\bservice-(\d+)\b/g)) {
        const service = Number(name)
        if (!told.has(service)) told.set(service, at - (firstAt[service] ?? 0))
      }
    }
    if (told.size >= services * 0.99)
      return [...told.values()].toSorted((one, other) => one - other)[Math.ceil(told.size * 0.99) - 1] ?? Number.NaN
    if (performance.now() - began > pageWaitMs) return Number.NaN
    await pause(100)
  }
}

if (binary === undefined) {
  console.log('skipped: no Alertmanager to compare with; install it with: apt-get install prometheus-alertmanager')
} else {
  const [main = '', config = ''] = await bundle(join(folder, 'dist'), [
    commandEntry,
    join(import.meta.dirname, 'fixtures/bench-config.ts'),
  ])
  const ours = await measure((webhook) => startFirebreak(webhook, main, config))
  const theirs = await measure((webhook) => startAlertmanager(webhook, binary))
  console.log(
    `pages: ours ${ours.pages}, theirs ${theirs.pages}; Alertmanager waits for its default group_wait of 30 s`,
  )
  const report = (bench: string, our: number, their: number, unit: string, bar: number) =>
    console.log(JSON.stringify({ bench, ours: Math.round(our), theirs: Math.round(their), unit, bar }))
  for (const [index, { name, bar }] of shapes.entries()) {
    report(name, ours.rates[index] ?? 0, theirs.rates[index] ?? 0, 'alerts/s', bar)
    report(`${name}: processor time an alert`, ours.costs[index] ?? 0, theirs.costs[index] ?? 0, 'µs', bar)
  }
  report('first page, p99', ours.pageMs, theirs.pageMs, 'ms', 1)
  report('peak memory', ours.peakMb, theirs.peakMb, 'MB', 2)
}
rmSync(folder, { recursive: true, force: true })
