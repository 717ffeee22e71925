import type { DatabaseSync } from 'node:sqlite'
import { FirebreakError, type Appended, type Clock, type StreamId, type Write } from '@firebreak/core'
import { decide, emptyHead, type Decision, type LogView, type Stamp } from '../decide.ts'
import { createHeadCache } from '../head-cache.ts'
import { prepare, type PreparedWrite } from '../prepare.ts'
import type { RestoreView } from '../restore.ts'
import { showsMore } from '../summary-change.ts'
import { isBusy, toLogError } from './sqlite-error.ts'
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
  readonly stamp: Omit<Stamp, 'recordedAt'>
  readonly committed: (streams: readonly StreamId[]) => void
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
  /** The stream was changed by other means than `write`. */
  readonly forget: (stream: StreamId) => void
}

type Settled = { readonly appended: readonly Appended[] } | { readonly error: unknown }

/**
 * Appends of one turn share one transaction, and so one flush to the disk. Each is decided before any of its rows is
 * written, so that one that is refused costs its neighbours nothing.
 */
export function createWriter({ database, store, path, clock, busyTimeoutMs, stamp, committed }: WriterOptions) {
  const begin = database.prepare('BEGIN IMMEDIATE')
  const commit = database.prepare('COMMIT')
  const heads = createHeadCache<KeptHead>(keptHeads)
  const queue: Job[] = []
  let running: Promise<void> | undefined
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
    for (const [stream, head] of moved) {
      const before = headOf(stream)
      const no = before?.no ?? store.addStream(stream)
      if (showsMore(before?.summary, head.summary)) store.putIncident(no, head.summary)
      heads.set(stream, { ...head, no })
      touched.add(stream)
    }
    for (const row of rows) {
      lastPosition += 1
      store.addEvent(lastPosition, headOf(row.stream)?.no ?? 0, row)
    }
  }

  function transact<T>(work: (transaction: Transaction) => T): T {
    const touched = new Set<StreamId>()
    const recordedAt = new Date(clock.now()).toISOString()
    begin.run()
    try {
      refresh()
      const result = work({
        view,
        decide: (writes) => decide(writes, view, { ...stamp, recordedAt }),
        write: (decision) => write(decision, touched),
        forget: (stream) => heads.delete(stream),
      })
      commit.run()
      committed([...touched])
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

  async function commitBatch(batch: readonly Job[]): Promise<void> {
    const settled = await exclusively((transaction) => batch.map((job) => perform(job, transaction)))
    settled.forEach((outcome, index) => {
      if ('error' in outcome) batch[index]?.reject(outcome.error)
      else batch[index]?.resolve(outcome.appended)
    })
  }

  async function drain(): Promise<void> {
    while (queue.length > 0) {
      await endOfTurn()
      const batch = queue.splice(0, largestBatch)
      try {
        await commitBatch(batch)
      } catch (error) {
        // A log that is busy, full or damaged is so for all of them.
        if (batch.length === 1 || FirebreakError.isInstance(error)) for (const job of batch) job.reject(error)
        else await alone(batch)
      }
    }
    running = undefined
  }

  /** Something in the batch broke the transaction: each on its own, so that only the cause fails. */
  async function alone(batch: readonly Job[]): Promise<void> {
    for (const job of batch) {
      try {
        await commitBatch([job])
      } catch (error) {
        job.reject(error)
      }
    }
  }

  return {
    async append(writes: readonly Write[]): Promise<readonly Appended[]> {
      const prepared = prepare(writes)
      const done = new Promise<readonly Appended[]>((resolve, reject) => {
        queue.push({ writes: prepared, resolve, reject })
      })
      running ??= drain()
      return done
    },
    /** Settles when nothing is queued any more. */
    async idle(): Promise<void> {
      while (running !== undefined) await running
    },
    exclusively,
  }
}

export type Writer = ReturnType<typeof createWriter>

function perform(job: Job, transaction: Transaction): Settled {
  let decision: Decision
  try {
    decision = transaction.decide(job.writes)
  } catch (error) {
    return { error }
  }
  transaction.write(decision)
  return { appended: decision.appended }
}

/** setImmediate is no clock: it is the end of the current turn, when everybody who wants to append has said so. */
function endOfTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve)) // oxlint-disable-line house/clock-port -- as said
}
