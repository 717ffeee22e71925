import { formatPercent, oneLine } from '@firebreak/core'

/** A name that somebody else chose. */
export function word(text: unknown): string {
  return oneLine(text, 60)
}

/** Made once: a format costs far more than what it formats. */
const grouped = /* @__PURE__ */ new Intl.NumberFormat('en-US')

export function whole(value: number): string {
  return Number.isFinite(value) ? grouped.format(Math.round(value)) : 'an unknown number'
}

/** The lines between levels. */
const boundaries = [0.01, 0.05, 0.1, 0.5]

/** As short as is honest: 50.04% is not rounded to the 50% that another level begins at. */
export function percent(ratio: number): string {
  if (!Number.isFinite(ratio)) return 'an unknown share'
  const nearest = boundaries.toSorted((left, right) => Math.abs(ratio - left) - Math.abs(ratio - right))[0]
  return formatPercent(ratio, nearest).replace(' ', '')
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

/** Rounded for reading: `0.4 s`, `85 s`, `5 min`, `2.2 d`. */
export function span(ms: number): string {
  if (!Number.isFinite(ms)) return 'an unknown time'
  const [size, unit] = units.find(([length]) => ms >= 2 * length || ms === length) ?? [1_000, 's']
  return `${Math.round((ms / size) * 10) / 10} ${unit}`
}
