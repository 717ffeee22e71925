import { formatLocal, localDate } from '@firebreak/core/calendar'

const unknown = 'an unknown time'

/** Instants beyond these cannot be written down. */
export function isInstant(at: number): boolean {
  return Math.abs(at) <= 8.64e15
}

/** `2026-11-23 03:02:10 CET`. */
export function formatInstant(at: number, timeZone: string): string {
  return isInstant(at) ? formatLocal(at, timeZone, { date: true }) : unknown
}

/** `03:02:10 CET`, with the date when it is another day's. Where a thing will happen, the seconds count. */
export function formatTime(at: number, timeZone: string, today?: number): string {
  if (!isInstant(at)) return unknown
  const elsewhere = today !== undefined && localDate(today, timeZone) !== localDate(at, timeZone)
  return formatLocal(at, timeZone, { date: elsewhere })
}

/** `03:02 CET`. */
export function formatMinute(at: number, timeZone: string): string {
  return isInstant(at) ? formatLocal(at, timeZone, { seconds: false }) : unknown
}

/** Refuses a zone that this machine does not know. */
export function checkTimeZone(timeZone: string): string {
  formatLocal(0, timeZone)
  return timeZone
}
