import {
  applyDeskEvent,
  applyEvent,
  applyServiceEvent,
  emptyDesk,
  emptyIncident,
  emptyService,
  FirebreakError,
  sparse,
  type Desk,
  type Incident,
  type IncidentLog,
  type NonEmpty,
  type RecordedEvent,
  type ServiceRecord,
  type StreamId,
  type Write,
} from '@firebreak/core'
import { createMailbox, type Mailbox } from './mailbox.ts'
import type { Rest } from './rest.ts'

export type Folded = Incident | Desk | ServiceRecord

/** A stream that this process follows: its fold, and the mailbox that all its appends go through. */
export interface Followed<State extends Folded = Folded> {
  readonly stream: StreamId
  readonly state: State
  readonly mailbox: Mailbox
  /** Somebody else has written: read the tail before deciding. */
  stale: boolean
  /** Our own appends that the log has not told us of yet. */
  echoes: number
  /** An echo may have hidden another's append: read the tail then. Milliseconds since the epoch. */
  lookAt: number | undefined
  /** The last plan, when it left nothing to do. */
  rest: Rest | undefined
  /** When the parts are to plan again, if nothing happens before; before their first plan at once. Milliseconds since the epoch. */
  planAt: number
  /** When they did last. */
  plannedAt: number
  /** Something that others have appended was read, and has not been planned for. */
  news: boolean
}

export function follow(stream: StreamId): Followed {
  return {
    stream,
    state: sparse(emptyState(stream)),
    mailbox: createMailbox(),
    stale: true,
    echoes: 0,
    lookAt: undefined,
    rest: undefined,
    planAt: 0,
    plannedAt: 0,
    news: false,
  }
}

function emptyState(stream: StreamId): Folded {
  if (stream.startsWith('service/')) return emptyService(stream)
  if (stream.startsWith('desk/')) return emptyDesk(stream)
  return emptyIncident(stream)
}

function applyTo(state: Folded, event: RecordedEvent): void {
  if (state.kind === 'incident') applyEvent(state, event)
  else if (state.kind === 'desk') applyDeskEvent(state, event)
  else applyServiceEvent(state, event)
}

/** Reads what others have appended since. */
export async function refresh(log: IncidentLog, followed: Followed): Promise<void> {
  followed.stale = false
  followed.lookAt = undefined
  try {
    for await (const event of log.read(followed.stream, { from: followed.state.version + 1 })) {
      applyTo(followed.state, event)
      followed.news = true
    }
  } catch (error) {
    // What could not be read is still unread: nobody will tell of it again.
    followed.stale = true
    throw error
  }
}

/** Takes our own appended events into the fold; where others' ignored ones lie between, reads them first. */
export async function absorb(log: IncidentLog, followed: Followed, events: readonly RecordedEvent[]): Promise<void> {
  const first = events[0]
  if (first === undefined) return
  followed.echoes += 1
  if (first.version > followed.state.version + 1) await refresh(log, followed)
  for (const event of events) applyTo(followed.state, event)
}

export function isVersionConflict(error: unknown): boolean {
  return FirebreakError.isInstance(error) && error.code === 'VERSION_CONFLICT'
}

/** What is said under this id was said in other words before. */
export function isIdConflict(error: unknown): boolean {
  return FirebreakError.isInstance(error) && error.code === 'ID_CONFLICT'
}

const refusals: ReadonlySet<string> = new Set(['INVALID_INPUT', 'ID_CONFLICT'])

/** The log refuses this, and not because of its own state: the same again is refused again. */
export function isRefusal(error: unknown): boolean {
  return FirebreakError.isInstance(error) && refusals.has(error.code)
}

export type Writes = NonEmpty<Write>
