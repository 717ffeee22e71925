import { addBusinessTime, isBusinessTime, nextBusinessTime, type BusinessCalendar } from '@firebreak/core/calendar'
import type { RouteStep } from '../routes/routes.ts'
import { timeOn, type Pause } from './pauses.ts'

const hour = 3_600_000

/** When a step of a ladder that began at `start` is due, in milliseconds since the epoch. */
export function dueOf(
  { afterMs, afterOpeningMs, afterBusinessMs, digest }: RouteStep,
  {
    start,
    openedAt,
    pauses,
    calendar,
  }: { start: number; openedAt: number; pauses: readonly Pause[]; calendar: BusinessCalendar },
): number {
  if (digest === true) return nextOpening(start, calendar)
  if (afterBusinessMs !== undefined) return addBusinessTime(start, afterBusinessMs, calendar)
  // Figures climb through the lower levels: raised within so long of the opening, the opening is not over.
  const opens = afterOpeningMs !== undefined && start - openedAt < afterOpeningMs
  return timeOn(start, opens ? Math.max(afterMs, afterOpeningMs) : afterMs, pauses)
}

/** The next time business opens after `at`; a calendar that never closes opens every 24 hours. */
function nextOpening(at: number, calendar: BusinessCalendar): number {
  for (let hours = 0; hours < 24; hours += 1) {
    const later = at + hours * hour
    if (!isBusinessTime(later, calendar)) return nextBusinessTime(later, calendar)
  }
  return at + 24 * hour
}
