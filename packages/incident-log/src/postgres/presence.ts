import type { IncidentLog } from '@firebreak/core'
import { IncidentLogError } from '../log-error.ts'
import { limits } from '../limits.ts'
import { checkPresence } from '../calls.ts'
import { checkText } from '../prepare.ts'
import type { PgClientLike, Query } from './pool.ts'
import { ownerKey, type Names } from './schema.ts'
import type { Session } from './session.ts'

export interface PresenceOptions {
  readonly session: Session
  readonly query: Query
  readonly names: Names
  /** What the server or the driver throws becomes one of our errors. */
  readonly ask: <T>(work: () => Promise<T>) => Promise<T>
}

/** Of the owner in row `p`. */
const lockIsHeld = `EXISTS (SELECT FROM pg_locks l WHERE l.locktype = 'advisory' AND l.objsubid = 1 AND l.granted
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND (l.classid::bigint << 32 | l.objid::bigint) = p.key)`

/**
 * Owners, each with a lock that lives as long as its connection: when the process dies, the server sees the connection end
 * and lets go of the lock at once.
 */
export function createPresence({ session, query, names, ask }: PresenceOptions) {
  const { schema } = names
  /** Who has been let in, and is let in again on every new connection. */
  const owners = new Set<string>()
  const held = new WeakMap<PgClientLike, Set<string>>()

  async function hold(client: PgClientLike, owner: string): Promise<void> {
    const ours = held.get(client) ?? new Set<string>()
    held.set(client, ours)
    if (ours.has(owner)) return
    const key = ownerKey(schema, owner)
    const { rows } = await client.query('SELECT pg_try_advisory_lock($1) AS locked', [key])
    if (rows[0]?.['locked'] !== true)
      throw new IncidentLogError(
        'LOG_BUSY',
        `an owner ${owner} is present already: give each process a name of its own`,
      )
    ours.add(owner)
    await client.query(
      `WITH forgotten AS (DELETE FROM ${schema}.presence p WHERE p.owner <> $1 AND p.entered_at < now() - interval '7 days'
          AND (p.left_at IS NOT NULL OR NOT ${lockIsHeld}))
        INSERT INTO ${schema}.presence (owner, key, server) VALUES ($1, $2, pg_postmaster_start_time())
        ON CONFLICT (owner) DO UPDATE SET key = excluded.key, server = excluded.server, entered_at = now(), left_at = NULL`,
      [owner, key],
    )
  }

  async function letGo(owner: string): Promise<void> {
    if (!owners.delete(owner)) return
    const client = session.connected()
    if (client === undefined || held.get(client)?.delete(owner) !== true) return
    await client.query(`UPDATE ${schema}.presence SET left_at = now() WHERE owner = $1`, [owner])
    await client.query('SELECT pg_advisory_unlock($1)', [ownerKey(schema, owner)])
  }

  /** Known to be gone: was here under this server, and its lock is free. After a restart of the server nobody is known. */
  async function isGone(owner: string): Promise<boolean> {
    checkText(owner, 'owner', limits.actor)
    const [row] = await query(
      `SELECT p.left_at IS NOT NULL OR (p.server = pg_postmaster_start_time() AND NOT ${lockIsHeld}) AS gone FROM ${schema}.presence p WHERE p.owner = $1`,
      [owner],
    )
    return row?.['gone'] === true
  }

  const presence: NonNullable<IncidentLog['presence']> = async (owner, options) => {
    const signal = checkPresence(owner, options)
    signal.throwIfAborted()
    await hold(await unlessAborted(session.current(), signal), owner)
    owners.add(owner)
    // What cannot be let go of is let go of by the end of the connection.
    const leave = () => letGo(owner).catch(() => undefined)
    const onAbort = () => void leave()
    signal.addEventListener('abort', onAbort, { once: true })
    return {
      isGone: (other) => ask(() => isGone(other)),
      async [Symbol.asyncDispose]() {
        signal.removeEventListener('abort', onAbort)
        await leave()
      },
    }
  }

  return {
    presence,
    /** On a new connection: takes every owner's lock again. */
    async begin(client: PgClientLike): Promise<void> {
      // A host that vanished without a word is noticed in about ten seconds instead of two hours.
      await client.query('SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3')
      for (const owner of owners) await hold(client, owner)
    },
  }
}

/** Whoever has given up does not wait for a server. */
async function unlessAborted<T>(waiting: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const onAbort = () => reject(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([waiting, promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
