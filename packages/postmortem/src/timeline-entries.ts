import { InvalidInput, type RecordedEvent } from '@firebreak/core'
import { formatLocal } from '@firebreak/core/calendar'
import { said } from './said.ts'
import { summarizeEvent } from './summaries/index.ts'

export interface TimelineOptions {
  /** IANA name; times within sentences are told in it. Default 'UTC'. */
  readonly timeZone?: string | undefined
}

export interface TimelineEntry {
  /** RFC 3339, UTC: when it happened. */
  readonly at: string
  readonly type: string
  /** One line of plain text, cleaned; escape it for where it is shown. */
  readonly summary: string
  readonly id: string
  readonly stream: string
  readonly version: number
  readonly actor: string
}

/** The events in the order in which they happened, each in one sentence. Every event is there, also of unknown type. */
export function timelineEntries(
  events: Iterable<RecordedEvent>,
  options: TimelineOptions = {},
): readonly TimelineEntry[] {
  const { timeZone = 'UTC' } = options
  const telling = { time: (at: unknown) => localTime(at, timeZone) }
  return readEvents(events).map((event) => ({
    at: event.at,
    type: said(event.type, 80),
    summary: summarizeEvent(event, telling),
    id: event.id,
    stream: event.stream,
    version: event.version,
    actor: said(event.actor, 80),
  }))
}

/**
 * By time; at the same time as they were recorded. What no log would give (events without data, not of ours) is made
 * harmless here, once, so that a broken event is shown instead of costing the document.
 */
export function readEvents(events: Iterable<RecordedEvent>): readonly RecordedEvent[] {
  if (typeof events !== 'object' || events === null || !(Symbol.iterator in events))
    throw new InvalidInput(
      'events',
      'is no list of events; read a stream first: await Array.fromAsync(log.read(stream))',
    )
  return Array.from(events, readEvent).sort((left, right) => momentOf(left) - momentOf(right))
}

function readEvent(event: RecordedEvent, index: number): RecordedEvent {
  if (typeof event !== 'object' || event === null || typeof event.type !== 'string')
    throw new InvalidInput(`events[${index}]`, 'is no recorded event')
  const { data } = event
  return typeof data === 'object' && data !== null ? event : { ...event, data: {} }
}

function momentOf({ at, recordedAt }: RecordedEvent): number {
  return instant(at) || instant(recordedAt)
}

/** Milliseconds since the epoch; 0 for what is no time. */
export function instant(at: unknown): number {
  return typeof at === 'string' ? Date.parse(at) || 0 : 0
}

export function localTime(at: unknown, timeZone: string, date = false): string {
  const time = typeof at === 'string' ? Date.parse(at) : Number.NaN
  return Number.isNaN(time) ? 'unknown' : formatLocal(time, timeZone, { date })
}
