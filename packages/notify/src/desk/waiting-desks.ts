import { deskStream, type StreamId } from '@firebreak/core'
import { nextBusinessTime, type BusinessCalendar } from '@firebreak/core/calendar'

const dayMs = 24 * 60 * 60_000
/** What was due while nobody ran, over a weekend too, is sent late rather than never. What is older is on record only. */
const daysBack = 3

/**
 * The desks where something may wait at `now`, though every incident that it is about be over: of the last days, and of the day
 * on which a digest may be due. That is within a day, or at an opening after a time without business, and such a time has begun
 * now or within a day.
 */
export function waitingDesks(roles: Iterable<string>, calendar: BusinessCalendar, now: number): readonly StreamId[] {
  const tomorrow = now + dayMs
  const times = [now, tomorrow, nextBusinessTime(now, calendar), nextBusinessTime(tomorrow, calendar)]
  for (let days = 1; days <= daysBack; days += 1) times.push(now - days * dayMs)
  const desks = Array.from(roles).flatMap((role) => times.map((at) => deskStream(role, at)))
  return Array.from(new Set(desks))
}
