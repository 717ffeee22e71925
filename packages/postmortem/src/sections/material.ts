import { isEvent, type RecordedEvent, severities, type Severity, worst } from '@firebreak/core'
import { type IncidentMeasures, measureIncident, type MeasureOptions, incidentOf } from '../measure-incident.ts'
import { said } from '../said.ts'
import { type Stamps, stampsOf } from '../stamps.ts'
import { summarizeEvent } from '../summaries/index.ts'
import { localTime, readEvents } from '../timeline-entries.ts'

/** What every section is written from, worked out once. */
export interface Material {
  readonly events: readonly RecordedEvent[]
  readonly measures: IncidentMeasures
  readonly stamps: Stamps
  readonly service: string
  readonly code: string
  readonly incident: string
  readonly worst: string
  readonly status: string
  readonly timeZone: string
  readonly said: {
    readonly time: (at: unknown) => string
    readonly event: (event: RecordedEvent) => string
    readonly all: (type: string) => readonly RecordedEvent[]
  }
}

export function materialOf(input: Iterable<RecordedEvent>, timeZone: string, options: MeasureOptions): Material {
  const events = readEvents(input)
  const stream = incidentOf(events)
  const opened = events.find((event) => isEvent(event, 'incident.opened'))
  const stamps = stampsOf(events)
  const telling = { time: (at: unknown) => localTime(at, timeZone, true) }
  return {
    events,
    measures: measureIncident(events, options),
    stamps,
    service: said(opened?.data.service ?? stream.split('/')[1]),
    code: said(opened?.data.code ?? stream.split('/').at(-1)),
    incident: stream,
    worst: worstOf(events) ?? 'no level',
    status: statusOf(stamps),
    timeZone,
    said: {
      time: telling.time,
      event: (event) => summarizeEvent(event, { time: (at) => localTime(at, timeZone) }),
      all: (type) => events.filter((event) => event.type === type),
    },
  }
}

function worstOf(events: readonly RecordedEvent[]): Severity | null {
  return events.reduce<Severity | null>((level, event) => {
    if (!isEvent(event, 'incident.assessed')) return level
    return worst(level, severities.find((known) => known === event.data.severity) ?? null)
  }, null)
}

function statusOf({ resolved, mitigated }: Stamps): string {
  if (resolved !== undefined) return 'resolved'
  return mitigated === undefined ? 'open' : 'mitigated'
}
