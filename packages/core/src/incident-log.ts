import type { NonEmpty } from './json.ts'
import type { IncidentSummary } from './incident.ts'
import type { NewEvent, RecordedEvent, StreamId } from './recorded.ts'

/**
 * What a write expects of its stream.
 * - a number: how many events the stream has; 0 is a new stream
 * - `since`/`ignoring`: fails on any later event whose type is not listed; unknown types fail closed
 * - `'dedupe'`: every event brings its id, and only the id counts
 */
export type Expected = number | { readonly since: number; readonly ignoring: readonly string[] } | 'dedupe'

export interface Write {
  readonly stream: StreamId
  /** None: a check only. */
  readonly events: readonly NewEvent[]
  readonly expected: Expected
}

/** What became of one write. */
export interface Appended {
  readonly stream: StreamId
  /** The stream's version afterwards. */
  readonly version: number
  /** As recorded; for a repeated id the event of the first time. */
  readonly events: readonly RecordedEvent[]
  /** True when every event of the write had been recorded before. */
  readonly duplicate: boolean
}

/** Opaque: only `readAll` of the same log understands it. */
export type Position = string

export interface IncidentQuery {
  readonly service?: string | undefined
  readonly status?: readonly IncidentSummary['status'][] | undefined
  readonly limit?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Where events are kept. Obligations: durable when `append` resolves; all streams of one append or none; an id is looked up
 * before `expected` (same id and content → the first result, other content → `IdConflict`); a mismatch → `VersionConflict`
 * with the actual version; versions dense from 1; the hash chain covers the stored bytes through a salted digest.
 */
export interface IncidentLog {
  append(writes: NonEmpty<Write>): Promise<readonly Appended[]>
  /** In order of version, from `from` (default 1) on. An unknown stream is empty, not an error. */
  read(stream: StreamId, options?: { from?: number | undefined }): AsyncIterable<RecordedEvent>
  /** Total order, gap-free: nothing may appear later below a position already given. `after` is exclusive. */
  readAll(options?: { after?: Position | undefined; limit?: number | undefined }): AsyncIterable<PositionedEvent>
  /** The position of the last event, so that a reader can begin at the end; `undefined` while the log is empty. */
  head?(): Promise<Position | undefined>
  /** Newest first. Work proportional to what is asked for: open incidents without a scan of the closed ones. */
  list(query?: IncidentQuery): AsyncIterable<IncidentSummary>
  close(): Promise<void>
  /** Tells of appends by anybody; at-least-once, may be late. Never the only way to notice: callers also poll. */
  subscribe?(listener: (streams: readonly StreamId[]) => void): Subscription
  /** Holds a mark that vanishes with the process, so that others notice its death before a deadline does. */
  presence?(owner: string, options: { signal: AbortSignal }): Promise<Presence>
  snapshots?: SnapshotStore
  /** Replaces the data of an event that holds personal data; the chain stays verifiable. */
  redact?(stream: StreamId, version: number, reason: string): Promise<void>
  /** Drops the events of incidents resolved before; their summaries, with durations, stay. */
  prune?(options: { resolvedBefore: string }): Promise<{ incidents: number; events: number }>
  /** Where a stream stands: to be kept elsewhere, so that a cut tail is found. `undefined`: there is no such stream. */
  streamHead?(stream: StreamId): Promise<StreamHead | undefined>
  /**
   * Takes events that another log recorded as they are: ids, versions, times, hashes. Each must follow on what its stream
   * holds; one that is held already is passed over. All of one call or none. Gives how many were new.
   */
  restore?(events: readonly RecordedEvent[]): Promise<number>
}

export interface StreamHead {
  readonly version: number
  /** Of the last event. */
  readonly hash: string
  /** Its events were dropped by `prune`. */
  readonly pruned: boolean
}

export interface PositionedEvent extends RecordedEvent {
  readonly position: Position
}

export interface Subscription extends Disposable {
  close(): void
}

export interface Presence extends AsyncDisposable {
  /** True when this owner is known to be gone; false when alive or not known. */
  isGone(owner: string): Promise<boolean>
}

export interface SnapshotStore {
  get(stream: StreamId): Promise<{ version: number; state: string } | undefined>
  put(stream: StreamId, snapshot: { version: number; state: string }): Promise<void>
}
