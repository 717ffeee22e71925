import { IntakeRefused } from './intake-refused.ts'
import type { IntakeLimits } from './limits.ts'

const quote = 0x22
const comma = 0x2c
const backslash = 0x5c
const openBracket = 0x5b
const closeBracket = 0x5d
const openBrace = 0x7b
const closeBrace = 0x7d

/** Values per alert that a body may hold on average; a rich alert has about 40. */
const valuesPerAlert = 200
const spareValues = 10_000

/**
 * One pass over the bytes before anything is built from them: depth, alerts in the list, values in all. Whether it is JSON
 * at all is for the parser. Every byte of structure is ASCII, so UTF-8 need not be decoded for it.
 */
export function scanJson(bytes: Uint8Array, { maxDepth, maxAlerts }: IntakeLimits): void {
  const commas = new Int32Array(maxDepth + 1)
  const maxValues = spareValues + maxAlerts * valuesPerAlert
  const inList: boolean[] = []
  let depth = 0
  let values = 0
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at]
    if (byte === quote) {
      at = endOfString(bytes, at)
    } else if (byte === comma) {
      values += 1
      commas[depth] = (commas[depth] ?? 0) + 1
      // The alerts are the body itself, or a list in its first level.
      if (depth <= 2 && inList[depth] === true && (commas[depth] ?? 0) >= maxAlerts)
        throw new IntakeRefused('BODY_TOO_COMPLEX', 'alerts', `are more than ${maxAlerts}: send fewer in one body`)
    } else if (byte === openBracket || byte === openBrace) {
      depth += 1
      values += 1
      if (depth > maxDepth)
        throw new IntakeRefused('BODY_TOO_COMPLEX', 'body', `is nested more than ${maxDepth} levels deep`)
      inList[depth] = byte === openBracket
      commas[depth] = 0
    } else if (byte === closeBracket || byte === closeBrace) {
      depth = Math.max(0, depth - 1)
    }
  }
  if (values > maxValues) throw new IntakeRefused('BODY_TOO_COMPLEX', 'body', `holds more than ${maxValues} values`)
}

/** The closing quote, or the end of the bytes. */
function endOfString(bytes: Uint8Array, start: number): number {
  for (let at = start + 1; ; at += 1) {
    const byte = bytes[at]
    if (byte === quote || byte === undefined) return at
    if (byte === backslash) at += 1
  }
}
