import { assertTimeZone } from './business-calendar.ts'

/** English of several countries: each knows the short names of its own part of the world, and none knows all. */
const locales = ['en-GB', 'en-US', 'en-AU', 'en-CA', 'en-IN', 'en-ZA']
const formats = new Map<string, Intl.DateTimeFormat>()

function formatOf(locale: string, timeZone: string): Intl.DateTimeFormat {
  const key = `${locale} ${timeZone}`
  let format = formats.get(key)
  if (format === undefined) {
    assertTimeZone(timeZone)
    const date = { year: 'numeric', month: '2-digit', day: '2-digit' } as const
    const time = { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' } as const
    format = new Intl.DateTimeFormat(locale, { ...date, ...time, timeZone, timeZoneName: 'short' })
    formats.set(key, format)
  }
  return format
}

function partsOf(at: number, timeZone: string, locale = 'en-GB'): Record<string, string> {
  const parts: Record<string, string> = {}
  for (const { type, value } of formatOf(locale, timeZone).formatToParts(at)) parts[type] = value
  return parts
}

/** The local date of an instant, `2026-11-23`. */
export function localDate(at: number, timeZone: string): string {
  const { year = '', month = '', day = '' } = partsOf(at, timeZone)
  return `${year}-${month}-${day}`
}

/**
 * The local time of an instant as a page prints it: `03:03:45 CET`; `{ seconds: false }` for `03:03 CET`, `{ date: true }`
 * for `2026-11-23 03:03:45 CET`. A zone whose short name nobody knows is printed by its offset: `UTC+5:45`.
 */
export function formatLocal(
  at: number,
  timeZone: string,
  options: { readonly seconds?: boolean | undefined; readonly date?: boolean | undefined } = {},
): string {
  const { hour = '', minute = '', second = '' } = partsOf(at, timeZone)
  const time = options.seconds === false ? `${hour}:${minute}` : `${hour}:${minute}:${second}`
  return `${options.date === true ? `${localDate(at, timeZone)} ` : ''}${time} ${zoneName(at, timeZone)}`
}

/** No zone changes its offset within a quarter of an hour that begins with the clock. */
const quarterMs = 15 * 60_000
/** Asking six countries costs more than all the rest of a page: what they said last is kept, a zone. */
const named = new Map<string, { readonly quarter: number; readonly name: string }>()

function zoneName(at: number, timeZone: string): string {
  const quarter = Math.floor(at / quarterMs)
  const known = named.get(timeZone)
  if (known?.quarter === quarter) return known.name
  const names = locales.map((locale) => partsOf(at, timeZone, locale)['timeZoneName'] ?? '')
  const name = names.find((it) => !/[+−-]\d/.test(it)) ?? (names[0] ?? '').replace('GMT', 'UTC')
  named.set(timeZone, { quarter, name })
  return name
}
