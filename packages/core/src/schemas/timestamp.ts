import * as z from 'zod'

const rfc3339 = /^(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d):(\d\d)(\.\d{1,12})?([Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/

/** Milliseconds since the epoch of an RFC 3339 timestamp, or `undefined`. A leap second counts as the second before it. */
export function parseTimestamp(text: string): number | undefined {
  const match = rfc3339.exec(text)
  if (match === null) return undefined
  const [, date = '', minutes = '', seconds = '', fraction = '', zone = ''] = match
  const at = Date.parse(
    `${date}T${minutes}:${seconds === '60' ? '59' : seconds}${fraction.slice(0, 4)}${zone.toUpperCase()}`,
  )
  // The 30th of February is read as a day of March by some; the day must be the one that was written.
  const day = Date.parse(`${date}T00:00:00Z`)
  const real = !Number.isNaN(at) && !Number.isNaN(day) && new Date(day).toISOString().startsWith(date)
  return real ? at : undefined
}

/** RFC 3339 with a zone, in any offset and precision. Not changed: use `parseTimestamp` for the instant. */
export const timestampSchema: z.ZodType<string> = z
  .string()
  .max(64)
  .refine((text) => parseTimestamp(text) !== undefined, 'is no RFC 3339 timestamp: write 2026-11-23T02:00:00Z')
