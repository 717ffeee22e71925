import { Temporal } from 'temporal-polyfill'
import { InvalidInput } from '../errors.ts'

/** When people work: a time zone, business days and hours, holidays. Plain data; make it with `defineCalendar`. */
export interface BusinessCalendar {
  /** IANA: 'Europe/Berlin'. */
  readonly timeZone: string
  /** ISO weekdays, 1 = Monday … 7 = Sunday. */
  readonly days: readonly number[]
  /** Local wall time, `HH:MM`. */
  readonly from: string
  /** Local wall time, exclusive, later than `from`; `24:00` is the end of the day. */
  readonly until: string
  /** Local dates, `2026-12-25`. */
  readonly holidays: readonly string[]
}

/** Checks a calendar and fills it up: Monday to Friday, 9 to 17, no holidays. Throws `INVALID_INPUT` that names the field. */
export function defineCalendar(
  calendar: Pick<BusinessCalendar, 'timeZone'> & {
    readonly days?: readonly number[] | undefined
    readonly from?: string | undefined
    readonly until?: string | undefined
    readonly holidays?: readonly string[] | undefined
  },
): BusinessCalendar {
  const { timeZone, days = [1, 2, 3, 4, 5], from = '09:00', until = '17:00', holidays = [] } = calendar
  assertTimeZone(timeZone)
  if (!Array.isArray(days) || days.length === 0)
    throw new InvalidInput('days', 'is empty: give at least one weekday, 1 = Monday … 7 = Sunday')
  for (const [index, day] of days.entries())
    if (!Number.isInteger(day) || day < 1 || day > 7)
      throw new InvalidInput(`days[${index}]`, `${String(day)} is no weekday: 1 = Monday … 7 = Sunday`)
  if (minuteOfDay(from, 'from') >= minuteOfDay(until, 'until'))
    throw new InvalidInput(
      'until',
      `${until} is not later than ${from}: hours end on the day they begin (24:00 at the latest)`,
    )
  for (const [index, holiday] of holidays.entries()) assertDate(holiday, `holidays[${index}]`)
  return Object.freeze({
    timeZone,
    days: Object.freeze([...new Set(days)].sort((left, right) => left - right)),
    from,
    until,
    holidays: Object.freeze([...new Set(holidays)].sort()),
  })
}

/** Minutes since local midnight; 1440 for `24:00`. */
export function minuteOfDay(time: string, field: string): number {
  const match = /^(\d\d):(\d\d)$/.exec(time)
  const minutes = Number(match?.[1]) * 60 + Number(match?.[2])
  if (match === null || Number(match[2]) > 59 || minutes > 24 * 60)
    throw new InvalidInput(field, `${String(time)} is no time of day: write HH:MM, from 00:00 to 24:00`)
  return minutes
}

export function assertTimeZone(timeZone: string): void {
  try {
    if (
      typeof timeZone === 'string' &&
      timeZone !== '' &&
      Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(timeZone).timeZoneId !== ''
    )
      return
  } catch {
    // said below, with the field's name
  }
  throw new InvalidInput('timeZone', `${String(timeZone)} is no time zone: give an IANA name such as Europe/Berlin`)
}

function assertDate(date: string, field: string): void {
  try {
    if (/^\d{4}-\d\d-\d\d$/.test(date)) return void Temporal.PlainDate.from(date, { overflow: 'reject' })
  } catch {
    // said below, with the field's name
  }
  throw new InvalidInput(field, `${String(date)} is no date: write YYYY-MM-DD`)
}
