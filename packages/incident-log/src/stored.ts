import type { IncidentSummary, RecordedEvent, StreamId } from '@firebreak/core'
import { IncidentLogError } from './log-error.ts'
import type { Shapes } from './upcast.ts'

/** One event as every store keeps it. Column for column, so that a log can be moved from one store to another. */
export interface StoredEvent {
  readonly stream: StreamId
  readonly version: number
  /** `undefined`: derived, `<stream>@<version>`. */
  readonly id: string | undefined
  readonly type: string
  readonly at: string
  readonly recordedAt: string
  readonly actor: string
  readonly causationId: string | undefined
  /** The bytes that the digest covers; after a redaction the text that stands in for them. */
  readonly data: string
  /** `undefined` after a redaction. */
  readonly salt: string | undefined
  /** Set by a redaction. */
  readonly dataDigest: string | undefined
  readonly hash: string
}

export function derivedId(stream: StreamId, version: number): string {
  return `${stream}@${version}`
}

/** The event as readers get it, brought to today's shape. */
export function toRecorded(stored: StoredEvent, shapes: Shapes, where: string): RecordedEvent {
  const { stream, version, type, at, recordedAt, actor, causationId, hash, salt, dataDigest } = stored
  const data = parse(stored, where)
  const id = stored.id ?? derivedId(stream, version)
  const base = { id, stream, version, type, at, recordedAt, actor, data, hash }
  const event = causationId === undefined ? base : { ...base, causationId }
  if (salt === undefined) return dataDigest === undefined ? event : { ...event, dataDigest }
  const lifted = shapes.lift(type, salt, data)
  // Bytes that only parse to the same, a name that is there twice say, are not those that the chain covers.
  if (lifted === data && JSON.stringify(data) === stored.data) return { ...event, salt }
  return { ...event, salt, data: lifted, storedData: stored.data }
}

/** A summary as a store keeps it. */
export function toSummary(stored: string, stream: StreamId, where: string): IncidentSummary {
  try {
    return JSON.parse(stored) as IncidentSummary
  } catch (cause) {
    throw damaged(where, `the summary of ${stream} is not readable`, cause)
  }
}

function parse(stored: StoredEvent, where: string): object {
  try {
    return JSON.parse(stored.data) as object
  } catch (cause) {
    throw damaged(where, `event ${stored.version} of ${stored.stream} is not readable`, cause)
  }
}

export function damaged(where: string, what: string, cause?: unknown): IncidentLogError {
  return new IncidentLogError('LOG_CORRUPT', `${where}: ${what}: restore a backup`, cause)
}
