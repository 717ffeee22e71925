import { InvalidInput, type IncidentLog, type Position, type RecordedEvent, type StreamId } from '@firebreak/core'
import { toCloudEvent } from './cloud-event.ts'

export interface ExportOptions {
  /** `jsonl`: events as they are read. `cloudevents`: CloudEvents 1.0 in the JSON format. Default: 'jsonl'. */
  readonly format?: 'jsonl' | 'cloudevents' | undefined
  /** One stream only. Default: all, in the order of the appends. */
  readonly stream?: StreamId | undefined
  /** Only what came after this position of `readAll`. */
  readonly after?: Position | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * One line for each event, each ending in a newline, with all that `importEvents` and `verifyChain` need: the data as it is
 * stored, salt and hash. Write it to a file as it comes: `pipeline(Readable.from(exportEvents(log)), createWriteStream(file))`.
 */
export async function* exportEvents(log: IncidentLog, options: ExportOptions = {}): AsyncIterable<string> {
  const { format = 'jsonl', stream, after, signal } = options
  if (format !== 'jsonl' && format !== 'cloudevents')
    throw new InvalidInput('format', `'${String(format)}' is neither 'jsonl' nor 'cloudevents'`)
  const events: AsyncIterable<RecordedEvent> = stream === undefined ? log.readAll({ after }) : log.read(stream)
  for await (const event of events) {
    signal?.throwIfAborted()
    yield `${JSON.stringify(format === 'jsonl' ? toLine(event) : toCloudEvent(asStored(event)))}\n`
  }
}

/** The event without what belongs to this log only. */
function toLine(event: RecordedEvent): RecordedEvent {
  const { stream, version, id, type, at, recordedAt, actor, causationId, data, hash, salt, dataDigest } =
    asStored(event)
  const line = { stream, version, id, type, at, recordedAt, actor, causationId, data, hash, salt, dataDigest }
  return line as RecordedEvent // JSON drops what is undefined.
}

/** With the data in the shape in which it was written: that is what the hash covers. */
function asStored(event: RecordedEvent): RecordedEvent {
  return event.storedData === undefined ? event : { ...event, data: JSON.parse(event.storedData) as object }
}
