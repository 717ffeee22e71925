import { isEvent, type RecordedEvent, type Severity, type StreamId } from '@firebreak/core'
import { countPages, type PageCounts } from './count-pages.ts'
import { type Stamp, stampsOf } from './stamps.ts'
import { instant, readEvents } from './timeline-entries.ts'
import { timeInSeverity, unacknowledgedMs } from './time-in-severity.ts'

export type MeasureName = 'detect' | 'page' | 'acknowledge' | 'mitigate' | 'verify' | 'resolve'

/** One duration, the rule by which it was taken, and the event that it ends with. */
export interface Measure {
  readonly name: MeasureName
  /** Milliseconds from the onset. `null`: not known, or it did not happen; never 0 instead. */
  readonly ms: number | null
  readonly rule: string
  /** RFC 3339. */
  readonly at: string | null
  readonly event: { readonly id: string; readonly version: number } | null
}

export interface IncidentMeasures {
  readonly incident: StreamId
  /** RFC 3339; `null` when nothing says when it began. */
  readonly onsetAt: string | null
  readonly detectMs: number | null
  readonly pageMs: number | null
  readonly acknowledgeMs: number | null
  readonly mitigateMs: number | null
  readonly verifyMs: number | null
  readonly resolveMs: number | null
  /** The six durations with their rules, in the order in which they should happen. */
  readonly measures: readonly Measure[]
  /** Milliseconds at each level: from one assessment to the next, until the resolution or the last event. */
  readonly timeInSeverityMs: Readonly<Record<Severity, number>>
  /** The longest span in which nobody had acknowledged, in milliseconds, from opening to resolution or the last event. */
  readonly unacknowledgedMs: number | null
  readonly pages: PageCounts
  readonly escalations: number
  readonly reopened: number
}

export interface MeasureOptions {
  /** RFC 3339. When the trouble really began, where that is known better than from the log (a drill knows its fault). */
  readonly onsetAt?: string | undefined
}

const rules: Readonly<Record<MeasureName, string>> = {
  detect: 'from the onset to the first firing signal, or to the opening when no signal was recorded',
  page: 'from the onset to the first page that a target took and that wakes; where none wakes, the first that is read',
  acknowledge: 'from the onset to the first acknowledgement',
  mitigate: 'from the onset to the last mitigation that no reopening undid',
  verify: 'from the onset to the last verification that no reopening undid',
  resolve: 'from the onset to the last resolution that no reopening undid',
}

/** How long everything took, each figure with its rule. Pure; events in any order, of one incident. */
export function measureIncident(events: Iterable<RecordedEvent>, options: MeasureOptions = {}): IncidentMeasures {
  const list = readEvents(events)
  const stamps = stampsOf(list)
  const onsetAt = options.onsetAt ?? onsetOf(list)
  const onset = onsetAt === null ? Number.NaN : Date.parse(onsetAt)
  const measure = (name: MeasureName, stamp: Stamp | undefined): Measure => {
    const ms = stamp === undefined ? Number.NaN : stamp.at - onset
    const known = stamp !== undefined && ms >= 0
    return {
      name,
      ms: known ? ms : null,
      rule: ms < 0 ? `${rules[name]}; recorded before the onset` : rules[name],
      at: stamp?.event.at ?? null,
      event: stamp === undefined ? null : { id: stamp.event.id, version: stamp.event.version },
    }
  }
  const measures = [
    measure('detect', stamps.detected),
    measure('page', stamps.paged),
    measure('acknowledge', stamps.acknowledged),
    measure('mitigate', stamps.mitigated),
    measure('verify', stamps.verified),
    measure('resolve', stamps.resolved),
  ] as const
  const [detect, page, acknowledge, mitigate, verify, resolve] = measures
  return {
    incident: incidentOf(list),
    onsetAt: Number.isNaN(onset) ? null : onsetAt,
    detectMs: detect.ms,
    pageMs: page.ms,
    acknowledgeMs: acknowledge.ms,
    mitigateMs: mitigate.ms,
    verifyMs: verify.ms,
    resolveMs: resolve.ms,
    measures,
    timeInSeverityMs: timeInSeverity(list),
    unacknowledgedMs: unacknowledgedMs(list),
    pages: countPages(list),
    escalations: list.filter(({ type }) => type === 'incident.escalated').length,
    reopened: list.filter(({ type }) => type === 'incident.reopened').length,
  }
}

function onsetOf(events: readonly RecordedEvent[]): string | null {
  for (const event of events) {
    if (!isEvent(event, 'incident.opened')) continue
    const { onsetAt } = event.data
    return typeof onsetAt === 'string' && instant(onsetAt) !== 0 ? onsetAt : null
  }
  return null
}

/** The stream of the incident among events that may include a desk's or a service's. */
export function incidentOf(events: readonly RecordedEvent[]): StreamId {
  return events.find(({ stream }) => stream.startsWith('incident/'))?.stream ?? events[0]?.stream ?? ''
}
