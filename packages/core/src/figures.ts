/**
 * Rounds for reading: whole from 10 on, one digit below, or as many as it takes not to look equal to what it is compared
 * with. 0.50001 against 0.5 is "50.001 %", because "50 % is over 50 %" helps nobody.
 */
export function formatNumber(value: number, against?: number): string {
  for (let digits = Math.abs(value) >= 10 ? 0 : 1; digits <= 12; digits += 1) {
    const rounded = Number(value.toFixed(digits))
    const misleading = against !== undefined && Math.sign(rounded - against) !== Math.sign(value - against)
    if (!misleading && (rounded !== 0 || value === 0)) return String(rounded)
  }
  return String(value)
}

/** A ratio as "61 %"; `against` as in `formatNumber`. */
export function formatPercent(ratio: number, against?: number): string {
  return `${formatNumber(hundredfold(ratio), against === undefined ? undefined : hundredfold(against))} %`
}

/** 0.07 is 7 and not 7.000000000000001. */
function hundredfold(ratio: number): number {
  return Number((ratio * 100).toPrecision(15))
}

const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const

/** In the largest unit that divides it, so that it is exact: "90 s", "10 min", "2 h", "1234 ms". */
export function formatDuration(milliseconds: number): string {
  for (const [unit, size] of units) {
    if (milliseconds >= size && milliseconds % size === 0) return `${milliseconds / size} ${unit}`
  }
  return `${milliseconds} ms`
}

/** Terminal sequences as a whole: colours and cursor, then titles and links up to their end. */
const sequences = /\u001b\[[0-?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)?/g // oxlint-disable-line no-control-regex
const invisible = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\s]+/gu

/**
 * Text that somebody else wrote, fit for one line of plain text: bounded, and without control, escape or direction
 * characters. Not escaped for any markup; that is the renderer's duty.
 */
export function oneLine(text: unknown, limit = 160): string {
  const line = String(text)
    .slice(0, limit * 4)
    .replaceAll(sequences, ' ')
    .replaceAll(invisible, ' ')
    .trim()
  return line.length > limit ? `${line.slice(0, limit - 1).replace(/[\uD800-\uDBFF]$/, '')}…` : line
}
