import {
  FirebreakError,
  isEvent,
  type Appended,
  type NewEvent,
  type Outcome,
  type RecordedEvent,
  type StreamId,
  type Write,
} from '@firebreak/core'
import type { House } from './house.ts'
import type { When } from './loop.ts'
import type { Streams } from './streams.ts'
import { absorb, isRefusal, isVersionConflict, type Folded, type Followed, type Writes } from './subject.ts'

/** What may have been appended meanwhile without invalidating a decision: signals commute. */
export const ignoringSignals: readonly string[] = ['signal.observed']

export interface Commit {
  readonly events: readonly NewEvent[]
  readonly tell?: Outcome['tell']
  /** Further writes of the same append: a budget's charge, a check on another stream. */
  readonly also?: readonly Write[]
  readonly ignoring?: readonly string[]
}

export interface Committer {
  /** One attempt; `undefined` when somebody was first: the folds concerned have been marked stale. */
  attempt(followed: Followed, commit: Commit): Promise<readonly RecordedEvent[] | undefined>
  /**
   * Decides on the fresh fold, appends, and on a conflict reads the tail and decides again; never resends.
   * `undefined` when `decide` wants nothing.
   */
  commit<State extends Folded>(
    followed: Followed<State>,
    decide: (state: Readonly<State>) => Commit | undefined,
  ): Promise<readonly RecordedEvent[] | undefined>
  /** Appends whatever it says, then folds and tells. For openings, which concern a stream that nobody follows yet. */
  append(writes: Writes): Promise<readonly Appended[]>
}

const mostAttempts = 1_000

export function createCommitter(
  house: House,
  streams: Streams,
  changed: (stream: StreamId, when: When) => void,
  /** The log has taken something. */
  taken: () => void = () => undefined,
  /** It took nothing, for reasons of its own. */
  failed: () => void = () => undefined,
): Committer {
  async function append(writes: Writes): Promise<readonly Appended[]> {
    const appended = await house.log.append(stamped(writes)).catch((error: unknown) => {
      if (!isVersionConflict(error) && !isRefusal(error)) {
        failed()
        mayBeRecorded(writes)
      }
      throw error
    })
    for (const { stream, events, duplicate } of appended) {
      if (events.length === 0 || duplicate) continue
      taken()
      const followed = streams.known(stream)
      if (followed !== undefined) await absorb(house.log, followed, events)
      changed(stream, events.some(({ type }) => type !== 'signal.observed') ? 'now' : 'breath')
      for (const event of events) tell(house, event)
    }
    return appended
  }

  /** The answer may be all that was lost: what is followed is read again before it is decided on. */
  function mayBeRecorded(writes: Writes): void {
    for (const { stream } of writes) {
      const followed = streams.known(stream)
      if (followed !== undefined) followed.stale = true
    }
  }

  /** When it happened is our clock's word; when it was recorded is the log's. */
  function stamped(writes: Writes): Writes {
    const at = new Date(house.clock.now()).toISOString()
    return writes.map((write) => ({
      ...write,
      events: write.events.map((event) => ({ at, ...event })),
    })) as unknown as Writes
  }

  async function attempt(followed: Followed, commit: Commit): Promise<readonly RecordedEvent[] | undefined> {
    const { events, tell: told = [], also = [], ignoring = ignoringSignals } = commit
    const own: Write = { stream: followed.stream, events, expected: { since: followed.state.version, ignoring } }
    const others = told.map(({ to, event }): Write => ({ stream: to, events: [event], expected: 'dedupe' }))
    try {
      const [first] = await append([own, ...also, ...others])
      return first?.events ?? []
    } catch (error) {
      if (!isVersionConflict(error)) {
        // Whoever was told must find out by himself, where nobody else says so.
        // Of a service it is its incidents: this one among them must not forget its pause before it tries again.
        if (!isRefusal(error)) for (const { to } of told) changed(to, to.startsWith('service/') ? 'soon' : 'now')
        throw error
      }
      followed.stale = true
      for (const { stream } of also) streams.of(stream).stale = true
      return undefined
    }
  }

  return {
    append,
    attempt,
    async commit(followed, decide) {
      for (let number = 1; number <= mostAttempts; number += 1) {
        // What was over may have been dropped while this waited for its turn, and be followed anew.
        const current = (await streams.fresh(followed.stream)) as typeof followed
        const wanted = decide(current.state)
        if (wanted === undefined) return undefined
        const events = await attempt(current, wanted)
        if (events !== undefined) return events
      }
      throw new FirebreakError({
        code: 'CONTENTION',
        message: `${followed.stream} changed ${mostAttempts} times while one decision was being recorded; it will be tried again`,
      })
    },
  }
}

/** Puts a recorded event on the bus; each signal of a batch on its own. */
function tell({ bus }: House, event: RecordedEvent): void {
  const emit = bus.emit as (name: string, data: object, recorded: RecordedEvent) => void
  if (isEvent(event, 'signal.observed')) {
    if (event.data.also === undefined) return emit(event.type, event.data, event)
    const { also, ...first } = event.data
    for (const signal of [first, ...also]) emit(event.type, signal, event)
    return
  }
  emit(event.type, event.data, event)
}
