/** Shifts the decimal point of a number's own digits: exact, and read back as the same number. */
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
