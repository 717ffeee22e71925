import type { StreamId } from '@firebreak/core'
import { inTransaction, type PoolHandle, type Query } from './pool.ts'
import { lockClass, type Names } from './schema.ts'
import { createStore, type Store } from './store.ts'

export type Hold = <T>(streams: readonly StreamId[], work: (query: Query, store: Store) => Promise<T>) => Promise<T>

/**
 * A transaction that holds its streams before anything is decided about them: who comes is served in turn. The locks are
 * taken in the order in which `append` takes them, which is why there is no deadlock: the gate, new streams by name, all
 * streams by name. A process that stops in the middle is thrown out by the server.
 */
export function createHold(pool: PoolHandle, names: Names): Hold {
  const { schema, gate } = names
  const begin = `
    SET LOCAL lock_timeout = '5s';
    SET LOCAL idle_in_transaction_session_timeout = '5s';
    SELECT pg_advisory_xact_lock_shared(${lockClass}, ${gate})`
  return async function hold(streams, work) {
    return inTransaction(pool, async (client) => {
      const query: Query = async (text, values) => (await client.query(text, values)).rows
      await query(begin)
      await query(
        `INSERT INTO ${schema}.streams (name) SELECT x.name FROM unnest($1::text[]) AS x (name)
          WHERE NOT EXISTS (SELECT FROM ${schema}.streams s WHERE s.name = x.name)
          ORDER BY x.name COLLATE "C" ON CONFLICT DO NOTHING`,
        [streams],
      )
      await query(`SELECT FROM ${schema}.streams s WHERE s.name = ANY($1::text[]) ORDER BY s.name FOR NO KEY UPDATE`, [
        streams,
      ])
      return work(query, createStore(query, names))
    })
  }
}
