import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { sqliteLog } from '../sqlite.ts'
import { allOf, codeOf, note, opened, resolvedBy, write } from '../testing/kit.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'firebreak-writer-'))
  path = join(folder, 'incidents.db')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** How many transactions the write-ahead log holds: in the last frame of each stands the size of the file. */
function transactions(): number {
  const wal = readFileSync(`${path}-wal`)
  if (wal.length === 0) return 0
  const frame = 24 + wal.readUInt32BE(8)
  let commits = 0
  for (let at = 32; at + frame <= wal.length; at += frame) if (wal.readUInt32BE(at + 4) > 0) commits += 1
  return commits
}

test('appends of one turn share one transaction, those of another have their own', async () => {
  const log = sqliteLog({ path })
  const before = transactions()
  await Promise.all(Array.from({ length: 64 }, (_, index) => write(log, `service/${index}`, 0, note('a'))))
  expect(transactions() - before).toBe(1)
  await write(log, 'service/0', 1, note('b'))
  expect(transactions() - before).toBe(2)
  await log.close()
})

test('an append that only checks, or repeats, or is refused writes nothing', async () => {
  const log = sqliteLog({ path })
  await write(log, 'service/web', 0, note('a', { id: 'x' }))
  const before = transactions()
  await log.append([{ stream: 'service/web', expected: 1, events: [] }])
  await write(log, 'service/web', 0, note('a', { id: 'x' }))
  expect(await codeOf(() => write(log, 'service/web', 0, note('b')))).toBe('VERSION_CONFLICT')
  expect(await codeOf(() => write(log, 'service/web', 1, note('b', { id: 'x' })))).toBe('ID_CONFLICT')
  expect(transactions()).toBe(before)
  await log.close()
})

test('a known id in the middle of an append takes back what was written before it', async () => {
  const log = sqliteLog({ path })
  await write(log, 'service/b', 0, note('known', { id: 'x' }))
  const settled = await Promise.allSettled([
    write(log, 'service/a', 0, note('first')),
    log.append([
      { stream: 'service/a', expected: 1, events: [note('second')] },
      { stream: 'incident/web/1', expected: 0, events: [opened('web', 1), resolvedBy('mia')] },
      { stream: 'service/b', expected: 'dedupe', events: [note('other', { id: 'x' })] },
    ]),
    log.append([
      { stream: 'service/a', expected: 1, events: [note('third')] },
      { stream: 'service/b', expected: 'dedupe', events: [note('known', { id: 'x' })] },
    ]),
  ])
  expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  const events = await allOf(log.readAll())
  expect(events.map(({ stream, position }) => [stream, position])).toEqual([
    ['service/b', '1'],
    ['service/a', '2'],
    ['service/a', '3'],
  ])
  expect(await allOf(log.list())).toEqual([])
  const again = sqliteLog({ path })
  expect(await allOf(again.readAll())).toEqual(events)
  await again.close()
  await log.close()
})

test('a summary is rewritten only when a list would show more than time and version', async () => {
  const log = sqliteLog({ path })
  await write(log, 'incident/web/1', 0, opened('web', 1))
  const look = new DatabaseSync(path)
  look.exec(`CREATE TABLE rewritten (n INTEGER); CREATE TRIGGER count AFTER UPDATE ON incidents
    BEGIN INSERT INTO rewritten VALUES (1); END`)
  for (let version = 1; version <= 5; version += 1) await write(log, 'incident/web/1', version, note('a'))
  await write(log, 'incident/web/1', 6, resolvedBy('mia'))
  expect(look.prepare('SELECT count(*) AS times FROM rewritten').get()).toEqual({ times: 1 })
  look.close()
  const [summary] = await allOf(log.list())
  expect(summary).toMatchObject({ version: 7, status: 'resolved' })
  await log.close()
})

test('a prune that was interrupted leaves nothing that is read, and the next one finishes it', async () => {
  const log = sqliteLog({ path })
  await write(log, 'incident/web/1', 0, opened('web', 1), note('a'), resolvedBy('mia'))
  await write(log, 'service/web', 0, note('b'))
  await log.close()
  const database = new DatabaseSync(path)
  database.exec(`UPDATE streams SET pruned_version = 3, pruned_hash = 'h' WHERE name = 'incident/web/1'`)
  database.close()
  const again = sqliteLog({ path })
  expect((await allOf(again.readAll())).map(({ stream }) => stream)).toEqual(['service/web'])
  expect(await allOf(again.read('incident/web/1'))).toEqual([])
  expect(await codeOf(() => write(again, 'incident/web/1', 3, note('late')))).toBe('STREAM_PRUNED')
  expect(await again.prune?.({ resolvedBefore: '2000-01-01T00:00:00Z' })).toEqual({ incidents: 0, events: 3 })
  await again.close()
})

test('the open incidents are found without a look at the resolved ones', async () => {
  const log = sqliteLog({ path })
  await write(log, 'incident/web/1', 0, opened('web', 1))
  await log.close()
  const database = new DatabaseSync(path)
  const plan = database
    .prepare(`EXPLAIN QUERY PLAN SELECT summary FROM incidents i
      WHERE i.status <> 'resolved' AND i.status IN (?, ?) ORDER BY i.opened_at DESC, i.name DESC LIMIT 10`)
    .all('open', 'mitigated')
  expect(plan.map(({ detail }) => detail)).toEqual(['SCAN i USING INDEX incidents_unresolved'])
  database.close()
})
