import {
  emptyIncident,
  applyEvent,
  isEvent,
  reduceDesk,
  type Desk,
  type Incident,
  type PositionedEvent,
} from '@firebreak/core'
import type { Night } from './night.ts'

/** A rule that holds in every night, whatever breaks: gives what broke it, in words. */
export type Invariant = (night: Night) => readonly string[]

type Streams = readonly (readonly PositionedEvent[])[]
type Incidents = readonly { readonly incident: Readonly<Incident>; readonly events: readonly PositionedEvent[] }[]
type Desks = readonly { readonly desk: Readonly<Desk>; readonly events: readonly PositionedEvent[] }[]

/** Every rule reads the same record: it is sorted and folded once. */
function once<T>(make: (night: Night) => T): (night: Night) => T {
  const made = new WeakMap<Night, T>()
  return (night) => {
    const known = made.get(night) ?? make(night)
    made.set(night, known)
    return known
  }
}

const allStreams = once((night) => Map.groupBy(night.events, ({ stream }) => stream))

export function streamsOf(night: Night, prefix: string): Streams {
  return Array.from(allStreams(night))
    .filter(([stream]) => stream.startsWith(prefix))
    .map(([, events]) => events)
}

/** Each incident with its events. */
export const incidentsOf = once((night): Incidents =>
  streamsOf(night, 'incident/').map((events) => {
    const incident: Incident = emptyIncident(events[0]?.stream ?? '')
    for (const event of events) applyEvent(incident, event)
    return { incident, events }
  }),
)

/** What happened between an opening or reopening and the next. */
export interface Round {
  readonly stream: string
  /** Of the whole night: nothing that woke people before can have used up a cap. */
  readonly first: boolean
  readonly events: readonly PositionedEvent[]
}

export const roundsOf = once((night): readonly Round[] => {
  const rounds = incidentsOf(night).flatMap(({ incident: { stream }, events }) => {
    const starts = events.flatMap(({ type }, index) => (index === 0 || type === 'incident.reopened' ? [index] : []))
    return starts.map((start, turn) => ({ stream, events: events.slice(start, starts[turn + 1]) }))
  })
  return rounds
    .toSorted((one, other) => startOf(one) - startOf(other))
    .map((round, index) => ({ ...round, first: index === 0 }))
})

export function startOf({ events }: Pick<Round, 'events'>): number {
  return events[0] === undefined ? 0 : at(events[0])
}

export const desksOf = once((night): Desks =>
  streamsOf(night, 'desk/').map((events) => ({ desk: reduceDesk(events[0]?.stream ?? '', events), events })),
)

/** What each key was sent for, as the desks claimed it. */
export function answersOf(night: Night): ReadonlyMap<string, string> {
  const answers = new Map<string, string>()
  for (const { events } of desksOf(night))
    for (const event of events) {
      if (!isEvent(event, 'action.started')) continue
      const effect = event.data.effect as { requests?: readonly string[]; repeats?: string } | null
      answers.set(effect?.repeats ?? event.data.idempotencyKey, (effect?.requests ?? []).toSorted().join(' '))
    }
  return answers
}

/** The time of the log, in milliseconds. */
export function at(event: { readonly recordedAt: string }): number {
  return Date.parse(event.recordedAt)
}

/** As people say it: minutes and seconds of the night. */
export function when(time: number): string {
  const seconds = Math.round((time - Date.parse('2026-11-23T02:00:00Z')) / 1_000)
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}
