import { cleanLine } from '../text/clean-text.ts'
import { fitLine } from '../text/fit-text.ts'

/** A name that somebody else chose. */
export function word(text: string): string {
  return fitLine(cleanLine(String(text)), 60)
}

export function whole(value: number): string {
  return Number.isFinite(value) ? Math.round(value).toLocaleString('en-US') : 'an unknown number'
}

/** The lines between levels, in percent. */
const boundaries = [1, 5, 10, 50]

/** As short as is honest: never rounded onto or over a boundary, so that 50.04% is not 50%. */
export function percent(ratio: number): string {
  if (!Number.isFinite(ratio)) return 'an unknown share'
  const value = ratio * 100
  const side = (at: number, boundary: number) => (Math.abs(at - boundary) < 1e-9 ? 0 : Math.sign(at - boundary))
  for (const digits of value >= 10 ? [0, 1, 3, 6] : [1, 3, 6]) {
    const rounded = Number(value.toFixed(digits))
    const honest = boundaries.every((boundary) => side(value, boundary) === side(rounded, boundary))
    if (honest && (rounded !== 0 || value === 0)) return `${rounded}%`
  }
  return `${value}%`
}

export function times(factor: number): string {
  return Number.isFinite(factor) ? `${Math.round(factor * 10) / 10} x` : 'an unknown factor'
}

export function milliseconds(ms: number): string {
  return ms >= 10_000 ? `${Math.round(ms / 1_000)} s` : `${whole(ms)} ms`
}

const units: readonly (readonly [number, string])[] = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
]

/** `0.4 s`, `85 s`, `5 min`, `2.2 d`. */
export function span(ms: number): string {
  if (!Number.isFinite(ms)) return 'an unknown time'
  const [size, unit] = units.find(([length]) => ms >= 2 * length || ms === length) ?? [1_000, 's']
  return `${Math.round((ms / size) * 10) / 10} ${unit}`
}
