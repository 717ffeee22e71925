import { systemClock, type Clock, type Random, type RecordedEvent, type Write } from '@firebreak/core'
import { decide, type Decision, type LogView, type Stamp } from './decide.ts'
import { prepare, type PreparedWrite } from './prepare.ts'
import { createSalts } from './salt.ts'
import { toRecorded, type StoredEvent } from './stored.ts'
import { createShapes, type Upcasts } from './upcast.ts'

/** What every log of ours takes. */
export interface CommonLogOptions {
  /** Gives `recordedAt`. Default: the system's. */
  readonly clock?: Clock | undefined
  /** Gives the salts; for tests and simulations that must repeat themselves. Default: the system's cryptographic generator. */
  readonly random?: Random | undefined
  /** Brings events of your own that were written in an older shape to today's. */
  readonly upcasts?: Upcasts | undefined
}

/** What is the same in every log: how an append is checked and decided, and how an event is presented. */
export interface LogRules {
  /** Refuses what cannot be stored; nothing is looked up yet. */
  readonly prepare: (writes: readonly Write[]) => readonly PreparedWrite[]
  /** The answer to an append, and what has to be written before it is given; throws the refusal. Changes nothing. */
  readonly decide: (writes: readonly PreparedWrite[], view: LogView) => Decision
  /** An event as readers get it. */
  readonly present: (stored: StoredEvent) => RecordedEvent
}

/** `where` names the log in errors: a path, a table. */
export function createLogRules(where: string, options: CommonLogOptions = {}): LogRules {
  const { clock = systemClock } = options
  const shapes = createShapes(options.upcasts)
  const nextSalt = createSalts(options.random)
  const present = (stored: StoredEvent) => toRecorded(stored, shapes, where)
  const now = instants(clock)
  const stamp: Stamp = {
    nextSalt,
    shapes,
    present,
    get recordedAt() {
      return now()
    },
  }
  return { prepare, decide: (writes, view) => decide(writes, view, stamp), present }
}

/** The clock's time as text; many appends share a millisecond. */
function instants(clock: Clock): () => string {
  let last = Number.NaN
  let text = ''
  return () => {
    const time = clock.now()
    if (time !== last) {
      last = time
      text = new Date(time).toISOString()
    }
    return text
  }
}
