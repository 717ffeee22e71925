import { FirebreakError, type IncidentLog, type RecordedEvent } from '@firebreak/core'
import { fromCloudEvent } from './cloud-event.ts'
import { IncidentLogError } from './log-error.ts'
import { limits } from './limits.ts'

export interface Imported {
  /** How many events were new. */
  readonly events: number
  /** How many the log held already: an import that broke off is simply run again. */
  readonly known: number
  /** The last line was cut off in the middle, as by a crash while it was written; it was left out. */
  readonly torn: boolean
}

/** Events that are taken over in one transaction. */
const batchSize = 500
/** A line holds one event's data, its envelope, and what JSON adds to both. */
const longestLine = limits.data * 2

/**
 * Takes over what `exportEvents` gave, in either format, with ids, versions, times and hashes as they were: every event is
 * checked against its chain before it is written. Takes text or bytes in pieces of any size: `createReadStream(file)`.
 * Anything but whole events is refused with `IMPORT_REFUSED` and the number of the line; what came before it stays.
 */
export async function importEvents(
  log: IncidentLog,
  source: AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>,
): Promise<Imported> {
  if (log.restore === undefined)
    throw new IncidentLogError('IMPORT_REFUSED', 'this log cannot take over events: it has no restore')
  if (!isSource(source))
    throw new IncidentLogError(
      'IMPORT_REFUSED',
      'there is nothing to read from: give createReadStream(file), or [text]',
    )
  let events = 0
  let known = 0
  let torn = false
  let batch: RecordedEvent[] = []
  let firstLine = 1

  async function flush() {
    if (batch.length === 0) return
    try {
      const added = await log.restore?.(batch)
      events += added ?? 0
      known += batch.length - (added ?? 0)
    } catch (error) {
      if (!FirebreakError.isInstance(error)) throw error
      const where = `lines ${firstLine} to ${firstLine + batch.length - 1}`
      throw new IncidentLogError('IMPORT_REFUSED', `${where}: ${error.message}`, error)
    }
    firstLine += batch.length
    batch = []
  }

  for await (const { text, number, complete } of linesOf(source)) {
    const event = parse(text)
    if (event === undefined && !complete) torn = true
    else if (event === undefined)
      throw new IncidentLogError('IMPORT_REFUSED', `line ${number}: is not an event: mend or remove the line`)
    else batch.push(event)
    if (batch.length === batchSize) await flush()
  }
  await flush()
  return { events, known, torn }
}

interface Line {
  readonly text: string
  readonly number: number
  /** Ended by a newline. */
  readonly complete: boolean
}

async function* linesOf(
  source: AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>,
): AsyncIterable<Line> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let rest = ''
  let number = 0
  for await (const piece of source) {
    rest += typeof piece === 'string' ? piece : decode(piece)
    const lines = rest.split('\n')
    rest = lines.pop() ?? ''
    for (const text of lines) yield { text, number: (number += 1), complete: true }
    if (rest.length > longestLine)
      throw new IncidentLogError('IMPORT_REFUSED', `line ${number + 1}: is longer than any event`)
  }
  if (rest !== '') yield { text: rest, number: number + 1, complete: false }

  function decode(piece: Uint8Array): string {
    try {
      return decoder.decode(piece, { stream: true })
    } catch (cause) {
      throw new IncidentLogError('IMPORT_REFUSED', `line ${number + 1}: is not UTF-8`, cause)
    }
  }
}

function isSource(source: unknown): boolean {
  if (typeof source === 'string') return true
  if (typeof source !== 'object' || source === null) return false
  return Symbol.asyncIterator in source || Symbol.iterator in source
}

/** An event in either format, or undefined. Its fields are checked where it is taken over. */
function parse(text: string): RecordedEvent | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  const record = value as Readonly<Record<string, unknown>>
  const event = record['specversion'] === '1.0' ? fromCloudEvent(record) : record
  const whole =
    Number.isSafeInteger(event['version']) &&
    typeof event['data'] === 'object' &&
    event['data'] !== null &&
    typeof event['hash'] === 'string' &&
    isOptionalText(event['salt']) &&
    isOptionalText(event['dataDigest'])
  return whole ? (event as unknown as RecordedEvent) : undefined
}

function isOptionalText(value: unknown): boolean {
  return value === undefined || typeof value === 'string'
}
