/** The nearest number of few digits that is at or beyond a figure; `strict`: the figure itself will not do. */
export function roundBeyond(value: number, side: 'down' | 'up', strict: boolean): number | undefined {
  if (!(value > 0)) return undefined
  for (let digits = 2; digits <= 8; digits += 1) {
    const step = 10 ** (Math.floor(Math.log10(value)) - digits + 1)
    const count = side === 'down' ? Math.floor(value / step) : Math.ceil(value / step)
    for (const next of [count, side === 'down' ? count - 1 : count + 1]) {
      const candidate = Number((next * step).toPrecision(digits + 1))
      const beyond = side === 'down' ? candidate <= value : candidate >= value
      if (beyond && candidate > 0 && !(strict && candidate === value)) return candidate
    }
  }
  return undefined
}
