/** Shifts the decimal point of a number's own digits: exact, and read back as the same number. */
function shiftDecimal(value: number, places: number): string {
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

/** A ratio as a percentage with all its digits. */
export function exactPercent(ratio: number): string {
  return `${shiftDecimal(ratio, 2)} %`
}

/** The ratio of a percentage's digits, to the last digit: "7" is 0.07. */
export function ratioOf(digits: string): number {
  const [mantissa = '', exponent = '0'] = digits.toLowerCase().split('e')
  return Number(`${mantissa}e${Number(exponent) - 2}`)
}

const units: Readonly<Partial<Record<string, number>>> = {
  ms: 1,
  millisecond: 1,
  s: 1_000,
  sec: 1_000,
  second: 1_000,
  min: 60_000,
  minute: 60_000,
  h: 3_600_000,
  hour: 3_600_000,
  d: 86_400_000,
  day: 86_400_000,
}

/** "90 s", "10 minutes", "1234.5 ms" in milliseconds. */
export function readDuration(text: string): number | undefined {
  const [, digits, word = ''] = /^(\d+(?:\.\d+)?(?:e[+-]?\d+)?)\s*([a-z]+)$/i.exec(text.trim()) ?? []
  const name = word.toLowerCase()
  const unit = units[name] ?? units[name.replace(/s$/, '')]
  return digits === undefined || unit === undefined ? undefined : Number(digits) * unit
}
