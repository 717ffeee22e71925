import { spawn } from 'node:child_process'
import { once } from 'node:events'
import pg from 'pg'
import { expect, test } from 'vitest'
import type { IncidentLog, StreamId } from '@firebreak/core'
import { createTestClock } from '@firebreak/core/testing'
import { appendBy } from '../fixtures/append-by-hand.ts'
import { usePostgres } from '../fixtures/use-postgres.ts'
import { postgresLog } from '../postgres.ts'
import type { PgPoolLike } from './pool.ts'
import { allOf, codeOf, errorOf, note, opened, textsOf, write } from '../testing/kit.ts'

const { url, clientOf, closeLater, closing, logOf, newSchema } = usePostgres()

test('a subscriber hears of appends elsewhere by notification, long before it would look', () =>
  closing(async () => {
    const schema = newSchema()
    const log = logOf(schema, { pollEveryMs: 3_600_000 })
    const { heard, waitFor } = listener(log)
    const other = logOf(schema)
    await write(other, 'service/1', 0, note('a'))
    await waitFor('service/1')
    await write(other, 'service/2', 0, note('b'))
    await waitFor('service/2')
    // Too many names for one notification.
    const many = Array.from({ length: 300 }, (_, index) => `service/${'long'.repeat(20)}/${index}`)
    await Promise.all(many.map((stream) => write(other, stream, 0, note('c'))))
    await waitFor(many.at(-1) ?? '')
    expect(many.every((stream) => heard.has(stream))).toBe(true)
  }))

test('what is not notified is found by looking', () =>
  closing(async () => {
    const schema = newSchema()
    const log = logOf(schema, { pollEveryMs: 5 })
    await log.head?.()
    const { heard } = listener(log)
    const silent = await clientOf()
    // Until the first look was taken, an append may go unheard: another one follows.
    for (let round = 0; heard.size === 0; round += 1) {
      await appendBy(silent, schema, `service/silent-${round}`)
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    expect([...heard].filter((stream) => !stream.startsWith('service/silent-'))).toEqual([])
  }))

test('who listens hears of what was appended before the server could be asked for the first time', () =>
  closing(async () => {
    const schema = newSchema()
    const other = logOf(schema)
    await write(other, 'service/before', 0, note('a'))
    const { pool, go } = slowPool()
    const log = closeLater(postgresLog({ pool, schema, pollEveryMs: 3_600_000 }))
    closeLater({ close: () => pool.end() })
    const { heard, waitFor } = listener(log)
    await write(other, 'service/first', 0, note('a'))
    // More than is looked at in one step.
    await write(other, 'service/many', 0, ...Array.from({ length: 1_200 }, () => note('b')))
    go()
    await waitFor('service/first')
    await waitFor('service/many')
    expect([...heard]).toEqual(expect.arrayContaining(['service/first', 'service/many']))
  }))

test('a subscription that begins long after the last append is told of nothing', () =>
  closing(async () => {
    const schema = newSchema()
    const clock = createTestClock()
    const log = closeLater(postgresLog({ connectionString: url(), schema, clock, pollEveryMs: 3_600_000 }))
    await write(log, 'service/before', 0, note('a'))
    await clock.advance(120_000)
    const { heard, waitFor } = listener(log)
    const other = closeLater(postgresLog({ connectionString: url(), schema, clock }))
    await write(other, 'service/after', 0, note('b'))
    await waitFor('service/after')
    expect([...heard]).toEqual(['service/after'])
  }))

/** A pool that answers nobody before it is let go, as a cold or busy server does. */
function slowPool() {
  const pool = new pg.Pool({ connectionString: url() })
  const { promise: ready, resolve: go } = Promise.withResolvers<void>()
  const slow: PgPoolLike = {
    query: async (text, values) => (await ready, pool.query(text, values)),
    connect: async () => (await ready, pool.connect()),
    end: () => pool.end(),
  }
  return { pool: slow, go }
}

function listener(log: IncidentLog) {
  const heard = new Set<StreamId>()
  const waiting = new Map<StreamId, () => void>()
  log.subscribe?.((streams) => {
    for (const stream of streams) {
      heard.add(stream)
      waiting.get(stream)?.()
    }
  })
  const waitFor = (stream: StreamId) =>
    new Promise<void>((resolve) => (heard.has(stream) ? resolve() : waiting.set(stream, resolve)))
  return { heard, waitFor }
}

/** The server process that holds an owner's lock under the server as it runs now. */
async function holderOf(client: pg.Client, schema: string, owner: string): Promise<number | undefined> {
  const { rows } = await client.query(
    `SELECT l.pid FROM pg_locks l JOIN "${schema}".presence p ON (l.classid::bigint << 32 | l.objid::bigint) = p.key
      WHERE l.locktype = 'advisory' AND p.owner = $1 AND p.server = pg_postmaster_start_time()`,
    [owner],
  )
  return rows[0]?.pid
}

test('an owner whose process was killed is gone at once, and was not before', () =>
  closing(async () => {
    const schema = newSchema()
    const watching = await logOf(schema).presence?.('watching', { signal: new AbortController().signal })
    const script = `import { postgresLog } from '@firebreak/incident-log/postgres'
      const log = postgresLog({ connectionString: ${JSON.stringify(url())}, schema: ${JSON.stringify(schema)} })
      await log.presence('other', { signal: new AbortController().signal })
      console.log('present')`
    const child = spawn(process.execPath, ['--conditions=@firebreak/source', '--input-type=module', '-e', script], {
      cwd: import.meta.dirname,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(child.stdout, 'data')
    expect(await watching?.isGone('other')).toBe(false)
    const killed = performance.now()
    child.kill('SIGKILL')
    while ((await watching?.isGone('other')) !== true);
    // The bar is a takeover in 250 ms; this is the part of it that is ours, with room for a busy machine.
    expect(performance.now() - killed).toBeLessThan(2_000)
  }))

test('an owner whose connection broke takes its lock again, and nobody else can take its name', () =>
  closing(async () => {
    const schema = newSchema()
    const log = logOf(schema)
    const { signal } = new AbortController()
    const presence = await log.presence?.('owner', { signal })
    const client = await clientOf()
    const before = await holderOf(client, schema, 'owner')
    await client.query('SELECT pg_terminate_backend($1)', [before])
    let after: number | undefined
    while (after === undefined || after === before) after = await holderOf(client, schema, 'owner')
    expect(await presence?.isGone('owner')).toBe(false)
    expect((await errorOf(async () => logOf(schema).presence?.('owner', { signal }))).code).toBe('LOG_BUSY')
  }))

test('a connection that breaks in the middle is told with its reason, and the next call has a new one', () =>
  closing(async () => {
    const schema = newSchema()
    const log = logOf(schema)
    await write(log, 'incident/web/1', 0, opened('web', 1))
    const client = await clientOf()
    const blocker = await clientOf()
    await blocker.query('BEGIN')
    await blocker.query(`SELECT FROM "${schema}".streams FOR UPDATE`)
    const lost = errorOf(() => write(log, 'incident/web/1', 1, note('lost')))
    for (let ended = 0; ended === 0;) {
      const { rows } = await client.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%append%'`,
      )
      ended = rows.length
    }
    expect(await lost).toMatchObject({
      code: 'LOG_UNAVAILABLE',
      retryable: true,
      message: expect.stringContaining('57P01'),
    })
    await blocker.query('ROLLBACK')
    const [appended] = await write(log, 'incident/web/1', 1, note('kept'))
    expect(appended?.version).toBe(2)
  }))

test('a server that is not there is told, without the password of its address', async () => {
  const log = postgresLog({ connectionString: 'postgres://me:hunter22@127.0.0.1:1/none' })
  for (const call of [() => write(log, 'service/web', 0, note('a')), () => allOf(log.list())]) {
    const error = await errorOf(call)
    expect([error.code, error['retryable']]).toEqual(['LOG_UNAVAILABLE', true])
    expect(error.message).not.toContain('hunter22')
  }
  await log.close()
})

test('a connection that breaks in the middle of a transaction is told, and ends nothing else', () =>
  closing(async () => {
    const schema = newSchema()
    const log = logOf(schema)
    await write(log, 'service/web', 0, note('a'))
    const blocker = await clientOf()
    await blocker.query('BEGIN')
    await blocker.query(`SELECT FROM "${schema}".streams FOR UPDATE`)
    const lost = codeOf(async () => log.redact?.('service/web', 1, 'a name'))
    const client = await clientOf()
    const end = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE wait_event_type = 'Lock' AND query LIKE '%FOR NO KEY UPDATE%'`
    while ((await client.query(end)).rows.length === 0);
    expect(await lost).toBe('LOG_UNAVAILABLE')
    await blocker.query('ROLLBACK')
    expect(await textsOf(log, 'service/web')).toEqual(['a'])
  }))

test('connections that break while nobody uses them are no news', () =>
  closing(async () => {
    const log = logOf(newSchema())
    await Promise.all([write(log, 'service/web', 0, note('a')), allOf(log.list()), allOf(log.readAll())])
    const client = await clientOf()
    await client.query(
      'SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND usename IS NOT NULL',
    )
    const outcomes = new Set<string>()
    while (!outcomes.has('nothing')) outcomes.add(await codeOf(() => allOf(log.readAll())))
    outcomes.delete('LOG_UNAVAILABLE')
    expect([...outcomes]).toEqual(['nothing'])
  }))
