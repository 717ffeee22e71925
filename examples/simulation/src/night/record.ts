import { emptyIncident, applyEvent, reduceDesk, type Desk, type Incident, type PositionedEvent } from '@firebreak/core'
import type { Night } from './night.ts'

/** A rule that holds in every night, whatever breaks: gives what broke it, in words. */
export type Invariant = (night: Night) => readonly string[]

export function streamsOf(night: Night, prefix: string): readonly (readonly PositionedEvent[])[] {
  const streams = Map.groupBy(night.events, ({ stream }) => stream)
  return Array.from(streams)
    .filter(([stream]) => stream.startsWith(prefix))
    .map(([, events]) => events)
}

/** Each incident with its events. */
export function incidentsOf(night: Night) {
  return streamsOf(night, 'incident/').map((events) => {
    const incident: Incident = emptyIncident(events[0]?.stream ?? '')
    for (const event of events) applyEvent(incident, event)
    return { incident: incident as Readonly<Incident>, events }
  })
}

export function desksOf(night: Night): readonly { desk: Readonly<Desk>; events: readonly PositionedEvent[] }[] {
  return streamsOf(night, 'desk/').map((events) => ({ desk: reduceDesk(events[0]?.stream ?? '', events), events }))
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
