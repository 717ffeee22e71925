/**
 * From a start to the first due action, on a log with a past: 1,000,000 events, 100 open incidents, each with an action due.
 * Run: node --conditions=@firebreak/source packages/responder/src/restart.bench.ts
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import type { NewEvent, Part, Write } from '@firebreak/core'
import { sqliteLog } from '@firebreak/incident-log/sqlite'
import { createResponder } from './index.ts'

const total = Number(process.env['FIREBREAK_BENCH_EVENTS'] ?? 1_000_000)
const open = 100
const eventsOfOne = 200
const barMs = 300

const folder = mkdtempSync(join(tmpdir(), 'firebreak-restart-'))
const path = join(folder, 'incidents.db')
const incidents = total / eventsOfOne

function writeOf(index: number): Write & { readonly events: readonly NewEvent[] } {
  const [service, number] = [`service-${index}`, 1]
  const onsetAt = new Date().toISOString()
  const event = (type: string, data: object): NewEvent => ({ type, actor: 'bench', data })
  const signal = (id: string) => ({
    id,
    key: 'http',
    source: 'http',
    measured: true,
    service,
    status: 'firing',
    at: onsetAt,
    summary: 'error ratio 61 %',
    symptoms: [],
    labels: {},
    links: [],
  })
  const isOpen = index % (incidents / open) === 0
  return {
    stream: `incident/${service}/${number}`,
    expected: 0,
    events: [
      event('incident.opened', { service, code: '7KQ2', number, onsetAt }),
      event('incident.assessed', { service, severity: 'P1', reasons: [], inconclusive: [], previous: null }),
      ...Array.from({ length: eventsOfOne - 3 }, (_, seen) => event('signal.observed', signal(`s${seen}`))),
      isOpen
        ? event('note.added', { service, by: 'mia', text: 'looking' })
        : event('incident.resolved', { service, by: 'responder', why: 'quiet' }),
    ],
  }
}

const past = sqliteLog({ path })
for (let index = 0; index < incidents; index += 25)
  await past.append(Array.from({ length: 25 }, (_, offset) => writeOf(index + offset)) as unknown as [Write])
await past.close()

const acted: number[] = []
const part: Part = {
  name: 'bench',
  plan: ({ status }) => (status === 'open' ? [{ key: 'due', why: 'it is due', effect: {} }] : []),
  async perform() {
    acted.push(performance.now())
    return { events: [] }
  },
}
const start = performance.now()
const log = sqliteLog({ path })
const responder = createResponder({ log, parts: [part] })
await responder.start()
const taken = performance.now()
while (acted.length < open) await new Promise((resolve) => setTimeout(resolve, 5))
await responder.stop()
await log.close()
rmSync(folder, { recursive: true, force: true })

console.log(
  `all ${open} taken up after ${Math.round(taken - start)} ms, all acted on after ${Math.round(Math.max(...acted) - start)} ms`,
)
console.log(
  JSON.stringify({
    bench: `restart on ${total.toLocaleString('en')} events: first due action`,
    ours: Math.round(Math.min(...acted) - start),
    theirs: barMs,
    unit: 'ms',
    bar: 1,
  }),
)
