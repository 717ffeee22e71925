/** Shifts the decimal point of a number's own digits, so that 0.07 is 7 % and never 7.000000000000001 %. */
export function shiftDecimal(value: number, places: number): string {
  const [digits = '', exponent = '0'] = String(Math.abs(value)).split('e')
  const [whole = '', fraction = ''] = digits.split('.')
  const shift = Number(exponent) + places
  const all = whole + fraction
  const point = whole.length + shift
  const padded = point <= 0 ? '0'.repeat(1 - point) + all : all.padEnd(point, '0')
  const at = Math.max(1, point)
  const left = padded.slice(0, at).replace(/^0+(?=\d)/, '')
  const right = padded.slice(at).replace(/0+$/, '')
  return `${value < 0 ? '-' : ''}${left}${right === '' ? '' : `.${right}`}`
}

/** A ratio as a percentage with all its digits: for documents that are read back. */
export function exactPercent(ratio: number): string {
  return `${shiftDecimal(ratio, 2)} %`
}

/**
 * Rounds for reading: two digits, or as many as it takes not to look equal to the threshold it is compared with.
 * 0.50001 against 0.5 is 50.001 %, because "50 % is over 50 %" helps nobody.
 */
export function readable(value: number, against?: number, places = 0): string {
  const scaled = Number(shiftDecimal(value, places))
  const target = against === undefined ? undefined : Number(shiftDecimal(against, places))
  for (let digits = scaled >= 10 ? 0 : 1; digits <= 10; digits += 1) {
    const rounded = Number(scaled.toFixed(digits))
    const misleading = target !== undefined && Math.sign(rounded - target) !== Math.sign(scaled - target)
    if (!misleading && !(rounded === 0 && scaled !== 0)) return String(rounded)
  }
  return String(scaled)
}

export function percent(ratio: number, against?: number): string {
  return `${readable(ratio, against, 2)} %`
}

const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const

/** The largest unit that divides it, so that it reads back exactly: 90 s, 10 min, 2 h. */
export function duration(milliseconds: number): string {
  for (const [unit, size] of units) {
    if (milliseconds >= size && milliseconds % size === 0) return `${milliseconds / size} ${unit}`
  }
  return `${shiftDecimal(milliseconds, 0)} ms`
}

const unsafe = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}]+/gu

/** Text that somebody else wrote, fit for one line of a terminal or page: bounded, no control or direction characters. */
export function quoted(text: unknown, limit = 160): string {
  const line = String(text)
    .slice(0, limit * 4)
    .replaceAll(unsafe, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
  return line.length > limit ? `${line.slice(0, limit - 1)}…` : line
}
