import {
  digestData,
  IdConflict,
  seal,
  summarize,
  VersionConflict,
  type Appended,
  type Expected,
  type IncidentSummary,
  type RecordedEvent,
  type StreamId,
} from '@firebreak/core'
import { IncidentLogError } from './log-error.ts'
import type { PreparedEvent, PreparedWrite } from './prepare.ts'
import { sameContent } from './same-content.ts'
import { derivedId, type StoredEvent } from './stored.ts'
import type { Shapes } from './upcast.ts'

/** Where a stream stands. */
export interface Head {
  readonly version: number
  /** Of the last event; '' for a stream without one. */
  readonly hash: string
  readonly summary: IncidentSummary | undefined
  /** Its events were dropped after its incident was resolved. */
  readonly pruned: boolean
}

export const emptyHead: Head = { version: 0, hash: '', summary: undefined, pruned: false }

/** What a store must be able to say, within the transaction of the append, for `decide` to decide. */
export interface LogView {
  head(stream: StreamId): Head
  find(stream: StreamId, id: string): StoredEvent | undefined
  /** Is there an event after `since` whose type is not listed? Asked only where `since` is below the head. */
  movedBeyond(stream: StreamId, since: number, ignoring: readonly string[]): boolean
}

/** What makes an append more than its input. */
export interface Stamp {
  /** Now, by the log's clock. */
  readonly recordedAt: string
  nextSalt(): string
  readonly shapes: Shapes
  present(stored: StoredEvent): RecordedEvent
}

/** What a store has to write, and what it answers when that is durable. */
export interface Decision {
  readonly rows: readonly StoredEvent[]
  /** Streams that move, with where they stand afterwards. */
  readonly heads: ReadonlyMap<StreamId, Head>
  readonly appended: readonly Appended[]
}

interface Plan {
  readonly write: PreparedWrite
  /** For each event: what was recorded under its id before. */
  readonly known: readonly (StoredEvent | undefined)[]
}

/**
 * The one place that knows the rules of `append`, for every store: ids are looked up first, then every expectation is
 * checked against the streams as they were before this append, then the rows follow. Throws before anything is written.
 */
export function decide(writes: readonly PreparedWrite[], view: LogView, stamp: Stamp): Decision {
  const plans = writes.map((write) => ({ write, known: lookUp(write, view) }))
  for (const plan of plans) checkExpectation(plan, view)
  return build(plans, view, stamp)
}

const nothingKnown: readonly undefined[] = []

function lookUp(write: PreparedWrite, view: LogView): Plan['known'] {
  const { stream, events } = write
  if (events.every((event) => event.id === undefined)) return nothingKnown
  if (view.head(stream).version === 0) return nothingKnown
  return events.map((event) => {
    const found = event.id === undefined ? undefined : view.find(stream, event.id)
    if (found !== undefined && !sameContent(event, found)) throw new IdConflict(stream, found.id ?? '')
    return found
  })
}

function checkExpectation({ write, known }: Plan, view: LogView): void {
  const { stream, expected, events } = write
  if (events.length > 0 && events.every((_event, index) => known[index] !== undefined)) return
  const head = view.head(stream)
  if (!holds(expected, stream, head, view)) throw new VersionConflict(stream, head.version, describe(expected))
  if (head.pruned && events.length > 0)
    throw new IncidentLogError(
      'STREAM_PRUNED',
      `${stream} was pruned: its incident is over and its events are gone; write to a new stream`,
    )
}

function holds(expected: Expected, stream: StreamId, { version }: Head, view: LogView): boolean {
  if (expected === 'dedupe') return true
  if (typeof expected === 'number') return version === expected
  if (version <= expected.since) return version === expected.since
  return !view.movedBeyond(stream, expected.since, expected.ignoring)
}

function describe(expected: Expected): string {
  if (typeof expected === 'object')
    return `${expected.since} and then only ${expected.ignoring.join(', ') || 'nothing'}`
  return String(expected)
}

/** A stream that grows while its rows are made. */
interface Growing {
  version: number
  hash: string
  summary: IncidentSummary | undefined
  /** What this append adds under an explicit id. */
  readonly added: Map<string, { event: RecordedEvent; prepared: PreparedEvent }>
}

function build(plans: readonly Plan[], view: LogView, stamp: Stamp): Decision {
  const rows: StoredEvent[] = []
  const growing = new Map<StreamId, Growing>()
  const { recordedAt } = stamp
  const results = plans.map(({ write, known }) => {
    const { stream } = write
    let fresh = 0
    const events = write.events.map((prepared, index) => {
      const before = known[index]
      if (before !== undefined) return stamp.present(before)
      const state = growing.get(stream) ?? begin(growing, stream, view)
      const twin = prepared.id === undefined ? undefined : state.added.get(prepared.id)
      if (twin !== undefined) {
        if (!sameContent(prepared, twin.prepared)) throw new IdConflict(stream, twin.event.id)
        return twin.event
      }
      fresh += 1
      return add(prepared, stream, state, { stamp, recordedAt, rows })
    })
    return { stream, events, duplicate: events.length > 0 && fresh === 0 }
  })
  const heads = new Map<StreamId, Head>()
  for (const [stream, { version, hash, summary }] of growing)
    heads.set(stream, { version, hash, summary, pruned: false })
  const appended = results.map(({ stream, events, duplicate }) => ({
    stream,
    version: (heads.get(stream) ?? view.head(stream)).version,
    events,
    duplicate,
  }))
  return { rows, heads, appended }
}

function begin(growing: Map<StreamId, Growing>, stream: StreamId, view: LogView): Growing {
  const { version, hash, summary } = view.head(stream)
  const state: Growing = { version, hash, summary, added: new Map() }
  growing.set(stream, state)
  return state
}

function add(
  prepared: PreparedEvent,
  stream: StreamId,
  state: Growing,
  { stamp, recordedAt, rows }: { readonly stamp: Stamp; readonly recordedAt: string; readonly rows: StoredEvent[] },
): RecordedEvent {
  const { type, actor, causationId, data, bytes } = prepared
  const version = state.version + 1
  const id = prepared.id ?? derivedId(stream, version)
  const at = prepared.at ?? recordedAt
  const salt = stamp.shapes.mark(type, stamp.nextSalt())
  const envelope = { stream, version, id, type, at, recordedAt, actor, causationId }
  const hash = seal(state.hash, envelope, digestData(bytes, salt))
  const base = { id, stream, version, type, at, recordedAt, actor, data, hash, salt }
  const event: RecordedEvent = causationId === undefined ? base : { ...base, causationId }
  rows.push({ ...envelope, id: prepared.id, data: bytes, salt, dataDigest: undefined, hash })
  state.version = version
  state.hash = hash
  state.summary = summarize(state.summary, event)
  if (prepared.id !== undefined) state.added.set(prepared.id, { event, prepared })
  return event
}
