import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type { Signal } from '@firebreak/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { alertmanagerIntake, prometheusAlertsIntake } from './alertmanager.ts'
import type { Intake } from './intake/intake.ts'
import { prometheusHealth, prometheusProbe } from './prometheus.ts'

/* Debian's packages `prometheus` and `prometheus-alertmanager`: apt-get install -y --no-install-recommends … */
const missing = ['prometheus', 'prometheus-alertmanager'].filter(
  (name) => spawnSync(name, ['--version']).error !== undefined,
)
if (missing.length > 0)
  console.log(`Real senders are not proven: ${missing.join(' and ')} not installed (apt-get install)`)

const token = 'a-token-of-the-proof'
const folder = mkdtempSync(join(tmpdir(), 'firebreak-senders-'))
const closing: (() => unknown)[] = []
const intakes: Record<string, Intake> = {
  '/api/v2/alerts': prometheusAlertsIntake({ token }),
  '/hooks/alertmanager': alertmanagerIntake({ token }),
}
const arrived: Record<string, Signal[]> = { '/api/v2/alerts': [], '/hooks/alertmanager': [] }
const refused: unknown[] = []
/** What the rule is about: 1 fires it. */
let broken = 1

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = request.url ?? '/'
  if (path === '/metrics') {
    const counters = 'requests_total{instance_id="m1"} 100\nerrors_total{instance_id="m1"} 0\n'
    return void response
      .setHeader('content-type', 'text/plain; version=0.0.4')
      .end(`shop_broken ${broken}\n${counters}`)
  }
  const headers = Object.entries(request.headers).flatMap(([name, value]) =>
    typeof value === 'string' ? [[name, value] as [string, string]] : [],
  )
  const body = Readable.toWeb(request) as ReadableStream
  const asked = new Request(`http://localhost${path}`, { method: 'POST', headers, body, duplex: 'half' } as RequestInit)
  try {
    await intakes[path]?.(asked, async (signals) => arrived[path]?.push(...signals))
    response.writeHead(200).end()
  } catch (error) {
    refused.push(error)
    response.writeHead((error as { status?: number }).status ?? 500).end()
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

async function until<T>(what: string, look: () => T | undefined | Promise<T | undefined>): Promise<T> {
  const startedAt = performance.now()
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (performance.now() - startedAt > 60_000)
      throw new Error(`waited 60 s for ${what}; refused: ${refused.map(String).join(' | ')}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

function start(command: string, args: readonly string[]): void {
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4_000)))
  child.once('exit', (code) => {
    if (code !== 0 && code !== null) console.log(`${command} ended with ${code}: ${said}`)
  })
  closing.push(() => child.kill('SIGKILL'))
}

function write(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

let prometheusUrl = ''

describe.skipIf(missing.length > 0)('real senders', () => {
  beforeAll(async () => {
    const server = createHttpServer((request, response) => void answer(request, response))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    closing.push(() => server.close())
    const ours = `127.0.0.1:${(server.address() as AddressInfo).port}`
    const [prometheusPort, alertmanagerPort] = [await freePort(), await freePort()]
    prometheusUrl = `http://127.0.0.1:${prometheusPort}`

    const rules = write(
      'rules.yml',
      `groups:
- name: shop
  rules:
  - alert: ShopBroken
    expr: shop_broken == 1
    labels: { severity: critical, service: shop, note: "größer als 50 %" }
    annotations: { summary: "the shop is broken, says mia@example.com", runbook_url: "https://runbooks.example/shop" }
`,
    )
    const prometheusConfig = write(
      'prometheus.yml',
      `global: { scrape_interval: 1s, evaluation_interval: 1s, external_labels: { cluster: proof } }
rule_files: [${rules}]
scrape_configs:
- job_name: shop
  static_configs: [{ targets: ['${ours}'] }]
alerting:
  alertmanagers:
  - authorization: { credentials: ${token} }
    static_configs: [{ targets: ['${ours}'] }]
  - static_configs: [{ targets: ['127.0.0.1:${alertmanagerPort}'] }]
`,
    )
    const alertmanagerConfig = write(
      'alertmanager.yml',
      `route: { receiver: firebreak, group_by: [alertname], group_wait: 0s, group_interval: 1s, repeat_interval: 1h }
receivers:
- name: firebreak
  webhook_configs:
  - url: http://${ours}/hooks/alertmanager
    send_resolved: true
    http_config: { authorization: { credentials: ${token} } }
`,
    )
    start('prometheus-alertmanager', [
      `--config.file=${alertmanagerConfig}`,
      `--storage.path=${join(folder, 'alertmanager')}`,
      `--web.listen-address=127.0.0.1:${alertmanagerPort}`,
      '--cluster.listen-address=',
    ])
    start('prometheus', [
      `--config.file=${prometheusConfig}`,
      `--storage.tsdb.path=${join(folder, 'prometheus')}`,
      `--web.listen-address=127.0.0.1:${prometheusPort}`,
    ])
  })
  afterAll(() => {
    for (const close of closing.splice(0)) close()
    rmSync(folder, { recursive: true, force: true })
  })

  const firstOf = (path: string, status: Signal['status']) =>
    until(`${status} at ${path}`, () => arrived[path]!.find((seen) => seen.status === status))

  test('a Prometheus server that points straight at us fires a rule', async () => {
    const seen = await firstOf('/api/v2/alerts', 'firing')
    expect(seen).toMatchObject({
      source: 'prometheus-alerts',
      measured: false,
      service: 'shop',
      symptoms: [{ kind: 'stated', severity: 'P1' }],
      summary: 'the shop is broken, says [e-mail]',
      labels: { alertname: 'ShopBroken', cluster: 'proof', note: 'größer als 50 %' },
    })
    expect(seen.staleAfterMs).toBeGreaterThan(1_000)
    expect(Math.abs(Date.parse(seen.at) - Date.now())).toBeLessThan(90_000)
  })

  test("a real Alertmanager's webhook tells the same alert under the same fingerprint", async () => {
    const seen = await firstOf('/hooks/alertmanager', 'firing')
    expect(seen).toMatchObject({
      source: 'alertmanager',
      service: 'shop',
      symptoms: [{ kind: 'stated', severity: 'P1' }],
    })
    const direct = await firstOf('/api/v2/alerts', 'firing')
    expect(direct.key.split('/')[1]).toBe(seen.key.split('/')[1])
  })

  test('our own probe and health source read the same server', async () => {
    const signal = new AbortController().signal
    const queries = { errorRatio: 'max(shop_broken)', requests: '1000 * max(shop_broken)' }
    const probe = prometheusProbe({ url: prometheusUrl, service: 'shop', queries })
    const [seen] = await until('a figure', async () => {
      const signals = await probe.observe({ signal })
      return signals.length > 0 ? signals : undefined
    })
    expect(seen).toMatchObject({ status: 'firing', symptoms: [{ ratio: 1, requests: 1_000 }, { ratio: 1 }] })
    const health = prometheusHealth({
      url: prometheusUrl,
      queries: { requests: 'sum(requests_total)', errors: 'sum(errors_total)' },
      units: {
        label: 'instance_id',
        requests: 'sum by (instance_id) (requests_total)',
        errors: 'sum by (instance_id) (errors_total)',
      },
    })
    const now = Date.now()
    expect(await health.sample({ since: now - 60_000, until: now, signal })).toMatchObject({
      requests: 100,
      errors: 0,
      errorRatio: 0,
      p95Ms: null,
      units: { m1: { requests: 100, errors: 0, errorRatio: 0 } },
    })
    const wrong = prometheusProbe({ url: prometheusUrl, service: 'shop', queries: { requests: 'sum(' } })
    await expect(wrong.observe({ signal })).rejects.toMatchObject({ code: 'PROMETHEUS_QUERY_FAILED' })
    const absent = prometheusProbe({ url: prometheusUrl, service: 'shop', queries: { errorRatio: 'no_such_series' } })
    expect(await absent.observe({ signal })).toEqual([])
  })

  test('both say so when it is well again, under the keys that fired', async () => {
    broken = 0
    for (const path of ['/api/v2/alerts', '/hooks/alertmanager']) {
      const resolved = await firstOf(path, 'resolved')
      expect(resolved).toMatchObject({ key: (await firstOf(path, 'firing')).key, symptoms: [], service: 'shop' })
    }
    expect(refused).toEqual([])
  })
})
