import { systemClock, type Clock } from './clock.ts'
import type { IncidentLog } from './incident-log.ts'
import type { Journal, JournalEntry } from './journal.ts'
import { createId, systemRandom, type Random } from './random.ts'
import { isEvent, type NewEvent, type StreamId } from './recorded.ts'

export interface IncidentJournalOptions {
  /** Who writes; default 'journal'. */
  readonly actor?: string | undefined
  readonly clock?: Clock | undefined
  readonly random?: Random | undefined
  /** How an entry is appended; default: under an id of its own, whatever else happens in the stream. */
  readonly append?: ((event: NewEvent) => Promise<unknown>) | undefined
}

/**
 * A journal kept in a stream of a log, as `journal.appended` events under one key. Inside `once` use `context.journal`:
 * it is this one, and refuses entries when the claim is lost.
 */
export function incidentJournal(
  log: IncidentLog,
  stream: StreamId,
  key: string,
  options: IncidentJournalOptions = {},
): Journal {
  const { actor = 'journal', clock = systemClock, random = systemRandom } = options
  const { append = (event) => log.append([{ stream, events: [event], expected: 'dedupe' }]) } = options
  return {
    async *read() {
      for await (const event of log.read(stream))
        if (isEvent(event, 'journal.appended') && event.data.key === key) yield event.data.entry
    },
    async append(entry: JournalEntry) {
      await append({ type: 'journal.appended', actor, id: createId(clock, random), at: entry.at, data: { key, entry } })
    },
  }
}
