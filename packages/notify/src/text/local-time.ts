import { InvalidInput } from '@firebreak/core'

/** `en-US` knows American abbreviations (EST), `en-GB` European ones (CET); what neither knows is an offset (GMT+5:30). */
const locales = ['en-GB', 'en-US', 'en-AU'] as const

const formatters = new Map<string, Intl.DateTimeFormat>()

function formatter(locale: string, timeZone: string): Intl.DateTimeFormat {
  const key = `${locale} ${timeZone}`
  const known = formatters.get(key)
  if (known !== undefined) return known
  const made = new Intl.DateTimeFormat(locale, {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'short',
  })
  formatters.set(key, made)
  return made
}

interface Local {
  readonly date: string
  readonly minutes: string
  readonly seconds: string
  readonly zone: string
}

function localOf(at: number, timeZone: string): Local {
  const all = locales.map((locale) => partsOf(at, locale, timeZone))
  const first = all[0]!
  const zone = all.find((parts) => !/^(GMT|UTC)[+-]/.test(parts['timeZoneName'] ?? ''))?.['timeZoneName']
  const { year, month, day, hour, minute, second, timeZoneName } = first
  return {
    date: `${year}-${month}-${day}`,
    minutes: `${hour}:${minute}`,
    seconds: `${hour}:${minute}:${second}`,
    zone: zone ?? timeZoneName ?? timeZone,
  }
}

function partsOf(at: number, locale: string, timeZone: string): Record<string, string> {
  return Object.fromEntries(
    formatter(locale, timeZone)
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  )
}

/** `2026-11-23 03:02:10 CET`. */
export function formatInstant(at: number, timeZone: string): string {
  if (!Number.isFinite(at)) return 'at an unknown time'
  const { date, seconds, zone } = localOf(at, timeZone)
  return `${date} ${seconds} ${zone}`
}

/** `03:02:10 CET`, with the date when it is not today's. Where a thing will happen, the seconds count. */
export function formatTime(at: number, timeZone: string, today?: number): string {
  if (!Number.isFinite(at)) return 'at an unknown time'
  const { date, seconds, zone } = localOf(at, timeZone)
  const elsewhere = today !== undefined && localOf(today, timeZone).date !== date
  return `${elsewhere ? `${date} ` : ''}${seconds} ${zone}`
}

/** `03:02 CET`. */
export function formatMinute(at: number, timeZone: string): string {
  if (!Number.isFinite(at)) return 'an unknown time'
  const { minutes, zone } = localOf(at, timeZone)
  return `${minutes} ${zone}`
}

/** Refuses a zone that this machine does not know. */
export function checkTimeZone(timeZone: string): string {
  try {
    formatter('en-GB', timeZone)
    return timeZone
  } catch {
    throw new InvalidInput(
      'timeZone',
      `${JSON.stringify(timeZone.slice(0, 60))} is not a time zone; use an IANA name such as 'Europe/Berlin'`,
    )
  }
}
