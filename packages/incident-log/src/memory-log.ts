import type { IncidentLog, IncidentSummary, StreamId, Write } from '@firebreak/core'
import { emptyHead, type Head, type LogView } from './decide.ts'
import { closedError } from './log-error.ts'
import { createListeners } from './listeners.ts'
import { memoryPresence } from './memory-presence.ts'
import { checkName, checkPrune, checkRead, checkReadAll, checkSnapshot } from './calls.ts'
import { checkStream } from './prepare.ts'
import { checkQuery, newestFirst } from './query.ts'
import { canRedact, checkRedaction, redacted, redactionRecord } from './redaction.ts'
import { planRestore, type RestoreView } from './restore.ts'
import { createLogRules, type CommonLogOptions } from './rules.ts'
import type { StoredEvent } from './stored.ts'

export type MemoryLogOptions = CommonLogOptions

interface MemoryStream {
  head: Head
  /** Version v is at index v - 1. */
  events: StoredEvent[]
  readonly ids: Map<string, number>
}

/** Keeps everything in this process, and nothing beyond it: for tests, simulations and trying things out. */
export function memoryLog(options: MemoryLogOptions = {}): IncidentLog {
  const rules = createLogRules('the memory log', options)
  const { present } = rules
  const streams = new Map<StreamId, MemoryStream>()
  /** Position p is at index p - 1. */
  const all: { readonly stream: StreamId; readonly version: number }[] = []
  const unresolved = new Map<StreamId, IncidentSummary>()
  const resolved = new Map<StreamId, IncidentSummary>()
  const snapshots = new Map<StreamId, { version: number; state: string }>()
  const listeners = createListeners()
  const presence = memoryPresence()
  let closed = false

  const at = (stream: StreamId, version: number) => streams.get(stream)?.events[version - 1]
  const view = {
    at,
    head: (stream: StreamId) => streams.get(stream)?.head ?? emptyHead,
    find: (stream: StreamId, id: string) => at(stream, streams.get(stream)?.ids.get(id) ?? 0),
    movedBeyond: (stream: StreamId, since: number, ignoring: readonly string[]) =>
      streams
        .get(stream)
        ?.events.slice(since)
        .some((event) => !ignoring.includes(event.type)) ?? false,
  } satisfies RestoreView & LogView

  function assertOpen() {
    if (closed) throw closedError('the memory log')
  }

  function keep(rows: readonly StoredEvent[], heads: ReadonlyMap<StreamId, Head>) {
    for (const row of rows) {
      const stream: MemoryStream = streams.get(row.stream) ?? { head: emptyHead, events: [], ids: new Map() }
      streams.set(row.stream, stream)
      stream.events.push(row)
      if (row.id !== undefined) stream.ids.set(row.id, row.version)
      all.push({ stream: row.stream, version: row.version })
    }
    for (const [name, head] of heads) move(name, head)
    listeners.tell([...heads.keys()])
  }

  function move(name: StreamId, head: Head) {
    const stream = streams.get(name)
    if (stream !== undefined) stream.head = head
    if (head.summary === undefined) return
    unresolved.delete(name)
    resolved.delete(name)
    ;(head.summary.status === 'resolved' ? resolved : unresolved).set(name, head.summary)
  }

  function append(writes: readonly Write[]) {
    const decision = rules.decide(rules.prepare(writes), view)
    keep(decision.rows, decision.heads)
    return decision.appended
  }

  return {
    async append(writes) {
      assertOpen()
      return append(writes)
    },

    async *read(stream, options) {
      for (let version = checkRead(stream, options); ; version += 1) {
        assertOpen()
        const stored = at(stream, version)
        if (stored === undefined) return
        yield present(stored)
      }
    },

    async *readAll(options) {
      const { after, limit } = checkReadAll(options)
      let left = limit
      for (let index = after; left > 0; index += 1) {
        assertOpen()
        const entry = all[index]
        if (entry === undefined) return
        const stored = at(entry.stream, entry.version)
        if (stored === undefined) continue
        left -= 1
        yield { ...present(stored), position: String(index + 1) }
      }
    },

    async head() {
      assertOpen()
      return all.length === 0 ? undefined : String(all.length)
    },

    async *list(query = {}) {
      assertOpen()
      const { service, statuses, limit, signal } = checkQuery(query)
      const wanted = [...unresolved.values(), ...(statuses.includes('resolved') ? resolved.values() : [])]
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

    subscribe(listener) {
      assertOpen()
      return listeners.add(listener)
    },
    presence(owner, options) {
      assertOpen()
      return presence(owner, options)
    },
    snapshots: {
      async get(stream) {
        assertOpen()
        checkName(stream)
        return snapshots.get(stream)
      },
      async put(stream, snapshot) {
        assertOpen()
        checkSnapshot(stream, snapshot)
        if (snapshot.version >= (snapshots.get(stream)?.version ?? 0)) snapshots.set(stream, { ...snapshot })
      },
    },

    async redact(stream, version, reason) {
      assertOpen()
      checkStream(stream, 'stream')
      checkRedaction(version, reason)
      const stored = at(stream, version)
      if (!canRedact(stored, stream, version)) return
      append([redactionRecord(stream, version, reason)])
      streams.get(stream)?.events.splice(version - 1, 1, redacted(stored, reason))
      snapshots.delete(stream)
    },

    async prune(pruning) {
      assertOpen()
      const resolvedBefore = checkPrune(pruning)
      let events = 0
      let incidents = 0
      for (const [name, { resolvedAt = '' }] of resolved) {
        const stream = streams.get(name)
        if (stream === undefined || stream.head.pruned || !(Date.parse(resolvedAt) < Date.parse(resolvedBefore)))
          continue
        incidents += 1
        events += stream.events.length
        stream.head = { ...stream.head, pruned: true }
        stream.events = []
        stream.ids.clear()
        snapshots.delete(name)
      }
      return { incidents, events }
    },

    async streamHead(stream) {
      assertOpen()
      checkName(stream)
      const { version, hash, pruned } = view.head(stream)
      return version === 0 ? undefined : { version, hash, pruned }
    },

    async restore(events) {
      assertOpen()
      const { rows, heads } = planRestore(events, view)
      keep(rows, heads)
      return rows.length
    },
  }
}
