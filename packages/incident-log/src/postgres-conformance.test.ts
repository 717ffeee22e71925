import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectVersion1, fixture } from './fixtures/old-log.ts'
import { usePostgres } from './fixtures/use-postgres.ts'
import { verifyLog } from './index.ts'
import { postgresLog } from './postgres.ts'
import { describeIncidentLog } from './testing/index.ts'

const { url, clientOf, closing, logOf } = usePostgres()
/** One for all cases: connections are what costs time. */
let pool: pg.Pool
beforeAll(() => void (pool = new pg.Pool({ connectionString: url() })))
afterAll(() => pool.end())

const every = { subscribe: true, presence: true, snapshots: true, redact: true, prune: true, restore: true }

describeIncidentLog(
  'postgres',
  ({ name, clock, random }) => postgresLog({ pool, schema: name, clock, random }),
  { ...every, durable: true, shared: true },
  { describe, test, expect },
)

test('a schema that steps 1 to 3 wrote is read, verified and written on', () =>
  closing(async () => {
    await (await clientOf()).query(fixture('postgres-v1.sql'))
    const log = logOf('fixture_v1')
    await expectVersion1(log)
    expect((await verifyLog(log)).ok).toBe(true)
  }))
