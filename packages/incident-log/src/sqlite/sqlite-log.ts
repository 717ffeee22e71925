import { InvalidInput, systemClock, type IncidentLog } from '@firebreak/core'
import { createListeners } from '../listeners.ts'
import { closedError, IncidentLogError } from '../log-error.ts'
import { checkName, checkRead, checkReadAll } from '../calls.ts'
import { checkMilliseconds } from '../prepare.ts'
import { checkQuery, type Listed } from '../query.ts'
import { createLogRules, type CommonLogOptions } from '../rules.ts'
import { openDatabase } from './database.ts'
import { createMaintenance } from './maintenance.ts'
import { createPolling } from './polling.ts'
import { createPresence } from './presence.ts'
import { createReader } from './reader.ts'
import { toLogError, toTablesError } from './sqlite-error.ts'
import { createStore } from './store.ts'
import { createWriter } from './writer.ts'

export interface SqliteLogOptions extends CommonLogOptions {
  /** The file, created when it is missing; ':memory:' for one that ends with the process. */
  readonly path: string
  /** Opens an existing file without changing it, not even to bring its tables up to date: for looking and verifying. Default: false. */
  readonly readOnly?: boolean | undefined
  /** How long an append waits for another process that is writing, in milliseconds. Default: 5,000. */
  readonly busyTimeoutMs?: number | undefined
  /**
   * How often to look whether another process has appended (a hold from the command line, say), in milliseconds, while
   * somebody listens. Default: 1,000. A database in memory has no other processes.
   */
  readonly pollEveryMs?: number | undefined
}

const defaultPollMs = 1_000

/**
 * One file, any number of processes on one machine. Opens at once, so that a file which cannot be used is refused here and
 * not at the first incident. An append is on the disk when it resolves.
 */
export function sqliteLog(options: SqliteLogOptions): IncidentLog {
  const { path, readOnly = false, clock = systemClock } = options
  if (typeof path !== 'string' || path === '')
    throw new InvalidInput('path', "is not set; pass a file's name to sqliteLog({ path })")
  const busyTimeoutMs = checkMilliseconds(options.busyTimeoutMs, 'busyTimeoutMs', 0) ?? 5_000
  const pollEveryMs = checkMilliseconds(options.pollEveryMs, 'pollEveryMs', 1) ?? defaultPollMs
  const rules = createLogRules(path, options)
  const { database, assertUnchanged } = openDatabase(path, readOnly)
  const { present } = rules
  const store = prepared(() => createStore(database, path))
  const polling =
    path === ':memory:' ? undefined : createPolling(store, clock, pollEveryMs, (streams) => listeners.tell(streams))
  const listeners = createListeners((count) => polling?.adjust(count))
  const reader = prepared(() => createReader(database, path))
  const writer = createWriter({
    database,
    store,
    path,
    clock,
    busyTimeoutMs,
    rules,
    committed: (streams) => listeners.tell(streams),
  })
  const maintenance = prepared(() => createMaintenance({ database, path, clock, busyTimeoutMs, writer, rules }))
  const { presence, leaveAll } = prepared(() => createPresence({ database, writer, clock, look }))
  let closed = false

  /** A statement that does not fit the tables refuses the file as `openDatabase` does, and leaves it closed. */
  function prepared<T>(make: () => T): T {
    try {
      return make()
    } catch (error) {
      database.close()
      throw toTablesError(error, path)
    }
  }

  function assertOpen() {
    if (closed) throw closedError(path)
  }

  /** Reads one page; what SQLite throws becomes an error that names the file. */
  function look<T>(read: () => T): T {
    assertOpen()
    try {
      const found = read()
      assertUnchanged()
      return found
    } catch (error) {
      throw toLogError(error, path)
    }
  }

  function assertWritable() {
    assertOpen()
    if (readOnly) throw new IncidentLogError('LOG_READ_ONLY', `${path}: was opened read-only: open it for writing`)
  }

  return {
    append(writes) {
      try {
        assertWritable()
        return writer.append(writes)
      } catch (error) {
        return Promise.reject(error)
      }
    },

    async *read(stream, options) {
      for (let next = checkRead(stream, options); ;) {
        const events = look(() => reader.stream(stream, next))
        for (const stored of events) yield present(stored)
        const last = events.at(-1)
        if (last === undefined) return
        next = last.version + 1
      }
    },

    async *readAll(options) {
      const { after, limit } = checkReadAll(options)
      let position = after
      for (let left = limit; left > 0;) {
        const events = look(() => reader.all(position, left))
        for (const event of events) yield { ...present(event.stored), position: String(event.position) }
        const last = events.at(-1)
        if (last === undefined) return
        position = last.position
        left -= events.length
      }
    },

    async head() {
      const last = look(() => store.lastPosition())
      return last === 0 ? undefined : String(last)
    },

    async *list(query = {}) {
      const checked = checkQuery(query)
      let after: Listed | undefined
      for (let left = checked.limit; left > 0;) {
        checked.signal?.throwIfAborted()
        const found = look(() => reader.list(checked, after, left))
        for (const { summary } of found) yield summary
        after = found.at(-1)
        if (after === undefined) return
        left -= found.length
      }
    },

    async close() {
      if (closed) return
      closed = true
      await writer.idle()
      await leaveAll()
      listeners.close()
      database.close()
    },

    subscribe(listener) {
      assertOpen()
      return listeners.add(listener)
    },

    async presence(owner, options) {
      assertWritable()
      return presence(owner, options)
    },

    snapshots: {
      async get(stream) {
        checkName(stream)
        return look(() => maintenance.getSnapshot(stream))
      },
      async put(stream, snapshot) {
        assertWritable()
        await maintenance.putSnapshot(stream, snapshot)
      },
    },

    async redact(stream, version, reason) {
      assertWritable()
      await maintenance.redact(stream, version, reason)
    },

    async prune(options) {
      assertWritable()
      return maintenance.prune(options)
    },

    async restore(events) {
      assertWritable()
      return maintenance.restore(events)
    },

    async streamHead(stream) {
      checkName(stream)
      const head = look(() => store.head(stream))
      return head === undefined || head.version === 0
        ? undefined
        : { version: head.version, hash: head.hash, pruned: head.pruned }
    },
  }
}
