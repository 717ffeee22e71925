import { isEvent, type RecordedEvent, severities, type Severity } from '@firebreak/core'
import { readEvents, instant } from './timeline-entries.ts'

/** Milliseconds spent at each level, from one assessment to the next; nothing counts while it is resolved. */
export function timeInSeverity(events: Iterable<RecordedEvent>): Record<Severity, number> {
  const spent: Record<Severity, number> = { P0: 0, P1: 0, P2: 0, P3: 0 }
  for (const { severity, from, until } of severitySpans(events)) spent[severity] += until - from
  return spent
}

export interface SeveritySpan {
  readonly severity: Severity
  readonly from: number
  readonly until: number
}

export function severitySpans(events: Iterable<RecordedEvent>): readonly SeveritySpan[] {
  const spans: SeveritySpan[] = []
  let severity: Severity | null = null
  let open = true
  let since = 0
  let last = 0
  const close = (until: number) => {
    if (open && severity !== null && until > since) spans.push({ severity, from: since, until })
    since = until
  }
  for (const event of readEvents(events)) {
    last = instant(event.at)
    if (isEvent(event, 'incident.assessed')) {
      close(last)
      severity = severities.find((level) => level === event.data.severity) ?? null
    } else if (event.type === 'incident.resolved') {
      close(last)
      open = false
    } else if (event.type === 'incident.reopened') {
      since = last
      open = true
    }
  }
  close(last)
  return spans
}

/** The longest span without an acknowledgement between opening and resolution. `null` when it was never opened. */
export function unacknowledgedMs(events: Iterable<RecordedEvent>): number | null {
  let longest: number | null = null
  let waitingSince: number | undefined
  let last = 0
  const end = (at: number) => {
    if (waitingSince !== undefined) longest = Math.max(longest ?? 0, at - waitingSince)
    waitingSince = undefined
  }
  for (const event of readEvents(events)) {
    last = instant(event.at)
    if (begins.has(event.type)) waitingSince ??= last
    else if (ends.has(event.type)) end(last)
  }
  end(last)
  return longest
}

const begins = new Set(['incident.opened', 'incident.acknowledgementLapsed', 'incident.reopened'])
const ends = new Set(['incident.acknowledged', 'incident.resolved'])
