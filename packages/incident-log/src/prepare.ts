import { InvalidInput, type Expected, type NewEvent, type StreamId, type Write } from '@firebreak/core'
import { toJsonText } from './json-value.ts'
import { limits } from './limits.ts'

/** An event that passed validation, with the bytes that will be stored. */
export interface PreparedEvent {
  /** The writer's; `undefined` where the log derives one. */
  readonly id: string | undefined
  readonly type: string
  readonly actor: string
  readonly at: string | undefined
  readonly causationId: string | undefined
  /** Equals what `bytes` parse to. */
  readonly data: object
  readonly bytes: string
}

export interface PreparedWrite {
  readonly stream: StreamId
  readonly expected: Expected
  readonly events: readonly PreparedEvent[]
}

/** Refuses what cannot be stored, with the field named and before anything is written. */
export function prepare(writes: readonly Write[]): readonly PreparedWrite[] {
  if (!Array.isArray(writes) || writes.length === 0)
    throw new InvalidInput('writes', 'must hold at least one write: an append of nothing is a mistake')
  if (writes.length > limits.writes) throw new InvalidInput('writes', `more than ${limits.writes}: split the append`)
  let events = 0
  let characters = 0
  const prepared: PreparedWrite[] = []
  for (let index = 0; index < writes.length; index += 1) {
    const write = prepareWrite(writes[index], `writes[${index}]`)
    events += write.events.length
    for (const event of write.events) characters += event.bytes.length
    prepared.push(write)
  }
  if (events > limits.events) throw new InvalidInput('writes', `more than ${limits.events} events: split the append`)
  if (characters > limits.append)
    throw new InvalidInput('writes', `more than ${limits.append} characters of data: split the append`)
  return prepared
}

function prepareWrite(write: Write | undefined, field: string): PreparedWrite {
  if (typeof write !== 'object' || write === null) throw new InvalidInput(field, 'must be a write')
  const { stream, events } = write
  checkStream(stream, `${field}.stream`)
  const expected = checkExpected(write.expected, `${field}.expected`)
  if (!Array.isArray(events)) throw new InvalidInput(`${field}.events`, 'must be an array; empty for a check only')
  const reserved = `${stream}@`
  return {
    stream,
    expected,
    events: events.map((event: NewEvent, index) => {
      const where = `${field}.events[${index}]`
      const made = prepareEvent(event, where)
      if (made.id === undefined && expected === 'dedupe')
        throw new InvalidInput(`${where}.id`, "must be set where expected is 'dedupe'")
      if (made.id?.startsWith(reserved) === true)
        throw new InvalidInput(`${where}.id`, `must not begin with '${reserved}': such ids are derived by the log`)
      return made
    }),
  }
}

function prepareEvent(event: NewEvent, field: string): PreparedEvent {
  if (typeof event !== 'object' || event === null) throw new InvalidInput(field, 'must be an event')
  const { id, type, actor, at, causationId } = event
  checkText(type, `${field}.type`, limits.type)
  checkText(actor, `${field}.actor`, limits.actor)
  if (id !== undefined) checkText(id, `${field}.id`, limits.id)
  if (causationId !== undefined) checkText(causationId, `${field}.causationId`, limits.id)
  if (at !== undefined) checkInstant(at, `${field}.at`)
  const { data, bytes } = toJsonText(event.data, `${field}.data`)
  if (bytes.length > limits.data)
    throw new InvalidInput(`${field}.data`, `has ${bytes.length} characters as JSON, at most ${limits.data} are kept`)
  return { id, type, actor, at, causationId, data, bytes }
}

export function checkStream(stream: unknown, field: string): asserts stream is StreamId {
  checkText(stream, field, limits.stream)
  if (stream.startsWith('/') || stream.endsWith('/') || stream.includes('//'))
    throw new InvalidInput(field, `'${stream}' has an empty segment: write 'incident/<service>/<n>'`)
}

// oxlint-disable-next-line no-control-regex -- they are what is refused: the seal separates its fields with one
const control = /[\u0000-\u001f\u007f-\u009f]/

export function checkText(value: unknown, field: string, longest: number): asserts value is string {
  if (typeof value !== 'string' || value === '') throw new InvalidInput(field, 'must be a text that is not empty')
  if (value.length > longest)
    throw new InvalidInput(field, `has ${value.length} characters, at most ${longest} are kept`)
  if (control.test(value)) throw new InvalidInput(field, 'holds a control character')
  if (!value.isWellFormed()) throw new InvalidInput(field, 'holds half of a surrogate pair')
}

/** With the ranges of RFC 3339; a leap second is none that `Date` knows. */
const instant =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])[Tt](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/

export function checkInstant(value: unknown, field: string): asserts value is string {
  if (typeof value !== 'string' || !instant.test(value) || !isDay(value))
    throw new InvalidInput(field, "must be an instant of RFC 3339: '2026-11-23T02:00:00Z'")
}

/** Not the 31st of November. */
function isDay(value: string): boolean {
  const day = Number(value.slice(8, 10))
  return day <= 28 || day <= new Date(Date.UTC(Number(value.slice(0, 4)), Number(value.slice(5, 7)), 0)).getUTCDate()
}

function checkExpected(expected: Expected, field: string): Expected {
  if (expected === 'dedupe') return expected
  if (typeof expected === 'number') return checkVersion(expected, field)
  if (typeof expected !== 'object' || expected === null)
    throw new InvalidInput(field, "must be a version, { since, ignoring } or 'dedupe': there is no silent 'any'")
  const since = checkVersion(expected.since, `${field}.since`)
  const { ignoring } = expected
  if (!Array.isArray(ignoring) || ignoring.some((type) => typeof type !== 'string'))
    throw new InvalidInput(`${field}.ignoring`, 'must be an array of event types')
  return { since, ignoring }
}

export function checkVersion(value: unknown, field: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
    throw new InvalidInput(field, 'must be a whole number, 0 or more')
  return value
}

/** Where a read begins: at the first event unless told otherwise. */
export function checkFrom(from: number | undefined): number {
  return from === undefined ? 1 : Math.max(1, checkVersion(from, 'from'))
}

export interface Snapshot {
  readonly version: number
  readonly state: string
}

export function checkSnapshot(stream: unknown, { version, state }: Snapshot): Snapshot {
  checkStream(stream, 'stream')
  checkVersion(version, 'version')
  if (typeof state !== 'string') throw new InvalidInput('state', 'must be a text')
  if (state.length > limits.append)
    throw new InvalidInput('state', `has ${state.length} characters, at most ${limits.append} are kept`)
  return { version, state }
}
