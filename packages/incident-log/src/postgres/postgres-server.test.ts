import pg from 'pg'
import { expect, test } from 'vitest'
import { appendBy } from '../fixtures/append-by-hand.ts'
import { usePostgres } from '../fixtures/use-postgres.ts'
import { verifyLog } from '../index.ts'
import { postgresLog } from '../postgres.ts'
import { allOf, codeOf, note, opened, resolvedBy, textsOf, write } from '../testing/kit.ts'
import { migrate } from './migrate.ts'
import { openPool } from './pool.ts'
import { migrations, namesOf } from './schema.ts'

const { url, clientOf, closeLater, closing, logOf, newSchema } = usePostgres()

/** A slow writer takes a position and does not commit; a fast one overtakes it; then a reader reads, and goes on later. */
async function overtake(schema: string) {
  const log = logOf(schema)
  const reader = logOf(schema)
  await write(log, 'service/before', 0, note('before'))
  await allOf(reader.readAll())
  const slow = await clientOf()
  await slow.query('BEGIN')
  await appendBy(slow, schema, 'service/slow')
  await write(log, 'service/fast', 0, note('fast'))
  const first = allOf(reader.readAll())
  const wasBlocked = await Promise.race([first.then(() => false), blockedOnGate(schema)])
  await slow.query('COMMIT')
  const seen = await first
  const later = await allOf(reader.readAll({ after: seen.at(-1)?.position }))
  return {
    wasBlocked,
    seen: [...seen, ...later].map(({ stream }) => stream),
    everything: (await allOf(log.readAll())).length,
  }
}

async function blockedOnGate(schema: string): Promise<boolean> {
  const client = await clientOf()
  for (;;) {
    const { rows } = await client.query(
      `SELECT FROM pg_locks WHERE NOT granted AND locktype = 'advisory' AND objid = $1::bigint`,
      [namesOf(schema).gate >>> 0],
    )
    if (rows.length > 0) return true
  }
}

test('a reader never passes over an append that commits late', () =>
  closing(async () => {
    const { wasBlocked, seen, everything } = await overtake(newSchema())
    expect(wasBlocked).toBe(true)
    expect(seen).toEqual(['service/before', 'service/slow', 'service/fast'])
    expect(everything).toBe(3)
  }))

test('without the gate it would', () =>
  closing(async () => {
    const schema = newSchema()
    const log = logOf(schema)
    await log.head?.()
    const client = await clientOf()
    await client.query(`CREATE OR REPLACE FUNCTION "${schema}".settled() RETURNS bigint LANGUAGE sql AS
      'SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM "${schema}".positions'`)
    const { wasBlocked, seen, everything } = await overtake(schema)
    expect(wasBlocked).toBe(false)
    expect([seen, everything]).toEqual([['service/before', 'service/fast'], 3])
  }))

test('an append does not wait for one to another stream, only for one to its own', () =>
  closing(async () => {
    const schema = newSchema()
    const log = logOf(schema)
    await log.head?.()
    const slow = await clientOf()
    await slow.query('BEGIN')
    await appendBy(slow, schema, 'service/slow')
    const [appended] = await write(log, 'service/fast', 0, note('a'))
    expect(appended?.version).toBe(1)
    const own = codeOf(() => write(logOf(schema), 'service/slow', 0, note('b')))
    await slow.query('COMMIT')
    expect(await own).toBe('VERSION_CONFLICT')
  }))

test('a transaction of somebody else, however long, holds up nobody', () =>
  closing(async () => {
    const schema = newSchema()
    const log = logOf(schema)
    const other = await clientOf()
    await other.query('CREATE TABLE IF NOT EXISTS theirs (a int)')
    await other.query('BEGIN')
    await other.query('INSERT INTO theirs VALUES (1)')
    await write(log, 'service/web', 0, note('a'))
    expect((await allOf(log.readAll())).length).toBe(1)
    await other.query('ROLLBACK')
  }))

test('many processes that write to one stream all get through, each event once', () =>
  closing(async () => {
    const schema = newSchema()
    const logs = Array.from({ length: 4 }, () => logOf(schema))
    await Promise.all(
      logs.flatMap((log, which) =>
        Array.from({ length: 25 }, (_, index) =>
          write(
            log,
            'service/hot',
            'dedupe',
            note('a', { id: `${which}/${index}` }),
            note('b', { id: `shared/${index}` }),
          ),
        ),
      ),
    )
    const ids = (await allOf(logOf(schema).read('service/hot'))).map(({ id }) => id)
    expect([ids.length, new Set(ids).size]).toEqual([125, 125])
    expect(await verifyLog(logOf(schema))).toMatchObject({ ok: true, events: 125 })
  }))

test('many that make the schema at once make one, on connections that have looked before too', () =>
  closing(async () => {
    // Each has seen that there is no such schema, and remembers it.
    const pool = new pg.Pool({ connectionString: url() })
    closeLater({ close: () => pool.end() })
    for (let round = 0; round < 10; round += 1) {
      const schema = newSchema()
      const logs = [1, 2, 3, 4].map(() => postgresLog({ pool, schema }))
      await Promise.all(logs.map((log, which) => write(log, `service/${which}`, 0, note('a'))))
      expect((await allOf(postgresLog({ pool, schema }).readAll())).length).toBe(4)
    }
  }))

test('a schema that a newer Firebreak wrote is refused', () =>
  closing(async () => {
    const schema = newSchema()
    await write(logOf(schema), 'service/web', 0, note('a'))
    const client = await clientOf()
    await client.query(`INSERT INTO "${schema}".migrations (step) VALUES (99)`)
    expect(await codeOf(() => write(logOf(schema), 'service/web', 1, note('b')))).toBe('LOG_NEWER')
  }))

test('a schema of an older version goes through the steps that it lacks; a step that fails leaves it as it was', () =>
  closing(async () => {
    const schema = newSchema()
    await write(logOf(schema), 'service/web', 0, note('a'))
    const names = namesOf(schema)
    const pool = closeLater(openPool(undefined, url()))
    const next = () => `ALTER TABLE ${names.schema}.events ADD COLUMN later text`
    expect(await codeOf(() => migrate(pool, names, [...migrations, next, () => 'NONSENSE']))).toBe('42601')
    expect(await textsOf(logOf(schema), 'service/web')).toEqual(['a'])
    await Promise.all([1, 2, 3].map(() => migrate(pool, names, [...migrations, next])))
    expect(await codeOf(() => textsOf(logOf(schema), 'service/web'))).toBe('LOG_NEWER')
  }))

test('a pool of the caller is used and left open, and the options are checked', () =>
  closing(async () => {
    const pool = new pg.Pool({ connectionString: url(), max: 2 })
    const log = postgresLog({ pool, schema: newSchema() })
    await write(log, 'service/web', 0, note('a'))
    await log.close()
    expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
    await pool.end()
    for (const options of [
      {},
      { connectionString: '' },
      { pool, connectionString: url() },
      { pool, schema: 'Robert"; DROP' },
      { pool, schema: 'pg_mine' },
    ])
      expect(await codeOf(async () => postgresLog(options))).toBe('INVALID_INPUT')
  }))

test('a role that may only read is told so', () =>
  closing(async () => {
    const schema = newSchema()
    await write(logOf(schema), 'service/web', 0, note('a'))
    const client = await clientOf()
    await client.query(`CREATE ROLE "${schema}" LOGIN; GRANT USAGE ON SCHEMA "${schema}" TO "${schema}";
      GRANT SELECT ON ALL TABLES IN SCHEMA "${schema}" TO "${schema}"; GRANT SELECT ON ALL SEQUENCES IN SCHEMA "${schema}" TO "${schema}"`)
    const reader = closeLater(postgresLog({ connectionString: url().replace('firebreak@', `${schema}@`), schema }))
    expect(await textsOf(reader, 'service/web')).toEqual(['a'])
    expect((await allOf(reader.readAll())).length).toBe(1)
    expect(await codeOf(() => write(reader, 'service/web', 1, note('b')))).toBe('LOG_READ_ONLY')
  }))

test('an incident that is reopened while it is about to be pruned keeps its events', () =>
  closing(async () => {
    const schema = newSchema()
    const log = logOf(schema)
    await write(log, 'incident/web/1', 0, opened('web', 1), resolvedBy('mia'))
    const reopening = await clientOf()
    await reopening.query('BEGIN')
    await reopening.query(`SELECT FROM "${schema}".streams FOR NO KEY UPDATE`)
    await reopening.query(`UPDATE "${schema}".incidents SET status = 'open'`)
    const pruned = log.prune?.({ resolvedBefore: '2100-01-01T00:00:00Z' })
    const client = await clientOf()
    const waits = `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%FOR NO KEY UPDATE%'`
    while ((await client.query(waits)).rows.length === 0);
    await reopening.query('COMMIT')
    expect(await pruned).toEqual({ incidents: 0, events: 0 })
    expect((await allOf(log.read('incident/web/1'))).length).toBe(2)
  }))
