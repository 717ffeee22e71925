/**
 * How much the log costs on top of SQLite itself: the same rows in the same tables at the same batch, by `append` and by the
 * bare driver with prepared statements, both flushed to the disk with every transaction (the log checkpoints every 16 MB, the
 * driver every 4, as is its default). Run: node --conditions=@firebreak/source packages/incident-log/src/append.bench.ts
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { DatabaseSync } from 'node:sqlite'
import type { IncidentLog, NewEvent } from '@firebreak/core'
import { sqliteLog } from './sqlite.ts'

const streamCount = 200
/** The bar: within a quarter of the bare driver. */
const bar = 0.75

const folder = mkdtempSync(join(tmpdir(), 'firebreak-bench-'))

/** A signal as an intake records it: about 400 bytes, with an id of its own. */
function signal(index: number): NewEvent {
  const data = {
    id: `alertmanager:6f2d${index.toString(16).padStart(12, '0')}`,
    key: `HighErrorRate/${index % 50}`,
    source: 'alertmanager',
    measured: false,
    service: `service-${index % streamCount}`,
    status: 'firing',
    at: '2026-11-23T02:00:00.000Z',
    summary: 'error ratio 61 % over 5 min, 12.3 requests a second',
    symptoms: [{ kind: 'errorRate', ratio: 0.61, requests: 3_690, windowMs: 300_000 }],
    labels: { alertname: 'HighErrorRate', severity: 'critical', region: 'fra', team: 'web' },
    links: [{ title: 'graph', url: 'https://grafana.example.com/d/abc' }],
  }
  return { id: data.id, type: 'signal.observed', actor: 'intake:alertmanager', at: data.at, data }
}

const streamOf = (index: number) => `incident/service-${index % streamCount}/1`

/** Writes so many events of a list, from an index on, and resolves when they are on the disk. */
type Writer = (from: number, count: number) => Promise<void>

/** By `append`, with so many callers who each wait for their answer. */
function byLog(log: IncidentLog, events: readonly NewEvent[], callers: number): Writer {
  return async (from, count) => {
    let next = from
    const caller = async () => {
      for (let index = (next += 1) - 1; index < from + count; index = (next += 1) - 1) {
        const event = events[index]
        if (event !== undefined) await log.append([{ stream: streamOf(index), expected: 'dedupe', events: [event] }])
      }
    }
    await Promise.all(Array.from({ length: callers }, caller))
  }
}

/**
 * By the bare driver: the rows that `append` would write, so many in a transaction. Ids, versions, salts and hashes are made
 * beforehand; the data is turned into text as it is written, which no driver does for its caller.
 */
function byDriver(database: DatabaseSync, events: readonly NewEvent[], batch: number): Writer {
  const insert = database.prepare(`
    INSERT INTO events (position, stream, version, id, type, at, recorded_at, actor, causation_id, data, salt, data_digest, hash)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
  const begin = database.prepare('BEGIN IMMEDIATE')
  const commit = database.prepare('COMMIT')
  const rows = events.map(({ id = '', type, actor, at = '', data }, index) => {
    const hash = index.toString(16).padStart(64, 'a')
    return { id, type, actor, at, data, salt: 'c2FsdHNhbHRzYWx0', hash }
  })
  return async (from, count) => {
    for (let index = from; index < from + count;) {
      begin.run()
      for (const end = Math.min(index + batch, from + count); index < end; index += 1) {
        const row = rows[index]
        if (row === undefined) continue
        const version = 2 + Math.floor(index / streamCount)
        const { id, type, actor, at, data, salt, hash } = row
        const stream = 1 + (index % streamCount)
        const text = JSON.stringify(data)
        insert.run(streamCount + 1 + index, stream, version, id, type, at, at, actor, null, text, salt, null, hash)
      }
      commit.run()
    }
  }
}

async function prepareFile(path: string): Promise<IncidentLog> {
  const log = sqliteLog({ path })
  for (let index = 0; index < streamCount; index += 1) {
    const data = { service: `service-${index}`, code: '7KQ2', number: 1, onsetAt: '2026-11-23T02:00:00.000Z' }
    const event = { type: 'incident.opened', actor: 'responder', data }
    await log.append([{ stream: streamOf(index), expected: 0, events: [event] }])
  }
  return log
}

async function timed(write: Writer, from: number, count: number): Promise<number> {
  const start = performance.now()
  await write(from, count)
  return performance.now() - start
}

const middle = (values: readonly number[]) =>
  values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0
const perSecond = (count: number, milliseconds: number) =>
  Math.round((count / milliseconds) * 1_000).toLocaleString('en')

/** Turn and turn about in small slices, so that whatever else the machine does slows both. */
async function compare(callers: number, slices: number, slice: number): Promise<number> {
  const events = Array.from({ length: slices * slice }, (_, index) => signal(index))
  const log = await prepareFile(join(folder, `${callers}-log.db`))
  await (await prepareFile(join(folder, `${callers}-driver.db`))).close()
  const database = new DatabaseSync(join(folder, `${callers}-driver.db`))
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
  const [ours, theirs] = [byLog(log, events, callers), byDriver(database, events, callers)]
  const times: { log: number; driver: number }[] = []
  for (let index = 0; index < slices; index += 1)
    times.push({ driver: await timed(theirs, index * slice, slice), log: await timed(ours, index * slice, slice) })
  database.close()
  await log.close()
  // The first fifth warms up.
  const counted = times.slice(Math.floor(slices / 5))
  const ratio = middle(counted.map((time) => time.driver / time.log))
  console.log(
    `append, ${callers} caller${callers === 1 ? '' : 's'}: ${perSecond(slice, middle(counted.map((time) => time.log)))}/s, ` +
      `bare driver ${perSecond(slice, middle(counted.map((time) => time.driver)))}/s, ratio ${ratio.toFixed(2)} (bar ${bar})`,
  )
  return ratio
}

const ratios = [await compare(1, 100, 100), await compare(64, 100, 64 * 16)]
rmSync(folder, { recursive: true, force: true })
process.exitCode = ratios.every((ratio) => ratio >= bar) ? 0 : 1
