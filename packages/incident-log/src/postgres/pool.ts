import { InvalidInput } from '@firebreak/core'
import { IncidentLogError } from '../log-error.ts'

export type Row = Readonly<Record<string, unknown>>

/** What is used of a `pg` client; structural, so that `pg` stays optional and its copies do not matter. */
export interface PgClientLike {
  query(text: string, values?: unknown[]): Promise<{ rows: Row[] }>
  release(destroy?: boolean | Error): void
  on(event: string, listener: (argument: never) => void): unknown
}

/** What is used of a `pg` pool. */
export interface PgPoolLike {
  query(text: string, values?: unknown[]): Promise<{ rows: Row[] }>
  connect(): Promise<PgClientLike>
  on?(event: 'error', listener: (error: Error) => void): unknown
  end(): Promise<void>
}

export type Query = (text: string, values?: unknown[]) => Promise<readonly Row[]>

export interface PoolHandle {
  readonly query: Query
  readonly connect: () => Promise<PgClientLike>
  readonly close: () => Promise<void>
}

/** For a pool that we make: a server that cannot be reached, or does not answer, is told and not waited for. */
const ours = { max: 8, connectionTimeoutMillis: 5_000, query_timeout: 30_000, keepAlive: true }

/** The caller's pool, or one of our own that is made at first use; only our own is closed with the log. */
export function openPool(pool: PgPoolLike | undefined, connectionString: string | undefined): PoolHandle {
  if (pool === undefined && (connectionString === undefined || connectionString === ''))
    throw new InvalidInput(
      'connectionString',
      'is not set; pass a pool or a connection string to postgresLog (an environment variable that is unset arrives as undefined)',
    )
  if (pool !== undefined && connectionString !== undefined)
    throw new InvalidInput('connectionString', 'is given beside a pool: pass one of the two')
  let made: Promise<PgPoolLike> | undefined = pool === undefined ? undefined : Promise.resolve(quiet(pool))
  const current = () => (made ??= createPool(connectionString ?? ''))
  return {
    async query(text, values) {
      const { rows } = await (await current()).query(text, values)
      return rows
    },
    connect: async () => hush(await (await current()).connect()),
    async close() {
      if (pool === undefined) await (await made)?.end()
    },
  }
}

async function createPool(connectionString: string): Promise<PgPoolLike> {
  const { Pool } = await importPg()
  return quiet(new Pool({ connectionString, ...ours }) as PgPoolLike)
}

async function importPg() {
  try {
    return (await import('pg')).default
  } catch (cause) {
    throw new IncidentLogError('LOG_UNAVAILABLE', 'the package pg is not installed: run `npm install pg`', cause)
  }
}

const hushed = new WeakSet<object>()
const ignore = () => undefined

/** A connection that breaks while idle is no news: the next query says so. Unheard, the event would end the process. */
function quiet(pool: PgPoolLike): PgPoolLike {
  if (!hushed.has(pool)) pool.on?.('error', ignore)
  hushed.add(pool)
  return pool
}

/** The same for a connection that was taken out of the pool: what it was doing fails, and that is how it is told. */
function hush(client: PgClientLike): PgClientLike {
  if (!hushed.has(client)) client.on('error', ignore)
  hushed.add(client)
  return client
}

/** Runs work on one connection, in one transaction. A connection whose state is not known is not used again. */
export async function inTransaction<T>(pool: PoolHandle, work: (client: PgClientLike) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  let broken = true
  try {
    await client.query('BEGIN')
    const result = await work(client)
    await client.query('COMMIT')
    broken = false
    return result
  } catch (error) {
    broken = await client.query('ROLLBACK').then(
      () => false,
      () => true,
    )
    throw error
  } finally {
    client.release(broken)
  }
}
