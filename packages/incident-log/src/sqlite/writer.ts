import type { DatabaseSync } from 'node:sqlite'
import { FirebreakError, type Appended, type Clock, type StreamId, type Write } from '@firebreak/core'
import { emptyHead, type Decision, type LogView } from '../decide.ts'
import { createHeadCache } from '../head-cache.ts'
import type { PreparedWrite } from '../prepare.ts'
import type { RestoreView } from '../restore.ts'
import type { LogRules } from '../rules.ts'
import { showsMore } from '../summary-change.ts'
import { createPace } from './pace.ts'
import { isBusy, isUniqueViolation, toLogError } from './sqlite-error.ts'
import type { KeptHead, Store } from './store.ts'

/** Appends that share one transaction, at most: a storm must not keep other work of the process waiting for long. */
const largestBatch = 256
/** Streams whose heads are kept in memory. */
const keptHeads = 4_096
/** Between two tries for a lock that another process holds. */
const busyPauseMs = 10

export interface WriterOptions {
  readonly database: DatabaseSync
  readonly store: Store
  readonly path: string
  readonly clock: Clock
  /** How long an append waits for the write lock of another process. */
  readonly busyTimeoutMs: number
  readonly rules: LogRules
  readonly committed: (streams: ReadonlySet<StreamId>) => void
}

interface Job {
  readonly writes: readonly PreparedWrite[]
  readonly resolve: (appended: readonly Appended[]) => void
  readonly reject: (error: unknown) => void
}

/** What work within a transaction may use. */
export interface Transaction {
  readonly view: LogView & RestoreView
  readonly decide: (writes: readonly PreparedWrite[]) => Decision
  readonly write: (decision: Pick<Decision, 'rows' | 'heads'>) => void
  readonly append: (writes: readonly PreparedWrite[]) => readonly Appended[]
  /** The stream was changed by other means than `write`. */
  readonly forget: (stream: StreamId) => void
}

type Settled = { readonly appended: readonly Appended[] } | { readonly error: unknown }

/**
 * Appends of one turn share one transaction, and so one flush to the disk. Each is decided before any of its rows is
 * written, so that one that is refused costs its neighbours nothing.
 */
export function createWriter({ database, store, path, clock, busyTimeoutMs, rules, committed }: WriterOptions) {
  const begin = database.prepare('BEGIN IMMEDIATE')
  const commit = database.prepare('COMMIT')
  const heads = createHeadCache<KeptHead>(keptHeads)
  const pace = createPace()
  let queue: Job[] = []
  let flushing = false
  let idle = Promise.withResolvers<void>()
  idle.resolve()
  let seenVersion = -1
  let lastPosition = 0

  const view: Transaction['view'] = {
    head: (stream) => headOf(stream) ?? emptyHead,
    find(stream, id) {
      const head = headOf(stream)
      return head === undefined ? undefined : store.find(head.no, stream, id)
    },
    at(stream, version) {
      const head = headOf(stream)
      return head === undefined ? undefined : store.at(head.no, stream, version)
    },
    movedBeyond: (stream, since, ignoring) => store.movedBeyond(headOf(stream)?.no ?? 0, since, ignoring),
  }

  const hopefulView: LogView = { ...view, find: () => undefined }

  function headOf(stream: StreamId): KeptHead | undefined {
    const kept = heads.get(stream)
    if (kept !== undefined) return kept
    const read = store.head(stream)
    if (read !== undefined) heads.set(stream, read)
    return read
  }

  /** What is remembered holds only while nobody else has written. */
  function refresh() {
    const version = store.dataVersion()
    if (version === seenVersion) return
    forget()
    seenVersion = version
    lastPosition = store.lastPosition()
  }

  function forget() {
    heads.clear()
    seenVersion = -1
  }

  function write({ rows, heads: moved }: Pick<Decision, 'rows' | 'heads'>, touched: Set<StreamId>) {
    let stream: StreamId | undefined
    let no = 0
    for (const row of rows) {
      if (row.stream !== stream) {
        stream = row.stream
        no = headOf(stream)?.no ?? addStream(stream)
      }
      store.addEvent(lastPosition + 1, no, row)
      lastPosition += 1
    }
    for (const [name, head] of moved) {
      const before = headOf(name)
      const key = before?.no ?? 0
      if (showsMore(before?.summary, head.summary)) store.putIncident(key, head.summary)
      const { version, hash, summary } = head
      heads.set(name, { no: key, version, hash, summary, pruned: false })
      touched.add(name)
    }
  }

  function addStream(stream: StreamId): number {
    const no = store.addStream(stream)
    heads.set(stream, { ...emptyHead, no })
    return no
  }

  /**
   * Nearly every id is new, and the index that keeps ids unique is asked once more by the insert anyway: first it is taken
   * for granted that no id is known; where the insert objects, the rows are taken back and the ids are looked up.
   */
  function perform(writes: readonly PreparedWrite[], touched: Set<StreamId>): readonly Appended[] {
    const before = lastPosition
    const hopeful = decideHopefully(writes)
    if (hopeful !== undefined) {
      try {
        write(hopeful, touched)
        return hopeful.appended
      } catch (error) {
        if (!isUniqueViolation(error)) throw error
        store.dropAfter(before)
        lastPosition = before
      }
    }
    const decision = rules.decide(writes, view)
    write(decision, touched)
    return decision.appended
  }

  /** Undefined where the answer hangs on what is known of ids. */
  function decideHopefully(writes: readonly PreparedWrite[]): Decision | undefined {
    try {
      return rules.decide(writes, hopefulView)
    } catch (error) {
      if (!writes.some(({ events }) => events.some(({ id }) => id !== undefined))) throw error
      return undefined
    }
  }

  function transact<T>(work: (transaction: Transaction) => T): T {
    const touched = new Set<StreamId>()
    // Left over only where a disk failed in the middle of a rollback.
    if (database.isTransaction) database.exec('ROLLBACK')
    begin.run()
    try {
      refresh()
      const result = work({
        view,
        decide: (writes) => rules.decide(writes, view),
        write: (decision) => write(decision, touched),
        append: (writes) => perform(writes, touched),
        forget: (stream) => heads.delete(stream),
      })
      commit.run()
      committed(touched)
      return result
    } catch (error) {
      forget()
      if (database.isTransaction) database.exec('ROLLBACK')
      throw error
    }
  }

  /** Waits for a lock without blocking the process. */
  async function exclusively<T>(work: (transaction: Transaction) => T): Promise<T> {
    const until = clock.now() + busyTimeoutMs
    for (;;) {
      try {
        return transact(work)
      } catch (error) {
        if (!isBusy(error) || clock.now() >= until) throw toLogError(error, path)
      }
      await clock.sleep(busyPauseMs)
    }
  }

  const waiting = () => queue.length

  function flush(): void {
    const batch = queue.length <= largestBatch ? queue : queue.slice(0, largestBatch)
    queue = queue.length <= largestBatch ? [] : queue.slice(largestBatch)
    pace.found(batch.length)
    try {
      answer(batch, transact(decideAll(batch)))
      flushed()
    } catch (error) {
      void recover(batch, error).then(flushed)
    }
  }

  function flushed(): void {
    if (queue.length > 0) return pace.soon(flush, waiting)
    flushing = false
    idle.resolve()
  }

  async function recover(batch: readonly Job[], error: unknown): Promise<void> {
    if (isBusy(error)) return tryAgain(batch)
    const told = toLogError(error, path)
    // A log that is full or damaged is so for all of them; anything else is the fault of one, and the others go on.
    if (batch.length === 1 || FirebreakError.isInstance(told)) for (const job of batch) job.reject(told)
    else for (const job of batch) await tryAgain([job])
  }

  async function tryAgain(batch: readonly Job[]): Promise<void> {
    try {
      answer(batch, await exclusively(decideAll(batch)))
    } catch (error) {
      for (const job of batch) job.reject(error)
    }
  }

  return {
    append(writes: readonly Write[]): Promise<readonly Appended[]> {
      const prepared = rules.prepare(writes)
      const { promise, resolve, reject } = Promise.withResolvers<readonly Appended[]>()
      queue.push({ writes: prepared, resolve, reject })
      if (!flushing) {
        flushing = true
        idle = Promise.withResolvers()
        pace.soon(flush, waiting)
      }
      return promise
    },
    /** Settles when nothing is queued any more. */
    idle: () => idle.promise,
    exclusively,
  }
}

export type Writer = ReturnType<typeof createWriter>

/** A refusal is an answer, and leaves the transaction as it was; anything that SQLite says ends it. */
function decideAll(batch: readonly Job[]): (transaction: Transaction) => readonly Settled[] {
  return ({ append }) =>
    batch.map(({ writes }) => {
      try {
        return { appended: append(writes) }
      } catch (error) {
        if (!FirebreakError.isInstance(error)) throw error
        return { error }
      }
    })
}

/** After the commit, and not before. */
function answer(batch: readonly Job[], settled: readonly Settled[]): void {
  settled.forEach((outcome, index) => {
    if ('error' in outcome) batch[index]?.reject(outcome.error)
    else batch[index]?.resolve(outcome.appended)
  })
}
