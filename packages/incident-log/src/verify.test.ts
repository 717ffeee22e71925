import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import type { IncidentLog } from '@firebreak/core'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { memoryLog, verifyLog, verifyStream } from './index.ts'
import { sqliteLog } from './sqlite.ts'
import { allOf, note, opened, resolvedBy, write } from './testing/kit.ts'

const stream = 'incident/web/1'
let folder: string
let path: string
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'firebreak-verify-'))
  path = join(folder, 'incidents.db')
  const log = sqliteLog({ path })
  await write(log, stream, 0, opened('web', 1), note('b', { id: 'x' }), note('c'), note('d'))
  await write(log, 'service/web', 0, note('other'))
  await log.close()
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** What somebody with the file can do behind the log's back. */
function tamper(sql: string, ...values: SQLInputValue[]): void {
  const database = new DatabaseSync(path)
  database.prepare(sql).run(...values)
  database.close()
}

async function verdicts(kept?: { version: number; head: string }) {
  const log = sqliteLog({ path, readOnly: true })
  const one = await verifyStream(log, stream, kept)
  const all = await verifyLog(log, kept === undefined ? {} : { heads: new Map([[stream, kept]]) })
  await log.close()
  return { one, all }
}

const no = '(SELECT no FROM streams WHERE name = ?)'
const tampering: Record<string, [sql: string, version: number]> = {
  'edited data': [
    `UPDATE events SET data = '{"service":"web","by":"mia","text":"B"}' WHERE version = 2 AND stream = ${no}`,
    2,
  ],
  'data in another order': [
    `UPDATE events SET data = '{"by":"mia","service":"web","text":"b"}' WHERE version = 2 AND stream = ${no}`,
    2,
  ],
  'data that says two things under one name, the second as before': [
    `UPDATE events SET data = replace(data, '"text":', '"text":"evil","text":') WHERE version = 2 AND stream = ${no}`,
    2,
  ],
  'another time': [`UPDATE events SET at = '2026-11-23T00:00:00Z' WHERE version = 3 AND stream = ${no}`, 3],
  'another actor': [`UPDATE events SET actor = 'person:bo' WHERE version = 1 AND stream = ${no}`, 1],
  'another id': [`UPDATE events SET id = 'y' WHERE version = 2 AND stream = ${no}`, 2],
  'another cause': [`UPDATE events SET causation_id = 'y' WHERE version = 2 AND stream = ${no}`, 2],
  'a time of recording that was changed': [
    `UPDATE events SET recorded_at = at || ' ' WHERE version = 4 AND stream = ${no}`,
    4,
  ],
  'another hash': [
    `UPDATE events SET hash = replace(hash, substr(hash, 1, 1), 'z') WHERE version = 4 AND stream = ${no}`,
    4,
  ],
  'an event dropped in the middle': [`DELETE FROM events WHERE version = 2 AND stream = ${no}`, 2],
  'the first event dropped': [`DELETE FROM events WHERE version = 1 AND stream = ${no}`, 1],
  'events in another order': [
    `UPDATE events SET version = CASE version WHEN 2 THEN 30 ELSE 20 END WHERE version IN (2, 3) AND stream = ${no}`,
    2,
  ],
  'data taken out without a record': [
    `UPDATE events SET data = '{"redacted":"x"}', salt = NULL, data_digest = 'd' WHERE version = 2 AND stream = ${no}`,
    2,
  ],
}
for (const [what, [sql, version]] of Object.entries(tampering)) {
  test(`verification finds ${what}`, async () => {
    tamper(sql, stream)
    const { one, all } = await verdicts()
    expect(one).toMatchObject({ ok: false, stream, version })
    expect(all).toMatchObject({ ok: false, broken: [{ stream, version }] })
  })
}

test('an untouched log verifies', async () => {
  const { one, all } = await verdicts()
  expect(one).toMatchObject({ ok: true, stream, events: 4, pruned: false })
  expect(all).toEqual({ ok: true, streams: 2, events: 5, broken: [] })
})

test('a cut tail is found against a head that was kept elsewhere, and only so', async () => {
  const log = sqliteLog({ path })
  const kept = await log.streamHead?.(stream)
  await write(log, stream, 4, note('later'))
  await log.close()
  const head = { version: 4, head: kept?.hash ?? '' }
  expect((await verdicts(head)).one.ok).toBe(true)
  tamper(`DELETE FROM events WHERE version > 3 AND stream = ${no}`, stream)
  expect((await verdicts()).one.ok).toBe(true)
  const { one, all } = await verdicts(head)
  expect(one).toMatchObject({ ok: false, version: 4, why: expect.stringContaining('the tail is cut: 3 events') })
  expect(all.broken).toEqual([one])
})

test('a history that was written anew is found against a head that was kept elsewhere', async () => {
  const other = memoryLog()
  await write(other, stream, 0, opened('web', 1), note('B', { id: 'x' }), note('c'), note('d'))
  const kept = sqliteLog({ path, readOnly: true })
  const head = { version: 3, head: (await allOf(kept.read(stream)))[2]?.hash ?? '' }
  await kept.close()
  expect((await verifyStream(other, stream)).ok).toBe(true)
  expect(await verifyStream(other, stream, head)).toMatchObject({
    ok: false,
    version: 3,
    why: expect.stringContaining('another history'),
  })
})

test('an incident that is listed and has lost all its events is found', async () => {
  tamper(`DELETE FROM events WHERE stream = ${no}`, stream)
  const { all } = await verdicts()
  expect(all).toMatchObject({ ok: false, broken: [{ stream, version: 1 }] })
})

const misleading: Record<string, [sql: string, why: string]> = {
  'says another status': [
    `UPDATE incidents SET summary = replace(summary, '"open"', '"resolved"'), status = 'resolved' WHERE stream = ${no}`,
    'the list says status "resolved", its events up to version 4 add up to "open"',
  ],
  'says another service': [
    `UPDATE incidents SET summary = replace(summary, '"web"', '"api"') WHERE stream = ${no}`,
    'the list says service "api", its events up to version 4 add up to "web"',
  ],
  'says something that never happened': [
    `UPDATE incidents SET summary = replace(summary, '{', '{"acknowledgedAt":"2026-11-23T00:00:00Z",') WHERE stream = ${no}`,
    'the list says acknowledgedAt "2026-11-23T00:00:00Z", its events up to version 4 add up to null',
  ],
  'does not have an incident': [`DELETE FROM incidents WHERE stream = ${no}`, 'the list does not have it'],
  'hides an open incident from who asks for those': [
    `UPDATE incidents SET status = 'resolved' WHERE stream = ${no}`,
    'is open, and is not found among the incidents that are not resolved',
  ],
}
for (const [what, [sql, why]] of Object.entries(misleading)) {
  test(`verification finds a list that ${what}`, async () => {
    tamper(sql, stream)
    const { one, all } = await verdicts()
    expect(one.ok).toBe(true)
    expect(all).toMatchObject({ ok: false, broken: [{ stream, why }] })
  })
}

test('a list that says what the events say verifies, through every change and while others write', async () => {
  const log = sqliteLog({ path })
  const about = { service: 'web', why: 'x', how: 'x', by: 'mia', severity: 'P1', outcome: 'regressed' }
  const types = ['assessed', 'acknowledged', 'mitigated', 'resolved', 'reopened', 'mitigated'].map(
    (it) => `incident.${it}`,
  )
  for (const [index, type] of [...types, 'mitigation.finished'].entries()) {
    await write(log, stream, 4 + index, { type, actor: 'responder', data: about })
    expect((await verifyLog(log)).broken).toEqual([])
  }
  let more = 0
  const busy: IncidentLog = {
    ...log,
    async *readAll(options) {
      for await (const event of log.readAll(options)) {
        more += 1
        const changed = { type: more % 2 === 0 ? 'incident.reopened' : 'incident.resolved', actor: 'x', data: about }
        await write(log, stream, 10 + more, changed)
        await write(log, `incident/new/${more}`, 0, opened('new', more))
        yield event
        if (more === 20) return
      }
    },
  }
  expect((await verifyLog(busy)).broken).toEqual([])
  await log.close()
})

test('of what was redacted nothing is said that the list should say', async () => {
  const log = sqliteLog({ path })
  await write(log, stream, 4, resolvedBy('mia'))
  await log.redact?.(stream, 1, 'a name')
  await log.redact?.(stream, 5, 'a name')
  expect((await verifyLog(log)).broken).toEqual([])
  await log.close()
})

test('what was redacted by the log verifies, and what stands in its place cannot be changed', async () => {
  const log = sqliteLog({ path })
  await log.redact?.(stream, 2, 'a name')
  await log.close()
  expect((await verdicts()).one.ok).toBe(true)
  tamper(`UPDATE events SET data = '{"text":"invented"}' WHERE version = 2 AND stream = ${no}`, stream)
  expect((await verdicts()).one).toMatchObject({ ok: false, version: 2 })
})

test('what was pruned by the log verifies, against its head too', async () => {
  const log = sqliteLog({ path })
  await write(log, stream, 4, resolvedBy('mia'))
  await log.prune?.({ resolvedBefore: '2100-01-01T00:00:00Z' })
  const head = await log.streamHead?.(stream)
  await log.close()
  const kept = { version: 5, head: head?.hash ?? '' }
  const { one, all } = await verdicts(kept)
  expect(one).toEqual({ ok: true, stream, events: 0, head: kept.head, pruned: true })
  expect(all).toEqual({ ok: true, streams: 1, events: 1, broken: [] })
  expect((await verdicts({ version: 5, head: 'other' })).one.ok).toBe(false)
})

test('a tail that was cut before the stream was pruned is found against a head that was kept elsewhere', async () => {
  const log = sqliteLog({ path })
  await write(log, stream, 4, resolvedBy('mia'))
  await log.prune?.({ resolvedBefore: '2100-01-01T00:00:00Z' })
  await log.close()
  const { one, all } = await verdicts({ version: 6, head: 'of an event that is gone' })
  expect(one).toMatchObject({ ok: false, version: 6, why: expect.stringContaining('the tail is cut: 5 events') })
  expect(all.broken).toEqual([one])
})

test('a stream that somebody marked as pruned behind the log is found against a head that was kept elsewhere', async () => {
  tamper(`UPDATE streams SET pruned_version = 3, pruned_hash = 'x' WHERE name = ?`, stream)
  expect((await verdicts({ version: 4, head: 'kept' })).one).toMatchObject({ ok: false, version: 4 })
})

test('a long log can be left in the middle', async () => {
  const log = memoryLog()
  await write(log, stream, 0, opened('web', 1))
  await expect(verifyLog(log, { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough')
})
