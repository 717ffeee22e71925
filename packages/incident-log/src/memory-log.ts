import {
  systemClock,
  type Appended,
  type Clock,
  type IncidentLog,
  type IncidentQuery,
  type IncidentSummary,
  type PositionedEvent,
  type Random,
  type StreamId,
} from '@firebreak/core'
import { decide, emptyHead, type Head, type LogView } from './decide.ts'
import { closedError } from './log-error.ts'
import { createListeners } from './listeners.ts'
import { parsePosition } from './position.ts'
import { prepare } from './prepare.ts'
import { checkQuery, newestFirst } from './query.ts'
import { createSalts } from './salt.ts'
import { toRecorded, type StoredEvent } from './stored.ts'
import { createShapes, type Upcasts } from './upcast.ts'

export interface MemoryLogOptions {
  /** Gives `recordedAt`. Default: the system's. */
  readonly clock?: Clock | undefined
  /** Gives the salts; for tests and simulations that must repeat themselves. Default: the system's cryptographic generator. */
  readonly random?: Random | undefined
  /** Brings events of your own that were written in an older shape to today's. */
  readonly upcasts?: Upcasts | undefined
}

interface MemoryStream {
  head: Head
  readonly events: StoredEvent[]
  readonly ids: Map<string, StoredEvent>
}

/** Keeps everything in this process, and nothing beyond it: for tests, simulations and trying things out. */
export function memoryLog(options: MemoryLogOptions = {}): IncidentLog {
  const { clock = systemClock, random } = options
  const nextSalt = createSalts(random)
  const shapes = createShapes(options.upcasts)
  const streams = new Map<StreamId, MemoryStream>()
  /** Position p is at index p - 1. */
  const all: StoredEvent[] = []
  const open = new Map<StreamId, IncidentSummary>()
  const resolved = new Map<StreamId, IncidentSummary>()
  const listeners = createListeners()
  let closed = false

  const present = (stored: StoredEvent) => toRecorded(stored, shapes, 'memory')
  const view: LogView = {
    head: (stream) => streams.get(stream)?.head ?? emptyHead,
    find: (stream, id) => streams.get(stream)?.ids.get(id),
    movedBeyond: (stream, since, ignoring) =>
      streams.get(stream)?.events.some((event) => event.version > since && !ignoring.includes(event.type)) ?? false,
  }

  function assertOpen() {
    if (closed) throw closedError('the memory log')
  }

  function keep(row: StoredEvent) {
    const stream: MemoryStream = streams.get(row.stream) ?? { head: emptyHead, events: [], ids: new Map() }
    streams.set(row.stream, stream)
    stream.events.push(row)
    if (row.id !== undefined) stream.ids.set(row.id, row)
    all.push(row)
  }

  function move(name: StreamId, head: Head) {
    const stream = streams.get(name)
    if (stream !== undefined) stream.head = head
    if (head.summary === undefined) return
    open.delete(name)
    resolved.delete(name)
    ;(head.summary.status === 'resolved' ? resolved : open).set(name, head.summary)
  }

  return {
    async append(writes) {
      assertOpen()
      const prepared = prepare(writes)
      const recordedAt = new Date(clock.now()).toISOString()
      const decision = decide(prepared, view, { recordedAt, nextSalt, shapes, present })
      for (const row of decision.rows) keep(row)
      for (const [stream, head] of decision.heads) move(stream, head)
      if (decision.rows.length > 0) listeners.tell([...decision.heads.keys()])
      return decision.appended satisfies readonly Appended[]
    },

    async *read(stream, { from = 1 } = {}) {
      const events = streams.get(stream)?.events ?? []
      for (let index = Math.max(0, from - 1); index < events.length; index += 1) {
        assertOpen()
        const stored = events[index]
        if (stored !== undefined) yield present(stored)
      }
    },

    async *readAll({ after, limit = Number.POSITIVE_INFINITY } = {}) {
      const start = parsePosition(after)
      for (let index = start, left = limit; index < all.length && left > 0; index += 1) {
        assertOpen()
        const stored = all[index]
        if (stored === undefined) continue
        left -= 1
        yield { ...present(stored), position: String(index + 1) } satisfies PositionedEvent
      }
    },

    async head() {
      assertOpen()
      return all.length === 0 ? undefined : String(all.length)
    },

    async *list(query: IncidentQuery = {}) {
      assertOpen()
      const { service, statuses, limit, signal } = checkQuery(query)
      const wanted = [...open.values(), ...(statuses.includes('resolved') ? resolved.values() : [])]
        .filter(
          (summary) => statuses.includes(summary.status) && (service === undefined || summary.service === service),
        )
        .sort(newestFirst)
      for (const summary of wanted.slice(0, limit)) {
        signal?.throwIfAborted()
        yield summary
      }
    },

    async close() {
      closed = true
      listeners.close()
    },

    subscribe: (listener) => listeners.add(listener),
  }
}
