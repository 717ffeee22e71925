import { isEvent } from '@firebreak/core'
import type { Night } from './night.ts'
import { answersOf, at, desksOf, roundsOf, startOf, when, type Invariant, type Round } from './record.ts'

const second = 1_000
const minute = 60 * second

const firstWakeMs = 30 * second
/** A process that slept or died leaves a claim behind; a channel that failed is tried again after a while. */
const recoveryMs = 75 * second

/** When something that was due `afterMs` after `since` is late, whatever was broken in between. */
function putOff(night: Night, since: number, afterMs: number, role = 'manager'): number {
  let limit = since + afterMs
  for (const { from, until, only } of night.disturbances.toSorted((one, other) => one.from - other.from)) {
    if (only !== undefined && only !== role) continue
    if (from <= limit && until + recoveryMs > limit && until >= since - recoveryMs) limit = until + recoveryMs
  }
  return limit
}

/** A clock that was set back may date a page before what it tells of. */
const clocksMs = 30 * second

/** Did somebody's telephone ring for this round by then? A page for several rounds names none of them. */
function rang(night: Night, round: Round, role: string, limit: number): boolean {
  return night.arrived.some(
    ({ at: time, page, ...it }) =>
      it.reach === 'wake' &&
      it.role === role &&
      page.kind === 'trigger' &&
      time <= limit &&
      (round.first || (time >= startOf(round) - clocksMs && ['', round.stream].includes(page.incident))),
  )
}

/** A cap so tight that it bites may hold back all but the night's first page. */
const judged = (night: Night) => roundsOf(night).filter(({ first }) => first || !night.story.tightCap)

/** The first P0 after an opening wakes the manager within half a minute of the raise, and of whatever was broken then. */
export const firstWakeInTime: Invariant = (night) =>
  judged(night).flatMap((round) => {
    const { stream, events } = round
    const raised = events.find((event) => isEvent(event, 'incident.assessed') && event.data.severity === 'P0')
    if (raised === undefined) return []
    const limit = putOff(night, at(raised), firstWakeMs)
    if (limit >= night.endedAt) return []
    const needless = events.some(
      (event) =>
        at(event) <= limit &&
        (event.type === 'incident.resolved' ||
          event.type === 'incident.acknowledged' ||
          (isEvent(event, 'incident.assessed') && at(event) > at(raised) && event.data.severity !== 'P0')),
    )
    return needless || rang(night, round, 'manager', limit)
      ? []
      : [`${stream} is P0 since ${when(at(raised))}, nobody woken by ${when(limit)}`]
  })

/** Whatever was to wake somebody has woken him soon after it was due, by one of his telephones. A tight cap may hold it back. */
export const pageInTime: Invariant = (night) => {
  if (night.story.tightCap) return []
  const answers = answersOf(night)
  return desksOf(night).flatMap(({ desk }) =>
    Array.from(desk.pages.values()).flatMap(({ request, requestedAt, withdrawn }) => {
      if (request.kind !== 'trigger' || request.reach !== 'wake' || withdrawn !== undefined) return []
      // A reminder that waited for a mitigation is asked for when that has failed.
      const due = Math.max(Date.parse(request.due), requestedAt)
      // By the first channel alone, the next one's turn comes when nobody answered for a while.
      const { channels } = request.facts as { channels?: string }
      const afterMs = channels === 'first' && night.story.secondPhone ? night.routes.desk.fallBackMs : 0
      const limit = putOff(night, due, firstWakeMs + afterMs, request.to)
      if (limit >= night.endedAt) return []
      const rang = night.arrived.some(
        ({ reach, role, at: time, key }) =>
          reach === 'wake' &&
          role === request.to &&
          time <= limit &&
          answers.get(key)?.split(' ').includes(request.request) === true,
      )
      return rang ? [] : [`${request.request} was due at ${when(due)} and did not ring by ${when(limit)}`]
    }),
  )
}

/** A window of a minute must fill, two looks must agree, and what is on its way is waited for. */
const noticeMs = 2 * minute

/** While users fail there is an incident that is not resolved, whatever was resolved before. */
export const outagesAreOpen: Invariant = (night) =>
  night.outages.flatMap(({ from, until }) =>
    uncovered(from, until, spansOf(night)).flatMap(([since, end]) => {
      const limit = putOff(night, since, noticeMs)
      return limit < Math.min(end, night.endedAt)
        ? [`users fail from ${when(from)} to ${when(until)}, nothing is open from ${when(since)} to ${when(end)}`]
        : []
    }),
  )

/** While an incident is not resolved. */
function spansOf(night: Night): readonly (readonly [number, number])[] {
  return roundsOf(night)
    .map((round): readonly [number, number] => {
      const resolved = round.events.find(({ type }) => type === 'incident.resolved')
      return [startOf(round), resolved === undefined ? Infinity : at(resolved)]
    })
    .toSorted(([one], [other]) => one - other)
}

/** What is left of a span without the others, which come in the order of their beginnings. */
function uncovered(from: number, until: number, spans: readonly (readonly [number, number])[]) {
  const gaps: [number, number][] = []
  let since = from
  for (const [start, end] of spans) {
    if (start > since) gaps.push([since, Math.min(start, until)])
    since = Math.max(since, end)
    if (since >= until) return gaps
  }
  return [...gaps, [since, until] as const]
}

const escalateMs = 5 * minute

/** What ends or pauses a ladder. */
const calms = new Set([
  'incident.acknowledged',
  'incident.mitigated',
  'incident.resolved',
  'rollback.verified',
  'mitigation.finished',
  'severity.pinned',
])

/** A P0 that nobody takes on and nothing mends wakes the engineer after five minutes. */
export const engineerInTime: Invariant = (night) =>
  judged(night).flatMap((round) => {
    const { stream, events } = round
    const raised = events.find((event) => isEvent(event, 'incident.assessed') && event.data.severity === 'P0')
    if (raised === undefined) return []
    const limit = putOff(night, at(raised), escalateMs + firstWakeMs, 'engineer')
    if (limit >= night.endedAt) return []
    const calmed = events.some(
      (event) =>
        at(event) <= limit &&
        (calms.has(event.type) ||
          (isEvent(event, 'incident.assessed') && at(event) > at(raised) && event.data.severity !== 'P0')),
    )
    return calmed || rang(night, round, 'engineer', limit)
      ? []
      : [`${stream} is P0 since ${when(at(raised))}, the engineer not woken by ${when(limit)}`]
  })
