import { IncidentLogError } from '../log-error.ts'
import { inTransaction, type PoolHandle } from './pool.ts'
import { lockClass, migrations, type Names, type Step } from './schema.ts'

/** Brings the schema to today's tables, under a lock. A schema that is newer than this code is refused. */
export async function migrate(pool: PoolHandle, names: Names, steps: readonly Step[] = migrations): Promise<void> {
  const done = await stepsDone((text) => pool.query(text), names, steps.length)
  if (done === steps.length) return
  await inTransaction(pool, async (client) => {
    await client.query(`SELECT pg_advisory_xact_lock(${lockClass}, ${names.migration})`)
    // A role that may not create schemas can be given one.
    const { rows } = await client.query(`SELECT to_regnamespace('${names.schema}') IS NOT NULL AS there`)
    if (rows[0]?.['there'] !== true) await client.query(`CREATE SCHEMA ${names.schema}`)
    await client.query(`CREATE TABLE IF NOT EXISTS ${names.schema}.migrations (
      step integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())`)
    // Looked at again under the lock: another process may have been through it meanwhile.
    const before = await stepsDone(async (text) => (await client.query(text)).rows, names, steps.length)
    for (const [index, step] of steps.entries()) {
      if (index < before) continue
      await client.query(step(names))
      await client.query(`INSERT INTO ${names.schema}.migrations (step) VALUES ($1)`, [index + 1])
    }
  })
}

async function stepsDone(
  query: (text: string) => Promise<readonly Readonly<Record<string, unknown>>[]>,
  { schema }: Names,
  known: number,
): Promise<number> {
  const [exists] = await query(`SELECT to_regclass('${schema}.migrations') IS NOT NULL AS there`)
  if (exists?.['there'] !== true) return 0
  const [row] = await query(`SELECT coalesce(max(step), 0) AS steps FROM ${schema}.migrations`)
  const steps = Number(row?.['steps'])
  if (steps > known)
    throw new IncidentLogError(
      'LOG_NEWER',
      `the schema ${schema} was written by a newer Firebreak (tables ${steps}, this one knows ${known}): update Firebreak`,
    )
  return steps
}
