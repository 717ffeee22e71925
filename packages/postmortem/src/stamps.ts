import { type DataOf, isEvent, type RecordedEvent } from '@firebreak/core'
import { readEvents, instant } from './timeline-entries.ts'

/** A moment of the incident and the event that says so. */
export interface Stamp {
  readonly at: number
  readonly event: RecordedEvent
}

/** The moments that the durations are measured to. What did not happen, or was undone by a reopening, is absent. */
export interface Stamps {
  readonly opened?: Stamp
  readonly detected?: Stamp
  readonly paged?: Stamp
  readonly acknowledged?: Stamp
  readonly mitigated?: Stamp
  readonly verified?: Stamp
  readonly resolved?: Stamp
}

type Moment = keyof Stamps

/** The first of these counts; of the others the last one that no reopening undid. */
const firsts: ReadonlySet<Moment> = new Set(['opened', 'detected', 'acknowledged'])

export function stampsOf(events: Iterable<RecordedEvent>): Stamps {
  const stamps: { [Each in Moment]?: Stamp } = {}
  for (const event of readEvents(events)) {
    if (event.type === 'incident.reopened') {
      delete stamps.mitigated
      delete stamps.verified
      delete stamps.resolved
    }
    const moment = momentOf(event)
    if (moment === undefined || (firsts.has(moment) && stamps[moment] !== undefined)) continue
    if (moment === 'paged' && !reachesFurther(event, stamps.paged?.event)) continue
    stamps[moment] = { at: instant(event.at), event }
  }
  const detected = stamps.detected ?? stamps.opened
  return detected === undefined ? stamps : { ...stamps, detected }
}

function momentOf(event: RecordedEvent): Moment | undefined {
  if (isEvent(event, 'signal.observed')) return fires(event.data) ? 'detected' : undefined
  if (isEvent(event, 'mitigation.finished')) return event.data.outcome === 'verified' ? 'verified' : undefined
  if (isEvent(event, 'page.sent')) return event.data.reach === 'record' ? undefined : 'paged'
  return moments[event.type]
}

function fires(data: DataOf<'signal.observed'>): boolean {
  const also = Array.isArray(data.also) ? data.also : []
  return [data, ...also].some(({ status }) => status !== 'resolved')
}

const moments: Readonly<Partial<Record<string, Moment>>> = {
  'incident.opened': 'opened',
  'incident.acknowledged': 'acknowledged',
  'incident.mitigated': 'mitigated',
  'rollback.verified': 'verified',
  'incident.resolved': 'resolved',
}

/** A page that wakes takes the place of an earlier one that was only to be read. */
function reachesFurther(event: RecordedEvent, before: RecordedEvent | undefined): boolean {
  return before === undefined || (wakes(event) && !wakes(before))
}

function wakes(event: RecordedEvent): boolean {
  return isEvent(event, 'page.sent') && event.data.reach === 'wake'
}
