/** When people work: a time zone, business days and hours, holidays. */
export interface BusinessCalendar {
  /** IANA: 'Europe/Berlin'. */
  readonly timeZone: string
  /** ISO weekdays, 1 = Monday … 7 = Sunday. */
  readonly days: readonly number[]
  /** Local wall time, `HH:MM`. */
  readonly from: string
  readonly until: string
  /** Local dates, `2026-12-25`. */
  readonly holidays: readonly string[]
}
