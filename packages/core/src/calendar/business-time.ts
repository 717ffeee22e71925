import { Temporal } from 'temporal-polyfill'
import { InvalidInput } from '../errors.ts'
import { minuteOfDay, type BusinessCalendar } from './business-calendar.ts'

/** A stretch of business time, milliseconds since the epoch; `until` is exclusive. */
interface Span {
  readonly from: number
  readonly until: number
}

/** Beyond this many days without an end the calendar and the duration do not fit each other. */
const longestSearch = 20 * 366

/** Is this instant in business hours? An instant counts by what a clock on the wall shows then. */
export function isBusinessTime(at: number, calendar: BusinessCalendar): boolean {
  return spansOf(dateAt(at, calendar), calendar).some(({ from, until }) => from <= at && at < until)
}

/** The instant itself when it is business time, else the next opening. Milliseconds since the epoch. */
export function nextBusinessTime(at: number, calendar: BusinessCalendar): number {
  for (const { from, until } of spansFrom(at, calendar)) if (at < until) return Math.max(at, from)
  throw neverOpen(calendar)
}

/**
 * The instant by which so much business time has passed since `at`. Counts real time elapsed within business hours, so that
 * a day on which the clock changes within them is an hour shorter or longer. A result may be the end of a business day.
 */
export function addBusinessTime(at: number, durationMs: number, calendar: BusinessCalendar): number {
  if (!Number.isFinite(durationMs) || durationMs < 0)
    throw new InvalidInput('durationMs', `${durationMs} is no duration: give milliseconds, 0 or more`)
  if (durationMs === 0) return nextBusinessTime(at, calendar)
  const known = added.get(calendar)
  if (known?.at === at && known.durationMs === durationMs) return known.end
  const end = endOf(at, durationMs, calendar)
  added.set(calendar, { at, durationMs, end })
  return end
}

/** A plan asks for the same deadline again and again. */
const added = new WeakMap<
  BusinessCalendar,
  { readonly at: number; readonly durationMs: number; readonly end: number }
>()

function endOf(at: number, durationMs: number, calendar: BusinessCalendar): number {
  let left = durationMs
  for (const { from, until } of spansFrom(at, calendar)) {
    const begin = Math.max(at, from)
    if (begin >= until) continue
    if (left <= until - begin) return begin + left
    left -= until - begin
  }
  throw neverOpen(calendar)
}

function* spansFrom(at: number, calendar: BusinessCalendar): Generator<Span> {
  const first = dateAt(at, calendar)
  for (let day = 0; day <= longestSearch; day += 1) yield* spansOf(first.add({ days: day }), calendar)
}

function dateAt(at: number, { timeZone }: BusinessCalendar): Temporal.PlainDate {
  if (!Number.isFinite(at)) throw new InvalidInput('at', `${at} is no instant: give milliseconds since the epoch`)
  return Temporal.Instant.fromEpochMilliseconds(Math.floor(at)).toZonedDateTimeISO(timeZone).toPlainDate()
}

/** The business time of one local date: one stretch, or more where the clock is set in the middle of it. */
function spansOf(date: Temporal.PlainDate, calendar: BusinessCalendar): readonly Span[] {
  if (!calendar.days.includes(date.dayOfWeek) || calendar.holidays.includes(date.toString())) return []
  const opens = minuteOfDay(calendar.from, 'from') * 60_000
  const closes = minuteOfDay(calendar.until, 'until') * 60_000
  const midnight = Date.parse(`${date.toString()}T00:00:00Z`)
  const end = date.add({ days: 1 }).toZonedDateTime(calendar.timeZone).epochMilliseconds
  const spans: Span[] = []
  for (let part = date.toZonedDateTime(calendar.timeZone); part.epochMilliseconds < end;) {
    const next = part.getTimeZoneTransition('next')
    const offset = part.offsetNanoseconds / 1_000_000
    const from = Math.max(part.epochMilliseconds, midnight + opens - offset)
    const until = Math.min(end, next?.epochMilliseconds ?? end, midnight + closes - offset)
    if (from < until) spans.push({ from, until })
    if (next === null) break
    part = next
  }
  return spans
}

function neverOpen({ timeZone, days, from, until }: BusinessCalendar): InvalidInput {
  return new InvalidInput(
    'durationMs',
    `does not end within 20 years of business hours (days ${days.join(',')}, ${from}–${until} ${timeZone})`,
  )
}
