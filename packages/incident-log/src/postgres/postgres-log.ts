import { systemClock, type IncidentLog } from '@firebreak/core'
import { closedError } from '../log-error.ts'
import { checkName, checkRead, checkReadAll } from '../calls.ts'
import { checkMilliseconds } from '../prepare.ts'
import { checkQuery, type Listed } from '../query.ts'
import { createLogRules, type CommonLogOptions } from '../rules.ts'
import { createSalts } from '../salt.ts'
import { createHold } from './holding.ts'
import { createMaintenance } from './maintenance.ts'
import { migrate } from './migrate.ts'
import { openPool, type PgPoolLike } from './pool.ts'
import { toLogError } from './postgres-error.ts'
import { createPresence } from './presence.ts'
import { namesOf } from './schema.ts'
import { createSession } from './session.ts'
import { createStore, type Positioned } from './store.ts'
import { createSubscription } from './subscription.ts'
import { createWriter } from './writer.ts'

export interface PostgresLogOptions extends CommonLogOptions {
  /** A `pg` pool of yours, or anything like it. `subscribe` and `presence` keep one connection of it. Not closed with the log. */
  readonly pool?: PgPoolLike | undefined
  /** Instead of a pool: one is made at first use, by the package `pg`, which has to be installed, and closed with the log. */
  readonly connectionString?: string | undefined
  /** Made at first use when it is missing. Default: 'firebreak'. */
  readonly schema?: string | undefined
  /** How often to look for appends that went unheard, in milliseconds, while somebody listens. Default: 1,000. */
  readonly pollEveryMs?: number | undefined
}

/** What is read at once, at most. */
const page = 500

/** One database, any number of machines. Connects at first use; an append is on the server's disk when it resolves. */
export function postgresLog(options: PostgresLogOptions): IncidentLog {
  const { schema = 'firebreak', clock = systemClock } = options
  const pollEveryMs = checkMilliseconds(options.pollEveryMs, 'pollEveryMs', 1) ?? 1_000
  const names = namesOf(schema)
  const pool = openPool(options.pool, options.connectionString)
  const rules = createLogRules(`Postgres, schema ${schema}`, options)
  const { present } = rules
  const store = createStore(pool.query, names)
  const { query } = pool
  const hold = createHold(pool, names)
  let migrated: Promise<void> | undefined
  let closed = false

  const session = createSession({
    connect: pool.connect,
    clock,
    async begin(client) {
      await presence.begin(client)
      await subscription.begin(client)
    },
  })
  const presence = createPresence({ session, query, names, ask })
  const self = createSalts(undefined)()
  const subscription = createSubscription({ session, store, query, names, clock, pollEveryMs, ready, self })
  const writer = createWriter({ store, hold, rules, ready, committed: (streams) => subscription.tell(streams) })
  const maintenance = createMaintenance({
    query,
    hold,
    names,
    rules,
    changed(streams) {
      for (const stream of streams) writer.forget(stream)
      subscription.tell(streams)
    },
  })

  /** A migration that failed is tried again by the next call. */
  function ready(): Promise<void> {
    migrated ??= migrate(pool, names).catch((error: unknown) => {
      migrated = undefined
      throw error
    })
    return migrated
  }

  /** What the server or the driver throws becomes one of our errors. */
  async function ask<T>(work: () => Promise<T>): Promise<T> {
    if (closed) throw closedError('the Postgres log')
    try {
      await ready()
      return await work()
    } catch (error) {
      throw toLogError(error)
    }
  }

  /** Settled anew for each page: after a crash of the server, positions that nobody committed are given again. */
  async function pageOfAll(after: number, limit: number): Promise<readonly Positioned[]> {
    if ((await store.given()) <= after) return []
    return store.all(after, await store.settled(), Math.min(limit, page))
  }

  return {
    async append(writes) {
      if (closed) throw closedError('the Postgres log')
      return writer.append(writes)
    },

    async *read(stream, options) {
      for (let next = checkRead(stream, options); ;) {
        const events = await ask(() => store.stream(stream, next, page))
        for (const stored of events) yield present(stored)
        const last = events.at(-1)
        if (last === undefined || events.length < page) return
        next = last.version + 1
      }
    },

    async *readAll(options) {
      const { after, limit } = checkReadAll(options)
      let position = after
      for (let left = limit; left > 0;) {
        const events = await ask(() => pageOfAll(position, left))
        for (const event of events) yield { ...present(event.stored), position: String(event.position) }
        const last = events.at(-1)
        if (last === undefined) return
        position = last.position
        left -= events.length
      }
    },

    head: () => ask(async () => store.last(await store.settled())),

    async *list(wanted = {}) {
      const checked = checkQuery(wanted)
      let after: Listed | undefined
      for (let left = checked.limit; left > 0;) {
        checked.signal?.throwIfAborted()
        const found = await ask(() => store.list(checked, after, Math.min(left, page)))
        for (const { summary } of found) yield summary
        after = found.at(-1)
        if (after === undefined || found.length < page) return
        left -= found.length
      }
    },

    async close() {
      if (closed) return
      closed = true
      await writer.idle()
      await subscription.close()
      await session.stop()
      await pool.close()
    },

    subscribe(listener) {
      if (closed) throw closedError('the Postgres log')
      return subscription.subscribe(listener)
    },
    presence: (owner, presenceOptions) => ask(() => presence.presence(owner, presenceOptions)),
    snapshots: {
      get: (stream) =>
        ask(() => {
          checkName(stream)
          return maintenance.getSnapshot(stream)
        }),
      put: (stream, snapshot) => ask(() => maintenance.putSnapshot(stream, snapshot)),
    },
    redact: (stream, version, reason) => ask(() => maintenance.redact(stream, version, reason)),
    prune: (pruning) => ask(() => maintenance.prune(pruning)),
    restore: (events) => ask(() => maintenance.restore(events)),

    streamHead: (stream) =>
      ask(async () => {
        checkName(stream)
        const head = (await store.ask({ streams: [stream], ids: [], sinces: [] })).heads.get(stream)
        if (head === undefined || head.version === 0) return undefined
        return { version: head.version, hash: head.hash, pruned: head.pruned }
      }),
  }
}
