import { compareSeverity, isEvent, linkOf, severities, verifyChain, type Severity } from '@firebreak/core'
import { settleMs } from './night.ts'
import { at, incidentsOf, streamsOf, when, type Invariant } from './record.ts'

/** Every stream's hash chain holds. */
export const chainVerifies: Invariant = (night) =>
  streamsOf(night, '').flatMap((events) => {
    const verdict = verifyChain(events.map(linkOf))
    return verdict.ok ? [] : [`${events[0]?.stream} at ${verdict.version}: ${verdict.why}`]
  })

/** Calm must have lasted this long before a level is lowered, a little less for clocks that jump. */
const calmMs = 100_000

/** A level falls one step at a time, after two calm minutes, with its reasons on record. */
export const severityNeverFallsSilently: Invariant = (night) =>
  incidentsOf(night).flatMap(({ events }) => {
    let level: Severity | null = null
    let changedAt = 0
    return events.flatMap((event) => {
      if (isEvent(event, 'incident.reopened')) level = null
      if (!isEvent(event, 'incident.assessed')) return []
      const { severity, reasons } = event.data
      const before = level
      const since = changedAt
      level = severity
      changedAt = at(event)
      if (before === null || compareSeverity(severity, before) <= 0) return []
      const steps = severities.indexOf(severity) - severities.indexOf(before)
      const fell = `from ${before} to ${severity} at ${when(at(event))}`
      if (at(event) - since < calmMs) return [`${fell}, ${at(event) - since} ms after the last change`]
      // More than one step is a lowering to what the figures say at that moment, and they are its reasons.
      return steps > 1 && reasons.length === 0 ? [`${fell} without a reason`] : []
    })
  })

/** After the last fault everything comes to rest. */
export const everythingEnds: Invariant = (night) => {
  if (night.endedAt < night.calmAt + settleMs) return []
  return incidentsOf(night)
    .filter(({ incident }) => incident.status !== 'resolved')
    .map(
      ({ incident }) =>
        `${incident.stream} is still ${incident.status} ${incident.severity ?? ''} at ${when(night.endedAt)}`,
    )
}

/** The loop sleeps between what is due. */
export const theLoopRests: Invariant = ({ restlessSince }) =>
  restlessSince === undefined ? [] : [`the loop spins since ${when(restlessSince)}`]
