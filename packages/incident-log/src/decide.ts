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

/** For each event of a write: what was recorded under its id before. Undefined: for none of them. */
type Known = readonly (StoredEvent | undefined)[] | undefined

/**
 * The one place that knows the rules of `append`, for every store: ids are looked up first, then every expectation is
 * checked against the streams as they were before this append, then the rows follow. Throws before anything is written.
 */
export function decide(writes: readonly PreparedWrite[], view: LogView, stamp: Stamp): Decision {
  const known: Known[] = []
  for (const write of writes) known.push(lookUp(write, view, stamp))
  for (let index = 0; index < writes.length; index += 1) checkExpectation(writes[index], known[index], view)
  return build(writes, known, view, stamp)
}

function lookUp({ stream, events }: PreparedWrite, view: LogView, stamp: Stamp): Known {
  if (view.head(stream).version === 0) return undefined
  let known: (StoredEvent | undefined)[] | undefined
  for (let index = 0; index < events.length; index += 1) {
    const event = events[index]
    const found = event?.id === undefined ? undefined : view.find(stream, event.id)
    if (event === undefined || found === undefined) continue
    if (!sameContent(event, found) && !sameAsToday(event, found, stamp)) throw new IdConflict(stream, found.id ?? '')
    known ??= []
    known[index] = found
  }
  return known
}

/** A writer of today repeats what was recorded in an older shape. */
function sameAsToday(event: PreparedEvent, found: StoredEvent, stamp: Stamp): boolean {
  return sameContent(event, { ...found, data: JSON.stringify(stamp.present(found).data) })
}

function checkExpectation(write: PreparedWrite | undefined, known: Known, view: LogView): void {
  if (write === undefined) return
  const { stream, expected, events } = write
  if (known !== undefined && events.every((_event, index) => known[index] !== undefined)) return
  const head = view.head(stream)
  if (!holds(expected, stream, head, view)) throw new VersionConflict(stream, head.version, describe(expected))
  if (head.pruned && events.length > 0)
    throw new IncidentLogError(
      'STREAM_PRUNED',
      `${stream} was pruned: its incident is over and its events are gone; write to a new stream`,
    )
}

function holds(expected: Expected, stream: StreamId, { version, pruned }: Head, view: LogView): boolean {
  if (expected === 'dedupe') return true
  if (typeof expected === 'number') return version === expected
  if (version <= expected.since) return version === expected.since
  // Of what types a pruned stream went on with, nobody knows any more.
  return !pruned && !view.movedBeyond(stream, expected.since, expected.ignoring)
}

function describe(expected: Expected): string {
  if (typeof expected === 'object')
    return `${expected.since} and then only ${expected.ignoring.join(', ') || 'nothing'}`
  return String(expected)
}

/** A stream that grows while its rows are made; afterwards its head. */
interface Growing {
  version: number
  hash: string
  summary: IncidentSummary | undefined
  readonly pruned: false
}

/** What an append has added so far under explicit ids: the same id once more is the same event. */
type Added = Map<string, { readonly event: RecordedEvent; readonly prepared: PreparedEvent }>

interface Building {
  readonly rows: StoredEvent[]
  readonly heads: Map<StreamId, Growing>
  readonly recordedAt: string
  /** Not needed where there is one event only, which is nearly always. */
  readonly added: Added | undefined
}

function build(writes: readonly PreparedWrite[], known: readonly Known[], view: LogView, stamp: Stamp): Decision {
  const several = writes.length > 1 || (writes[0]?.events.length ?? 0) > 1
  const building: Building = {
    rows: [],
    heads: new Map(),
    recordedAt: stamp.recordedAt,
    added: several ? new Map() : undefined,
  }
  const { rows, heads } = building
  const results = writes.map((write, index) => buildWrite(write, known[index], building, view, stamp))
  const appended = results.map(({ stream, events, duplicate }) => {
    const { version } = heads.get(stream) ?? view.head(stream)
    return { stream, version, events, duplicate }
  })
  return { rows, heads, appended }
}

function buildWrite(write: PreparedWrite, known: Known, building: Building, view: LogView, stamp: Stamp) {
  const { stream } = write
  let fresh = 0
  const events = write.events.map((prepared, index) => {
    const before = known?.[index]
    if (before !== undefined) return stamp.present(before)
    const twin = building.added?.get(keyOf(stream, prepared))
    if (twin !== undefined) {
      if (!sameContent(prepared, twin.prepared)) throw new IdConflict(stream, twin.event.id)
      return twin.event
    }
    fresh += 1
    const event = add(prepared, stream, building, view, stamp)
    if (prepared.id !== undefined) building.added?.set(keyOf(stream, prepared), { event, prepared })
    return event
  })
  return { stream, events, duplicate: events.length > 0 && fresh === 0 }
}

const keyOf = (stream: StreamId, { id = '' }: PreparedEvent) => `${stream}\n${id}`

function begin(heads: Map<StreamId, Growing>, stream: StreamId, view: LogView): Growing {
  const { version, hash, summary } = view.head(stream)
  const state: Growing = { version, hash, summary, pruned: false }
  heads.set(stream, state)
  return state
}

function add(
  prepared: PreparedEvent,
  stream: StreamId,
  { rows, heads, recordedAt }: Building,
  view: LogView,
  stamp: Stamp,
): RecordedEvent {
  const state = heads.get(stream) ?? begin(heads, stream, view)
  const { type, actor, causationId, data, bytes } = prepared
  const version = state.version + 1
  const id = prepared.id ?? derivedId(stream, version)
  const at = prepared.at ?? recordedAt
  const salt = stamp.shapes.mark(type, stamp.nextSalt())
  const dataDigest = undefined
  const hash = seal(
    state.hash,
    { stream, version, id, type, at, recordedAt, actor, causationId },
    digestData(bytes, salt),
  )
  const own = prepared.id
  rows.push({ stream, version, id: own, type, at, recordedAt, actor, causationId, data: bytes, salt, dataDigest, hash })
  const base = { id, stream, version, type, at, recordedAt, actor, data, hash, salt }
  const event: RecordedEvent = causationId === undefined ? base : { ...base, causationId }
  state.version = version
  state.hash = hash
  state.summary = summarize(state.summary, event)
  return event
}
