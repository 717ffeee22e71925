import { IncidentLogError } from '../log-error.ts'
import { inTransaction, type PoolHandle, type Row } from './pool.ts'
import { lockClass, migrations, type Names, type Step } from './schema.ts'

/** Brings the schema to today's tables, under a lock. A schema that is newer than this code is refused. */
export async function migrate(pool: PoolHandle, names: Names, steps: readonly Step[] = migrations): Promise<void> {
  const done = await stepsDone((text) => pool.query(text), names, steps.length)
  if (done === steps.length) return
  await inTransaction(pool, async (client) => {
    await client.query(`SELECT pg_advisory_xact_lock(${lockClass}, ${names.migration})`)
    // Looked at again under the lock: another process may have been through it meanwhile.
    const query = async (text: string) => (await client.query(text)).rows
    const { schema, table } = await whatIsThere(query, names)
    // A role that may not create schemas can be given one.
    if (!schema) await query(`CREATE SCHEMA ${names.schema}`)
    if (!table)
      await query(`CREATE TABLE ${names.schema}.migrations (
        step integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())`)
    const before = await stepsDone(query, names, steps.length)
    for (const [index, step] of steps.entries()) {
      if (index < before) continue
      await client.query(step(names))
      await client.query(`INSERT INTO ${names.schema}.migrations (step) VALUES ($1)`, [index + 1])
    }
  })
}

type Ask = (text: string) => Promise<readonly Row[]>

/** By a query of the catalogue: `to_regclass` and IF NOT EXISTS go by a cache that may be older than the lock. */
async function whatIsThere(query: Ask, { plain }: Names): Promise<{ schema: boolean; table: boolean }> {
  const [row] = await query(`SELECT
    EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = '${plain}') AS schema,
    EXISTS (SELECT FROM pg_catalog.pg_tables WHERE schemaname = '${plain}' AND tablename = 'migrations') AS table`)
  return { schema: row?.['schema'] === true, table: row?.['table'] === true }
}

async function stepsDone(query: Ask, names: Names, known: number): Promise<number> {
  const { schema } = names
  if (!(await whatIsThere(query, names)).table) return 0
  const [row] = await query(`SELECT coalesce(max(step), 0) AS steps FROM ${schema}.migrations`)
  const steps = Number(row?.['steps'])
  if (steps > known)
    throw new IncidentLogError(
      'LOG_NEWER',
      `the schema ${schema} was written by a newer Firebreak (tables ${steps}, this one knows ${known}): update Firebreak`,
    )
  return steps
}
