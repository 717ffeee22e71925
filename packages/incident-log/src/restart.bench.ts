/**
 * How long a restart takes on a log with a past: 1,000,000 events, 100 open incidents. The log's part of it is to open, to
 * list what is open, and to read those streams. Run: node --conditions=@firebreak/source packages/incident-log/src/restart.bench.ts
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import type { IncidentLog, NewEvent } from '@firebreak/core'
import { sqliteLog } from './sqlite.ts'

const total = 1_000_000
const open = 100
const eventsOfOne = 200
/** For the whole restart, first action included; this is the part that the log may use up. */
const barMs = 150

const folder = mkdtempSync(join(tmpdir(), 'firebreak-restart-'))
const path = join(folder, 'incidents.db')

function eventsOf(service: string, number: number, resolved: boolean): NewEvent[] {
  const onsetAt = '2026-11-23T02:00:00.000Z'
  const event = (type: string, data: object): NewEvent => ({ type, actor: 'responder', data })
  const signal = {
    key: 'http',
    source: 'http',
    service,
    status: 'firing',
    at: onsetAt,
    summary: 'error ratio 61 %',
    symptoms: [],
    labels: {},
    links: [],
  }
  return [
    event('incident.opened', { service, code: '7KQ2', number, onsetAt }),
    ...Array.from({ length: eventsOfOne - 2 }, (_, index) => event('signal.observed', { id: `s${index}`, ...signal })),
    resolved
      ? event('incident.resolved', { service, by: 'responder', why: 'quiet' })
      : event('note.added', { service, by: 'mia', text: 'looking' }),
  ]
}

async function fill(log: IncidentLog): Promise<void> {
  const incidents = total / eventsOfOne
  for (let index = 0; index < incidents; index += 1) {
    const [service, number] = [`service-${index % 500}`, Math.floor(index / 500) + 1]
    const resolved = index % (incidents / open) !== 0
    await log.append([
      { stream: `incident/${service}/${number}`, expected: 0, events: eventsOf(service, number, resolved) },
    ])
  }
}

const writing = sqliteLog({ path })
await fill(writing)
await writing.close()

const start = performance.now()
const log = sqliteLog({ path })
const opened = performance.now()
const found: string[] = []
for await (const { stream } of log.list({ status: ['open', 'mitigated'] })) found.push(stream)
const listed = performance.now()
let read = 0
for (const stream of found) for await (const event of log.read(stream)) read += event.version > 0 ? 1 : 0
const done = performance.now()
await log.close()

const milliseconds = (from: number, to: number) => `${Math.round(to - from)} ms`
console.log(
  `restart, ${total.toLocaleString('en')} events in ${Math.round(statSync(path).size / 1_000_000)} MB, ${found.length} open: ` +
    `open ${milliseconds(start, opened)}, list ${milliseconds(opened, listed)}, read ${read} events ${milliseconds(listed, done)}, ` +
    `together ${milliseconds(start, done)} (bar ${barMs} ms)`,
)
rmSync(folder, { recursive: true, force: true })
process.exitCode = found.length === open && done - start <= barMs ? 0 : 1
