import { assertPositive } from './bounds.ts'
import { systemClock, type Clock } from './clock.ts'
import { emptyState, readOn, type StateOf } from './fold/stream.ts'
import type { IncidentLog } from './incident-log.ts'
import { isVersionConflict } from './log-errors.ts'
import { systemRandom, type Random } from './random.ts'
import type { NewEvent, RecordedEvent, StreamId } from './recorded.ts'

/** What is to be recorded, given what is. Must be free of effects: it is asked again after every lost race. */
export type Decide<Stream extends StreamId> = (
  state: Readonly<StateOf<Stream>>,
) => readonly NewEvent[] | Promise<readonly NewEvent[]>

export interface RecordOptions {
  /** Types that others may append meanwhile without changing this decision. Default: none, any later event is a conflict. */
  readonly ignoring?: readonly string[] | undefined
  /** Lost races before `VERSION_CONFLICT` is thrown; default 100. */
  readonly attempts?: number | undefined
  readonly clock?: Clock | undefined
  readonly random?: Random | undefined
  readonly signal?: AbortSignal | undefined
}

/** From this lost race on it waits a little, at random, so that many writers get out of each other's way. */
const patientFrom = 4
const longestPauseMs = 20

/**
 * Reads a stream, lets `decide` say what follows, and appends that only if nothing came in between; after a conflict it
 * reads the tail and decides again, and never resends. Gives what was recorded: nothing when there was nothing to say.
 */
export async function record<const Stream extends StreamId>(
  log: IncidentLog,
  stream: Stream,
  decide: Decide<Stream>,
  options: RecordOptions = {},
): Promise<readonly RecordedEvent[]> {
  const { ignoring, attempts = 100, clock = systemClock, random = systemRandom, signal } = options
  assertPositive(attempts, 'attempts')
  const state = emptyState(stream)
  for (let attempt = 1; ; attempt += 1) {
    signal?.throwIfAborted()
    await readOn(log, state)
    const since = state.version
    const events = await decide(state)
    if (events.length === 0) return []
    try {
      const expected = ignoring === undefined ? since : { since, ignoring }
      const [appended] = await log.append([{ stream, events, expected }])
      return appended?.events ?? []
    } catch (error) {
      if (!isVersionConflict(error) || attempt >= attempts) throw error
      if (attempt >= patientFrom) await clock.sleep(random() * longestPauseMs, signal)
    }
  }
}
