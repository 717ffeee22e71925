import type { Band } from '../policy.ts'

export type Bounds = Pick<Band, 'from' | 'above' | 'to' | 'below'>

/** "10 % to 50 %", "5 % or more, below 10 %", "over 2": read back by `readBounds`. */
export function boundsText({ from, above, to, below }: Bounds, format: (value: number) => string): string {
  if (from !== undefined && to !== undefined) return `${format(from)} to ${format(to)}`
  const lower = above === undefined ? `${format(from ?? 0)} or more` : `over ${format(above)}`
  if (to !== undefined) return `${lower}, up to ${format(to)}`
  return below === undefined ? lower : `${lower}, below ${format(below)}`
}

/** A number with an optional unit: "10", "10 %", "1.5x", "2 ×". */
const number = String.raw`(\d+(?:\.\d+)?(?:e[+-]?\d+)?)\s*(?:%|x|×)?`
const patterns: readonly (readonly [RegExp, (low: number, high: number) => Bounds])[] = [
  [new RegExp(`^over ${number}, up to ${number}$`), (above, to) => ({ above, to })],
  [new RegExp(`^over ${number}, below ${number}$`), (above, below) => ({ above, below })],
  [new RegExp(`^${number} or more, up to ${number}$`), (from, to) => ({ from, to })],
  [new RegExp(`^${number} or more, below ${number}$`), (from, below) => ({ from, below })],
  [new RegExp(`^(?:between )?${number}\\s*(?:-|–|—|to|and)\\s*${number}$`), (from, to) => ({ from, to })],
  [new RegExp(`^(?:>=|≥|at least|from)\\s*${number}$`), (from) => ({ from })],
  [new RegExp(`^${number}\\s*(?:or more|or higher|\\+)$`), (from) => ({ from })],
  [new RegExp(`^(?:>|over|above|more than|exceeds)\\s*${number}$`), (above) => ({ above })],
]

/** Reads what `boundsText` wrote and what people write: "10-50%", "> 2x", "at least 5 %". `scale` gives the figure its unit. */
export function readBounds(text: string, scale: (digits: string) => number): Bounds | undefined {
  const plain = text.trim().toLowerCase()
  if (plain.length > 80) return undefined
  for (const [pattern, bounds] of patterns) {
    const match = pattern.exec(plain)
    if (match !== null) return bounds(scale(match[1] ?? ''), scale(match[2] ?? ''))
  }
  return undefined
}
