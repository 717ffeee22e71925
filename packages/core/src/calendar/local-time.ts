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

/** What a wall shows in a zone, during a quarter of an hour that begins with the clock: no zone changes within one. */
interface Wall {
  /** Ahead of UTC, in milliseconds. */
  readonly offsetMs: number
  readonly name: string
}

const quarterMs = 15 * 60_000
/** Asking costs more than all the rest of a page: what was said of a quarter is kept, a few hundred of them a zone. */
const walls = new Map<string, Map<number, Wall>>()
const mostWalls = 512

function wallOf(at: number, timeZone: string): Wall {
  const quarter = Math.floor(at / quarterMs)
  let ofZone = walls.get(timeZone)
  const known = ofZone?.get(quarter)
  if (known !== undefined) return known
  const offsetMs = Date.parse(`${askedAt(at, timeZone)}Z`) - Math.floor(at / 1_000) * 1_000
  const wall: Wall = { offsetMs, name: zoneName(at, timeZone) }
  if (ofZone === undefined || ofZone.size >= mostWalls) walls.set(timeZone, (ofZone = new Map()))
  ofZone.set(quarter, wall)
  return wall
}

/** `2026-11-23T03:03:45`. */
function askedAt(at: number, timeZone: string): string {
  const { year = '', month = '', day = '', hour = '', minute = '', second = '' } = partsOf(at, timeZone)
  return `${year}-${month}-${day}T${hour}:${minute}:${second}`
}

/** Beyond these a year is not written with four digits. */
const earliest = Date.parse('0001-01-02T00:00:00Z')
const latest = Date.parse('9999-12-30T00:00:00Z')

function shownAt(
  at: number,
  timeZone: string,
): { readonly date: string; readonly time: string; readonly name: string } {
  const usual = at >= earliest && at <= latest
  const wall = usual ? wallOf(at, timeZone) : undefined
  const shown = wall === undefined ? askedAt(at, timeZone) : new Date(at + wall.offsetMs).toISOString()
  const middle = shown.indexOf('T')
  return {
    date: shown.slice(0, middle),
    time: shown.slice(middle + 1, middle + 9),
    name: wall?.name ?? zoneName(at, timeZone),
  }
}

/** The local date of an instant, `2026-11-23`. */
export function localDate(at: number, timeZone: string): string {
  return shownAt(at, timeZone).date
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
  const { date, time, name } = shownAt(at, timeZone)
  return `${options.date === true ? `${date} ` : ''}${options.seconds === false ? time.slice(0, 5) : time} ${name}`
}

function zoneName(at: number, timeZone: string): string {
  const names = locales.map((locale) => partsOf(at, timeZone, locale)['timeZoneName'] ?? '')
  return names.find((name) => !/[+−-]\d/.test(name)) ?? (names[0] ?? '').replace('GMT', 'UTC')
}
