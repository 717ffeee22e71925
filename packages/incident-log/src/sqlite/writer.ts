import type { DatabaseSync } from 'node:sqlite'
import {
  FirebreakError,
  type Appended,
  type Clock,
  type IncidentSummary,
  type StreamId,
  type Write,
} from '@firebreak/core'
import { decide, emptyHead, type LogView, type Stamp } from '../decide.ts'
import { createHeadCache } from '../head-cache.ts'
import { prepare, type PreparedWrite } from '../prepare.ts'
import type { StoredEvent } from '../stored.ts'
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

  const view: LogView = {
    head: (stream) => headOf(stream) ?? emptyHead,
    find(stream, id) {
      const head = headOf(stream)
      return head === undefined ? undefined : store.find(head.no, stream, id)
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

  function perform(job: Job, recordedAt: string, touched: Set<StreamId>): Settled {
    let decision
    try {
      decision = decide(job.writes, view, { ...stamp, recordedAt })
    } catch (error) {
      return { error }
    }
    for (const [stream, head] of decision.heads) {
      const before = headOf(stream)
      const no = before === undefined || before.no === 0 ? store.addStream(stream) : before.no
      if (differs(before?.summary, head.summary)) store.putIncident(no, head.summary)
      heads.set(stream, { ...head, no })
      touched.add(stream)
    }
    for (const row of decision.rows) writeRow(row)
    return { appended: decision.appended }
  }

  function writeRow(row: StoredEvent) {
    lastPosition += 1
    store.addEvent(lastPosition, headOf(row.stream)?.no ?? 0, row)
  }

  function transact<T>(work: () => T): T {
    begin.run()
    try {
      refresh()
      const result = work()
      commit.run()
      return result
    } catch (error) {
      forget()
      if (database.isTransaction) database.exec('ROLLBACK')
      throw error
    }
  }

  function commitBatch(batch: readonly Job[]): void {
    const recordedAt = new Date(clock.now()).toISOString()
    const touched = new Set<StreamId>()
    const settled = transact(() => batch.map((job) => perform(job, recordedAt, touched)))
    settled.forEach((outcome, index) => {
      if ('error' in outcome) batch[index]?.reject(outcome.error)
      else batch[index]?.resolve(outcome.appended)
    })
    committed([...touched])
  }

  /** Waits for a lock without blocking the process. */
  async function whenFree(work: () => void): Promise<void> {
    const until = clock.now() + busyTimeoutMs
    for (;;) {
      try {
        work()
        return
      } catch (error) {
        if (!isBusy(error) || clock.now() >= until) throw toLogError(error, path)
      }
      await clock.sleep(busyPauseMs)
    }
  }

  async function drain(): Promise<void> {
    while (queue.length > 0) {
      await endOfTurn()
      const batch = queue.splice(0, largestBatch)
      try {
        await whenFree(() => commitBatch(batch))
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
        await whenFree(() => commitBatch([job]))
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
    transact,
    whenFree,
  }
}

/** setImmediate is no clock: it is the end of the current turn, when everybody who wants to append has said so. */
function endOfTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve)) // oxlint-disable-line house/clock-port -- as said
}

function differs(before: IncidentSummary | undefined, after: IncidentSummary | undefined): after is IncidentSummary {
  if (after === undefined) return false
  if (before === undefined) return true
  return (Object.keys(after) as (keyof IncidentSummary)[]).some(
    (key) => key !== 'version' && key !== 'updatedAt' && after[key] !== before[key],
  )
}
