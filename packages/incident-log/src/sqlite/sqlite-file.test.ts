import { spawnSync } from 'node:child_process'
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { verifyLog } from '../index.ts'
import { sqliteLog } from '../sqlite.ts'
import { allOf, codeOf, errorOf, note, opened, resolvedBy, write } from '../testing/kit.ts'
import { openDatabase } from './database.ts'
import { applicationId, migrations } from './schema.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'firebreak-sqlite-'))
  path = join(folder, 'incidents.db')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

async function fill(streams = 50): Promise<void> {
  const log = sqliteLog({ path })
  for (let index = 0; index < streams; index += 1)
    await write(log, `incident/s${index}/1`, 0, opened(`s${index}`, 1), note('x'.repeat(2_000)))
  await log.close()
}

/** What a log of this file says to a caller who opens it and reads everything. */
async function outcome(options: { readOnly?: boolean } = {}) {
  return errorOf(async () => {
    const log = sqliteLog({ path, ...options })
    try {
      await allOf(log.readAll())
      await allOf(log.list())
      return await write(log, 'service/web', 'dedupe', note('a', { id: 'a' }))
    } finally {
      await log.close()
    }
  })
}

test('a new file is made, on the disk with every append, and belongs to us', async () => {
  const log = sqliteLog({ path })
  await write(log, 'service/web', 0, note('a'))
  const other = new DatabaseSync(path, { readOnly: true })
  expect(other.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' })
  expect(other.prepare('PRAGMA application_id').get()).toEqual({ application_id: applicationId })
  expect(other.prepare('SELECT count(*) AS events FROM events').get()).toEqual({ events: 1 })
  expect(
    other
      .prepare(
        "SELECT count(*) AS loose FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND strict = 0 AND name NOT LIKE 'sqlite_%'",
      )
      .get(),
  ).toEqual({ loose: 0 })
  other.close()
  await log.close()
})

test('every way to damage the file gives an error that names it and says what to do, and never an empty log', async () => {
  await fill()
  const whole = readFileSync(path)
  const damages: Record<string, () => void> = {
    'no bytes': () => truncateSync(path, 0),
    'ten bytes': () => truncateSync(path, 10),
    'half a header': () => truncateSync(path, 60),
    'one page': () => truncateSync(path, 4_096),
    'half the file': () => truncateSync(path, Math.floor(whole.length / 2)),
    'a torn last page': () => truncateSync(path, whole.length - 100),
    'another beginning': () =>
      writeFileSync(path, Buffer.concat([Buffer.from('not a database  '), whole.subarray(16)])),
    text: () => writeFileSync(path, 'once upon a time\n'.repeat(1_000)),
    'zeroes in the middle': () => writeFileSync(path, Buffer.from(whole).fill(0, 4_096, whole.length - 4_096)),
    'noise in the middle': () => writeFileSync(path, Buffer.from(whole).fill('noise', 4_096, whole.length - 4_096)),
  }
  for (const [what, damage] of Object.entries(damages)) {
    for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true })
    writeFileSync(path, whole)
    damage()
    const error = await outcome()
    expect(error.code, what).toBe('LOG_CORRUPT')
    expect(error.message, what).toContain(path)
    expect(error.message, what).toMatch(/restore a backup/)
  }
})

test('a file that is whole again is read as before', async () => {
  await fill()
  const whole = readFileSync(path)
  truncateSync(path, 10_000)
  expect((await outcome()).code).toBe('LOG_CORRUPT')
  writeFileSync(path, whole)
  const log = sqliteLog({ path })
  expect(await verifyLog(log)).toMatchObject({ ok: true, streams: 50, events: 100 })
  await log.close()
})

test('a torn tail of the write-ahead log loses nothing that was acknowledged before it', async () => {
  const log = sqliteLog({ path })
  await write(log, 'service/web', 0, note('a'))
  await write(log, 'service/web', 1, note('b'))
  const copy = join(folder, 'copy.db')
  writeFileSync(copy, readFileSync(path))
  writeFileSync(`${copy}-wal`, readFileSync(`${path}-wal`))
  appendFileSync(`${copy}-wal`, 'torn frame'.repeat(200))
  await log.close()
  const other = sqliteLog({ path: copy })
  expect((await allOf(other.read('service/web'))).length).toBe(2)
  await other.close()
})

test('a write-ahead log whose file is gone is not played into a new one', async () => {
  const log = sqliteLog({ path })
  await write(log, 'service/web', 0, note('a'))
  const wal = readFileSync(`${path}-wal`)
  await log.close()
  rmSync(path)
  writeFileSync(`${path}-wal`, wal)
  expect(await outcome()).toMatchObject({ code: 'LOG_CORRUPT', message: expect.stringContaining('write-ahead log') })
})

test('one event that is not readable is an error with its stream and version', async () => {
  await fill(1)
  const database = new DatabaseSync(path)
  database.exec("UPDATE events SET data = '{\"torn' WHERE version = 2")
  database.close()
  const error = await outcome()
  expect([error.code, error.message]).toEqual(['LOG_CORRUPT', expect.stringContaining('event 2 of incident/s0/1')])
})

test('a database of another program is left alone', async () => {
  const database = new DatabaseSync(path)
  database.exec('CREATE TABLE theirs (a)')
  database.close()
  const before = readFileSync(path)
  expect((await outcome()).code).toBe('LOG_FOREIGN')
  expect(readFileSync(path).equals(before)).toBe(true)
})

test('a file that a newer Firebreak wrote is refused, and not changed', async () => {
  await fill(1)
  const database = new DatabaseSync(path)
  database.exec(`PRAGMA user_version = ${migrations.length + 1}`)
  database.close()
  const before = readFileSync(path)
  for (const options of [{}, { readOnly: true }]) expect((await outcome(options)).code).toBe('LOG_NEWER')
  expect(readFileSync(path).equals(before)).toBe(true)
})

const nextStep = 'ALTER TABLE events ADD COLUMN later TEXT'

test('a file of an older version goes through the steps that it lacks, once, and keeps what it holds', async () => {
  await fill(1)
  for (const _again of [1, 2]) openDatabase(path, false, [...migrations, nextStep]).database.close()
  const database = new DatabaseSync(path)
  expect(database.prepare('SELECT count(*) AS events, count(later) AS later FROM events').get()).toEqual({
    events: 2,
    later: 0,
  })
  database.close()
  expect((await outcome()).code).toBe('LOG_NEWER')
})

test('a step that fails leaves the file as it was', async () => {
  await fill(1)
  expect(await codeOf(async () => openDatabase(path, false, [...migrations, nextStep, 'NONSENSE']))).not.toBe('nothing')
  const log = sqliteLog({ path })
  expect((await verifyLog(log)).ok).toBe(true)
  await log.close()
})

test('a file of an older version is not changed by a reader', async () => {
  await fill(1)
  const before = readFileSync(path)
  expect(await codeOf(async () => openDatabase(path, true, [...migrations, nextStep]))).toBe('LOG_READ_ONLY')
  expect(readFileSync(path).equals(before)).toBe(true)
})

test('what cannot be opened says so', async () => {
  path = join(folder, 'no', 'such', 'folder.db')
  expect(await outcome()).toMatchObject({
    code: 'LOG_UNAVAILABLE',
    message: expect.stringContaining('folder must exist'),
  })
  path = join(folder, 'folder.db')
  mkdirSync(path)
  expect((await outcome()).code).toBe('LOG_UNAVAILABLE')
  expect(await codeOf(async () => sqliteLog({ path: '' }))).toBe('INVALID_INPUT')
  expect(await codeOf(async () => sqliteLog({ path: ':memory:', busyTimeoutMs: -1 }))).toBe('INVALID_INPUT')
  expect(await codeOf(async () => sqliteLog({ path: ':memory:', pollEveryMs: 0 }))).toBe('INVALID_INPUT')
  expect(await codeOf(async () => sqliteLog({ path: ':memory:', pollEveryMs: Number.NaN }))).toBe('INVALID_INPUT')
  expect(await codeOf(async () => sqliteLog({ path: undefined as unknown as string }))).toBe('INVALID_INPUT')
})

test('read-only looks and changes nothing', async () => {
  expect((await outcome({ readOnly: true })).code).toBe('LOG_MISSING')
  await fill(2)
  const before = readFileSync(path)
  const log = sqliteLog({ path, readOnly: true })
  expect(await verifyLog(log)).toMatchObject({ ok: true, streams: 2, events: 4 })
  const writes = [
    () => write(log, 'service/web', 0, note('a')),
    async () => log.redact?.('incident/s0/1', 2, 'x'),
    async () => log.prune?.({ resolvedBefore: '2030-01-01T00:00:00Z' }),
    async () => log.restore?.([]),
    async () => log.snapshots?.put('a', { version: 1, state: '' }),
    async () => log.presence?.('me', { signal: new AbortController().signal }),
  ]
  for (const call of writes) expect(await codeOf(call)).toBe('LOG_READ_ONLY')
  await log.close()
  expect(readFileSync(path).equals(before)).toBe(true)
})

test('a redacted text is nowhere in the file', async () => {
  const log = sqliteLog({ path })
  const secret = 'Jane Doe, +49 170 1234567'
  await write(log, 'service/web', 0, note('first'), note(secret), note('x'.repeat(9_000) + secret))
  await log.redact?.('service/web', 2, 'a name')
  await log.redact?.('service/web', 3, 'a name')
  const files = ['', '-wal'].map((suffix) => readFileSync(path + suffix))
  expect(files.some((bytes) => bytes.includes('Jane Doe'))).toBe(false)
  await log.close()
})

test.each<[string, (log: ReturnType<typeof sqliteLog>) => Promise<unknown> | undefined]>([
  ['redact', (log) => log.redact?.('incident/web/1', 1, 'a name')],
  ['prune', (log) => log.prune?.({ resolvedBefore: '2027-01-01T00:00:00Z' })],
])(
  'while somebody reads what it held, %s says that the old text is still in the write-ahead log',
  async (what, work) => {
    const log = sqliteLog({ path, busyTimeoutMs: 60 })
    await write(log, 'incident/web/1', 0, opened('Jane-Doe', 1), resolvedBy('mia', { at: '2026-11-23T00:00:00Z' }))
    const reader = new DatabaseSync(path, { readOnly: true })
    reader.exec('BEGIN')
    reader.prepare('SELECT count(*) FROM events').get()
    const { code, message } = await errorOf(async () => work(log))
    expect([code, message?.includes(`end its reading, then ${what} again`)]).toEqual(['LOG_BUSY', true])
    reader.close()
    await work(log)
    expect(readFileSync(`${path}-wal`).length).toBe(0)
    expect((await verifyLog(log)).ok).toBe(true)
    await log.close()
  },
)

test('a reader that ends in time does not hinder a redaction', async () => {
  const log = sqliteLog({ path })
  await write(log, 'service/web', 0, note('Jane-Doe'))
  const reader = new DatabaseSync(path, { readOnly: true })
  reader.exec('BEGIN')
  reader.prepare('SELECT count(*) FROM events').get()
  const redacting = log.redact?.('service/web', 1, 'a name')
  await write(log, 'service/other', 0, note('b'))
  reader.close()
  await redacting
  for (const suffix of ['', '-wal']) expect(readFileSync(path + suffix).includes('Jane-Doe')).toBe(false)
  await log.close()
})

test('importing the entries opens nothing, prints nothing and loads no driver', () => {
  const script = `
    await Promise.all(['.', './sqlite', './postgres', './testing'].map((it) => import('@firebreak/incident-log' + it.slice(1))))
    const loaded = process.moduleLoadList.filter((it) => it.includes('sqlite'))
    if (loaded.length > 0) throw new Error(loaded.join())`
  const run = spawnSync(process.execPath, ['--conditions=@firebreak/source', '--input-type=module', '-e', script], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], NODE_PATH: '' },
  })
  expect([run.stdout, run.stderr, run.status]).toEqual(['', '', 0])
})

test('a path that cannot be looked at is told with what to check', async () => {
  writeFileSync(join(folder, 'file'), 'x')
  for (const wrong of [
    join(folder, 'file', 'incidents.db'),
    join(folder, 'x'.repeat(300)),
    join(folder, 'none', 'a.db'),
  ]) {
    const { code, message } = await errorOf(async () => sqliteLog({ path: wrong }))
    expect([code, message?.includes(wrong)]).toEqual(['LOG_UNAVAILABLE', true])
  }
})
