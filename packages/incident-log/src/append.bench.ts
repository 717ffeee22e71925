/**
 * How much the log costs on top of SQLite itself: the same rows in the same tables at the same batch, by `append` and by the
 * bare driver with prepared statements. Run: node --conditions=@firebreak/source packages/incident-log/src/append.bench.ts
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { DatabaseSync } from 'node:sqlite'
import type { NewEvent } from '@firebreak/core'
import { sqliteLog } from './sqlite.ts'

const streamCount = 200
/** The bar: within a quarter of the bare driver. */
const bar = 0.75
const rounds = 5

const folder = mkdtempSync(join(tmpdir(), 'firebreak-bench-'))
let files = 0
const nextFile = () => join(folder, `${(files += 1)}.db`)

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

async function prepareFile(path: string): Promise<void> {
  const log = sqliteLog({ path })
  for (let index = 0; index < streamCount; index += 1) {
    const service = `service-${index}`
    const data = { service, code: '7KQ2', number: 1, onsetAt: '2026-11-23T02:00:00.000Z' }
    await log.append([
      { stream: streamOf(index), expected: 0, events: [{ type: 'incident.opened', actor: 'responder', data }] },
    ])
  }
  await log.close()
}

/** Events a second by `append`, with so many callers who each wait for their answer. */
async function byLog(callers: number, total: number): Promise<number> {
  const path = nextFile()
  await prepareFile(path)
  const log = sqliteLog({ path })
  const events = Array.from({ length: total }, (_, index) => signal(index))
  let next = 0
  const caller = async () => {
    for (let index = (next += 1) - 1; index < total; index = (next += 1) - 1) {
      const event = events[index]
      if (event !== undefined) await log.append([{ stream: streamOf(index), expected: 'dedupe', events: [event] }])
    }
  }
  const start = performance.now()
  await Promise.all(Array.from({ length: callers }, caller))
  const took = performance.now() - start
  await log.close()
  return (total / took) * 1_000
}

/** Events a second by the bare driver: the rows that `append` would write, made beforehand. */
async function byDriver(batch: number, total: number): Promise<number> {
  const path = nextFile()
  await prepareFile(path)
  const database = new DatabaseSync(path)
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
  const insert = database.prepare(`
    INSERT INTO events (position, stream, version, id, type, at, recorded_at, actor, causation_id, data, salt, data_digest, hash)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
  const begin = database.prepare('BEGIN IMMEDIATE')
  const commit = database.prepare('COMMIT')
  const rows = Array.from({ length: total }, (_, index) => {
    const { id = '', type, actor, at = '', data } = signal(index)
    return {
      id,
      type,
      actor,
      at,
      data: JSON.stringify(data),
      salt: 'c2FsdHNhbHRzYWx0',
      hash: index.toString(16).padStart(64, 'a'),
    }
  })
  const start = performance.now()
  for (let index = 0; index < total;) {
    begin.run()
    for (const end = Math.min(index + batch, total); index < end; index += 1) {
      const row = rows[index]
      if (row === undefined) continue
      const version = 2 + Math.floor(index / streamCount)
      const { id, type, actor, at, data, salt, hash } = row
      insert.run(
        streamCount + 1 + index,
        1 + (index % streamCount),
        version,
        id,
        type,
        at,
        at,
        actor,
        null,
        data,
        salt,
        null,
        hash,
      )
    }
    commit.run()
  }
  const took = performance.now() - start
  database.close()
  return (total / took) * 1_000
}

const middle = (values: readonly number[]) =>
  values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0
const figure = (value: number) => Math.round(value).toLocaleString('en')

let ok = true
for (const { callers, total } of [
  { callers: 1, total: 2_000 },
  { callers: 64, total: 32_000 },
]) {
  // Turn and turn about, so that a disk which slows down slows both.
  const pairs: { log: number; driver: number }[] = []
  for (let round = 0; round < rounds; round += 1)
    pairs.push({ driver: await byDriver(callers, total), log: await byLog(callers, total) })
  const ratio = middle(pairs.map(({ log, driver }) => log / driver))
  ok &&= ratio >= bar
  const [log, driver] = [middle(pairs.map((pair) => pair.log)), middle(pairs.map((pair) => pair.driver))]
  console.log(
    `append, ${callers} caller${callers === 1 ? ' ' : 's'}: ${figure(log)}/s, bare driver ${figure(driver)}/s, ratio ${ratio.toFixed(2)} (bar ${bar})`,
  )
}
rmSync(folder, { recursive: true, force: true })
process.exitCode = ok ? 0 : 1
