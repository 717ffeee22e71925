import { InvalidInput, type Expected, type NewEvent, type StreamId, type Write } from '@firebreak/core'
import { explainNotJson, toJsonText } from './json-value.ts'
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
  const prepared: PreparedWrite[] = []
  const size = { events: 0, characters: 0 }
  for (let index = 0; index < writes.length; index += 1) prepared.push(prepareWrite(writes[index], index, size))
  return prepared
}

/** What an append holds so far. */
interface Size {
  events: number
  characters: number
}

function prepareWrite(write: Write | undefined, index: number, size: Size): PreparedWrite {
  if (typeof write !== 'object' || write === null) throw new InvalidInput(`writes[${index}]`, 'must be a write')
  const { stream, events, expected } = write
  refuse(streamProblem(stream), 'stream', index)
  const prepared: PreparedEvent[] = []
  checkExpected(expected, index)
  if (!Array.isArray(events)) refuse('must be an array; empty for a check only', 'events', index)
  size.events += events.length
  if (size.events > limits.events)
    throw new InvalidInput('writes', `more than ${limits.events} events: split the append`)
  for (let at = 0; at < events.length; at += 1) {
    const event = prepareEvent(events[at], index, at)
    size.characters += event.bytes.length
    refuse(idProblem(event.id, stream, expected), 'id', index, at)
    prepared.push(event)
  }
  if (size.characters > limits.append)
    throw new InvalidInput('writes', `more than ${limits.append} characters of data: split the append`)
  return { stream, expected, events: prepared }
}

function prepareEvent(event: NewEvent | undefined, index: number, which: number): PreparedEvent {
  if (typeof event !== 'object' || event === null)
    throw new InvalidInput(`writes[${index}].events[${which}]`, 'must be an event')
  const { id, type, actor, at, causationId } = event
  refuse(textProblem(type, limits.type), 'type', index, which)
  refuse(textProblem(actor, limits.actor), 'actor', index, which)
  if (id !== undefined) refuse(textProblem(id, limits.id), 'id', index, which)
  if (causationId !== undefined) refuse(textProblem(causationId, limits.id), 'causationId', index, which)
  if (at !== undefined) refuse(instantProblem(at), 'at', index, which)
  const json = toJsonText(event.data)
  if (json === undefined) throw explainNotJson(event.data, fieldOf('data', index, which))
  const { data, bytes } = json
  if (bytes.length > limits.data)
    refuse(`has ${bytes.length} characters as JSON, at most ${limits.data} are kept`, 'data', index, which)
  return { id, type, actor, at, causationId, data, bytes }
}

/** The name of a field is only put together where it is needed. */
function fieldOf(name: string, index: number, which?: number): string {
  return which === undefined ? `writes[${index}].${name}` : `writes[${index}].events[${which}].${name}`
}

function refuse(problem: string | undefined, name: string, index: number, which?: number): void {
  if (problem !== undefined) throw new InvalidInput(fieldOf(name, index, which), problem)
}

function idProblem(id: string | undefined, stream: StreamId, expected: Expected): string | undefined {
  if (id === undefined) return expected === 'dedupe' ? "must be set where expected is 'dedupe'" : undefined
  if (id.startsWith(stream) && id.charAt(stream.length) === '@')
    return `must not begin with '${stream}@': such ids are derived by the log`
  return undefined
}

function streamProblem(stream: unknown): string | undefined {
  const problem = textProblem(stream, limits.stream)
  if (problem !== undefined) return problem
  const name = String(stream)
  if (name.startsWith('/') || name.endsWith('/') || name.includes('//'))
    return `'${name}' has an empty segment: write 'incident/<service>/<n>'`
  return undefined
}

export function checkStream(stream: unknown, field: string): asserts stream is StreamId {
  const problem = streamProblem(stream)
  if (problem !== undefined) throw new InvalidInput(field, problem)
}

/** Whole characters, none of them a control character. One pass, for it is run over every field of every event. */
// oxlint-disable-next-line no-control-regex -- they are what is refused
const fit = /^[^\u0000-\u001f\u007f-\u009f\ud800-\udfff]+$/u

function textProblem(value: unknown, longest: number): string | undefined {
  if (typeof value !== 'string' || value === '') return 'must be a text that is not empty'
  if (value.length > longest) return `has ${value.length} characters, at most ${longest} are kept`
  if (fit.test(value)) return undefined
  return value.isWellFormed() ? 'holds a control character' : 'holds half of a surrogate pair'
}

export function checkText(value: unknown, field: string, longest: number): asserts value is string {
  const problem = textProblem(value, longest)
  if (problem !== undefined) throw new InvalidInput(field, problem)
}

/** With the ranges of RFC 3339; a leap second is none that `Date` knows. */
const instant =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])[Tt](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/

function instantProblem(value: unknown): string | undefined {
  if (typeof value === 'string' && instant.test(value) && isDay(value)) return undefined
  return "must be an instant of RFC 3339: '2026-11-23T02:00:00Z'"
}

export function checkInstant(value: unknown, field: string): asserts value is string {
  const problem = instantProblem(value)
  if (problem !== undefined) throw new InvalidInput(field, problem)
}

/** Not the 31st of November. */
function isDay(value: string): boolean {
  const day = Number(value.slice(8, 10))
  return day <= 28 || day <= new Date(Date.UTC(Number(value.slice(0, 4)), Number(value.slice(5, 7)), 0)).getUTCDate()
}

function checkExpected(expected: Expected, index: number): void {
  if (expected === 'dedupe') return
  if (typeof expected === 'number') return refuse(versionProblem(expected), 'expected', index)
  if (typeof expected !== 'object' || expected === null)
    return refuse("must be a version, { since, ignoring } or 'dedupe': there is no silent 'any'", 'expected', index)
  refuse(versionProblem(expected.since), 'expected.since', index)
  if (
    !Array.isArray(expected.ignoring) ||
    expected.ignoring.some((type) => textProblem(type, limits.type) !== undefined)
  )
    refuse('must be an array of event types', 'expected.ignoring', index)
}

function versionProblem(value: unknown): string | undefined {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? undefined : 'must be a whole number, 0 or more'
}

export function checkVersion(value: unknown, field: string): number {
  const problem = versionProblem(value)
  if (problem !== undefined) throw new InvalidInput(field, problem)
  return value as number
}

export function checkSignal(signal: unknown): asserts signal is AbortSignal {
  const { throwIfAborted } = Object(signal) as { throwIfAborted?: unknown }
  if (typeof throwIfAborted !== 'function') throw new InvalidInput('signal', 'must be an AbortSignal')
}

export function checkMilliseconds(value: number | undefined, field: string, least: number): number | undefined {
  if (value !== undefined && !(Number.isFinite(value) && value >= least))
    throw new InvalidInput(field, `must be a number of milliseconds, ${least} or more`)
  return value
}
