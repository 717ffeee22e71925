/**
 * Memory of a responder with 10,000 open incidents, each paged, in SQLite.
 * Run: node --conditions=@firebreak/source --expose-gc packages/responder/src/memory.bench.ts
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { NewEvent, Write } from '@firebreak/core'
import { sqliteLog } from '@firebreak/incident-log/sqlite'
import { createResponder, standardRunbook } from './index.ts'

const open = Number(process.env['FIREBREAK_BENCH_INCIDENTS'] ?? 10_000)
const barMb = 200

const folder = mkdtempSync(join(tmpdir(), 'firebreak-memory-'))
const path = join(folder, 'incidents.db')

function writeOf(index: number): Write {
  const service = `service-${index}`
  const at = new Date().toISOString()
  const event = (type: string, data: object): NewEvent => ({ type, actor: 'bench', data })
  const reasons = [{ level: 'P2', rule: 'stated', observed: 'P2', threshold: 'P2' }]
  const signal = {
    id: `signal-${index}`,
    key: `prometheus/${index}`,
    source: 'prometheus',
    measured: false,
    service,
    status: 'firing',
    at,
    summary: 'error ratio 6 % over 5 min',
    symptoms: [{ kind: 'stated', severity: 'P2' }],
    labels: { alertname: 'HighErrorRate', team: 'web' },
    links: [],
  }
  return {
    stream: `incident/${service}/1`,
    expected: 0,
    events: [
      event('incident.opened', { service, code: '7KQ2', number: 1, onsetAt: at }),
      event('signal.observed', signal),
      event('incident.assessed', { service, severity: 'P2', reasons, inconclusive: [], previous: null }),
    ],
  }
}

const past = sqliteLog({ path })
for (let index = 0; index < open; index += 100)
  await past.append(Array.from({ length: 100 }, (_, offset) => writeOf(index + offset)) as unknown as [Write])
await past.close()

const megabytes = () => process.memoryUsage().rss / 1_048_576
const log = sqliteLog({ path })
const people = { name: 'bench', reach: 'wake' as const, send: async () => ({ state: 'delivered' as const }) }
const responder = createResponder({ log, parts: standardRunbook({ people: { manager: people, engineer: people } }) })
const before = megabytes()
await responder.start()
const taken = megabytes()
await pause(10_000)
globalThis.gc?.()
const settled = megabytes()
const heap = Math.round(process.memoryUsage().heapUsed / 1_048_576)
await responder.stop()
await log.close()
rmSync(folder, { recursive: true, force: true })

console.log(
  `${open.toLocaleString('en')} open incidents: ${Math.round(before)} MB before, ${Math.round(taken)} MB taken up, ${Math.round(settled)} MB ten seconds later, of which the heap uses ${heap} MB`,
)
console.log(
  JSON.stringify({
    bench: 'memory, 10,000 open incidents',
    ours: Math.round(settled),
    theirs: barMb,
    unit: 'MB',
    bar: 1,
  }),
)
