/**
 * How many distinct alerts a second are made durable, in-process: 64 callers, 200 services, the standard runbook behind it,
 * pages to a notifier that takes them at once. Run: node --conditions=@firebreak/source packages/responder/src/ingest.bench.ts
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import type { Notifier, Signal } from '@firebreak/core'
import { sqliteLog } from '@firebreak/incident-log/sqlite'
import { createResponder, standardRunbook } from './index.ts'

const services = 200
const callers = 64
const total = Number(process.env['FIREBREAK_BENCH_SIGNALS'] ?? 60_000)

const folder = mkdtempSync(join(tmpdir(), 'firebreak-ingest-'))
const log = sqliteLog({ path: join(folder, 'incidents.db') })
let pages = 0
const pager: Notifier = {
  name: 'bench',
  reach: 'wake',
  async send() {
    pages += 1
    return { state: 'delivered' }
  },
}
const responder = createResponder({
  log,
  parts: standardRunbook({ people: { manager: pager, engineer: pager } }),
})
await responder.start()

const startedAt = new Date().toISOString()
function alert(index: number): Signal {
  const key = `prometheus/${index.toString(16).padStart(16, '0')}`
  return {
    id: `${key}/firing/${startedAt}`,
    key,
    source: 'prometheus',
    measured: false,
    service: `service-${index % services}`,
    status: 'firing',
    at: startedAt,
    summary: 'error ratio 61 % over 5 min, 12.3 requests a second',
    symptoms: [{ kind: 'stated', severity: 'P1' }],
    labels: { alertname: 'HighErrorRate', severity: 'critical', instance: `10.0.0.${index}:9100`, team: 'web' },
    links: [{ title: 'graph', url: 'https://grafana.example.com/d/abc' }],
  }
}

let next = 0
async function caller() {
  for (let index = next++; index < total; index = next++) await responder.ingest(alert(index))
}
const start = performance.now()
await Promise.all(Array.from({ length: callers }, caller))
const took = performance.now() - start
const { rss } = process.memoryUsage()
await responder.stop()
let recorded = 0
for await (const event of log.readAll({ limit: 10_000_000 })) {
  if (event.type !== 'signal.observed') continue
  recorded += 1 + ((event.data as { also?: readonly unknown[] }).also?.length ?? 0)
}
await log.close()
rmSync(folder, { recursive: true, force: true })
if (recorded !== total) throw new Error(`${recorded} of ${total} signals are in the log`)

console.log(
  `${total.toLocaleString('en')} signals, ${callers} callers, ${services} services: ${pages} pages, ${Math.round(rss / 1_048_576)} MB`,
)
console.log(
  JSON.stringify({
    bench: 'ingest in-process, 64 callers',
    ours: Math.round((total / took) * 1_000),
    theirs: 10_000,
    unit: 'signals/s',
    bar: 1,
  }),
)
