import { isEvent, type PositionedEvent, type RecordedEvent } from '@firebreak/core'
import { standardAutomation } from '@firebreak/rollback'
import { at, incidentsOf, streamsOf, when, type Invariant } from './record.ts'
import type { Night } from './night.ts'

const second = 1_000

/** An update that took effect changed what the unit runs. */
export const noRedundantEffect: Invariant = (night) =>
  night.effects
    .filter(({ image, before }) => image === before)
    .map(({ unit, image, at: time }) => `${unit} ran ${image} already when it was updated at ${when(time)}`)

/** Of each attempt of an action there is one performer, and nobody else finishes it. */
export const onePerformer: Invariant = (night) => {
  const wrong: string[] = []
  for (const events of [...streamsOf(night, 'incident/'), ...streamsOf(night, 'desk/')]) {
    const claims = new Map<string, { attempt: number; owner: string; finished: boolean }>()
    for (const event of events) {
      if (isEvent(event, 'action.started')) {
        const { key, attempt, owner } = event.data
        if (claims.get(key)?.attempt === attempt) wrong.push(`${key} attempt ${attempt} was claimed twice`)
        claims.set(key, { attempt, owner, finished: false })
      } else if (isEvent(event, 'action.renewed')) {
        const { key, attempt, owner } = event.data
        const claim = claims.get(key)
        if (claim?.attempt !== attempt || claim.owner !== owner) wrong.push(`${key} was renewed by another`)
      } else if (isEvent(event, 'action.finished')) {
        const claim = claims.get(event.data.key)
        if (claim === undefined) continue
        if (claim.attempt !== event.data.attempt || claim.finished)
          wrong.push(`${event.data.key} attempt ${event.data.attempt} was finished by who did not hold it`)
        claim.finished = true
      }
    }
  }
  return wrong
}

/** The last claim recorded before a write that names its unit. */
function claimBefore(
  night: Night,
  unit: string,
  after: number,
): (PositionedEvent & RecordedEvent<'action.started'>) | undefined {
  return night.events
    .slice(0, after)
    .findLast((event) => isEvent(event, 'action.started') && event.data.key.split('/').includes(unit)) as
    | (PositionedEvent & RecordedEvent<'action.started'>)
    | undefined
}

/** Before a write the log holds the intent, the evidence and the impact. */
export const intentFirst: Invariant = (night) =>
  night.asked.flatMap(({ unit, call, after, at: time }) => {
    const claim = claimBefore(night, unit, after)
    if (claim === undefined) return [`${call} of ${unit} at ${when(time)} without a claim`]
    const recorded = night.events.slice(0, after).filter(({ stream }) => stream === claim.stream)
    return ['evidence.captured', 'impact.estimated']
      .filter((type) => !recorded.some((event) => event.type === type))
      .map((type) => `${call} of ${unit} at ${when(time)} without ${type}`)
  })

/** Nothing is written while a hold is on record. */
export const nothingWhileHeld: Invariant = (night) => {
  const holds = night.events.flatMap((event) => (isEvent(event, 'hold.placed') ? [event] : []))
  return night.asked.flatMap(({ unit, call, after, at: time }) =>
    holds.flatMap((placed) => {
      const lifted = night.events.find(
        (event) => isEvent(event, 'hold.released') && event.data.hold === placed.data.hold,
      )
      const held = Number(placed.position) <= after - 1 && time > at(placed) + second
      const over = lifted !== undefined && Number(lifted.position) <= after
      return held && !over ? [`${call} of ${unit} at ${when(time)}, held since ${when(at(placed))}`] : []
    }),
  )
}

/** Automation begins no more rollbacks than its budget; what a person approved is his. */
export const withinBudget: Invariant = (night) => {
  const { perIncident, perHour } = standardAutomation.budget
  const planned = incidentsOf(night).map(({ incident, events }) => ({
    stream: incident.stream,
    count: events.filter(
      (event) => isEvent(event, 'rollback.planned') && event.data.approval === undefined && began(night, event),
    ).length,
  }))
  const all = planned.reduce((sum, { count }) => sum + count, 0)
  return [
    ...planned.filter(({ count }) => count > perIncident).map(({ stream, count }) => `${count} rollbacks in ${stream}`),
    // A night is shorter than an hour.
    ...(all > perHour ? [`${all} rollbacks in one night`] : []),
  ]
}

/** A plan that wrote nothing spent nothing. */
function began(night: Night, planned: PositionedEvent): boolean {
  const next = night.events.find(
    (event) => event.type === 'rollback.planned' && Number(event.position) > Number(planned.position),
  )
  const until = next === undefined ? Infinity : Number(next.position)
  return night.asked.some(({ call, after }) => call === 'update' && after >= Number(planned.position) && after < until)
}
