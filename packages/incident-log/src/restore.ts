import { digestData, InvalidInput, seal, summarize, type RecordedEvent, type StreamId } from '@firebreak/core'
import type { Head, LogView } from './decide.ts'
import { IncidentLogError } from './log-error.ts'
import { checkInstant, checkStream, checkText, checkVersion } from './prepare.ts'
import { limits } from './limits.ts'
import { derivedId, type StoredEvent } from './stored.ts'

export interface RestoreView extends Pick<LogView, 'head' | 'find'> {
  at(stream: StreamId, version: number): StoredEvent | undefined
}

export interface Restoration {
  readonly rows: readonly StoredEvent[]
  readonly heads: ReadonlyMap<StreamId, Head>
}

function refuse(event: RecordedEvent, why: string): IncidentLogError {
  return new IncidentLogError('IMPORT_REFUSED', `event ${event.version} of ${event.stream}: ${why}`)
}

/** Checks events of another log against what is held here, and gives the rows that are new. Writes nothing. */
export function planRestore(events: readonly RecordedEvent[], view: RestoreView): Restoration {
  checkRestored(events)
  const rows: StoredEvent[] = []
  const heads = new Map<StreamId, Head>()
  const ids = new Set<string>()
  for (const event of events) {
    const stored = toStored(event)
    const head = heads.get(stored.stream) ?? view.head(stored.stream)
    if (head.pruned) throw refuse(event, 'the stream was pruned here')
    if (stored.version <= head.version) {
      const held = rows.find((row) => row.stream === stored.stream && row.version === stored.version)
      if ((held ?? view.at(stored.stream, stored.version))?.hash === stored.hash) continue
      throw refuse(event, 'another event is held under this version: import into a log that does not have this stream')
    }
    if (stored.version !== head.version + 1)
      throw refuse(
        event,
        `does not follow on version ${head.version}, the last one held: import the events before it first`,
      )
    checkHash(event, stored, head)
    if (stored.id !== undefined) {
      const key = `${stored.stream}\n${stored.id}`
      if (ids.has(key) || view.find(stored.stream, stored.id) !== undefined)
        throw refuse(event, `the id ${stored.id} is held under another version`)
      ids.add(key)
    }
    rows.push(stored)
    heads.set(stored.stream, {
      version: stored.version,
      hash: stored.hash,
      summary: nextSummary(head, event),
      pruned: false,
    })
  }
  return { rows, heads }
}

function checkHash(event: RecordedEvent, stored: StoredEvent, head: Head): void {
  const digest = stored.salt === undefined ? stored.dataDigest : digestData(stored.data, stored.salt)
  const sealed = digest === undefined ? undefined : seal(head.hash, { ...stored, id: event.id }, digest)
  if (sealed !== stored.hash) throw refuse(event, 'its content does not match its hash: it was changed, or is cut')
}

/** The data of a redacted event says nothing any more. */
function nextSummary(head: Head, event: RecordedEvent): Head['summary'] {
  if (event.dataDigest === undefined || head.summary === undefined) return summarize(head.summary, event)
  return { ...head.summary, version: event.version, updatedAt: event.at }
}

/** Refuses what is no list of events, before anybody is asked about them. */
export function checkRestored(events: unknown): asserts events is readonly RecordedEvent[] {
  if (!Array.isArray(events)) throw new InvalidInput('events', 'must be an array of recorded events')
  events.forEach((event: unknown, index) => {
    const field = `events[${index}]`
    if (typeof event !== 'object' || event === null) throw new InvalidInput(field, 'must be a recorded event')
    checkFields(event as RecordedEvent, field)
  })
}

function checkFields(event: RecordedEvent, field: string): void {
  const { stream, version, id, type, at, recordedAt, actor, causationId, data, hash, salt, dataDigest } = event
  checkStream(stream, `${field}.stream`)
  checkText(id, `${field}.id`, limits.id)
  checkText(type, `${field}.type`, limits.type)
  checkText(actor, `${field}.actor`, limits.actor)
  if (causationId !== undefined) checkText(causationId, `${field}.causationId`, limits.id)
  checkInstant(at, `${field}.at`)
  checkInstant(recordedAt, `${field}.recordedAt`)
  checkVersion(version, `${field}.version`)
  for (const [name, text] of Object.entries({ hash, salt, dataDigest }))
    if (text !== undefined || name === 'hash') checkText(text, `${field}.${name}`, limits.id)
  if (!isStored(() => event.storedData ?? JSON.stringify(data)))
    throw new InvalidInput(`${field}.data`, 'must be a JSON object')
}

/** Bytes that every store keeps and gives back as they are. */
function isStored(bytesOf: () => unknown): boolean {
  try {
    const bytes = bytesOf()
    if (typeof bytes !== 'string' || !bytes.isWellFormed()) return false
    const data: unknown = JSON.parse(bytes)
    return typeof data === 'object' && data !== null
  } catch {
    return false
  }
}

function toStored(event: RecordedEvent): StoredEvent {
  const { stream, version, id, type, at, recordedAt, actor, causationId, data, hash, salt, dataDigest } = event
  return {
    stream,
    version,
    id: id === derivedId(stream, version) ? undefined : id,
    type,
    at,
    recordedAt,
    actor,
    causationId,
    data: event.storedData ?? JSON.stringify(data),
    salt,
    dataDigest: salt === undefined ? dataDigest : undefined,
    hash,
  }
}
