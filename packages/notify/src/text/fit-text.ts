/** How much of a limit a text uses. */
export type Measure = (text: string) => number

const characters: Measure = (text) => text.length
export const utf8Bytes: Measure = (text) => Buffer.byteLength(text)

/** At most so much of one line; what is cut is marked. Never cuts a character in two. */
export function fitLine(text: string, limit: number, measure: Measure = characters): string {
  if (measure(text) <= limit) return text
  const points = Array.from(text.slice(0, limit + 1))
  const cut = (count: number) => `${points.slice(0, count).join('').trimEnd()}…`
  let low = 0
  let high = points.length
  while (low < high) {
    const middle = (low + high + 1) >>> 1
    if (measure(cut(middle)) <= limit) low = middle
    else high = middle - 1
  }
  const fitted = cut(low)
  return measure(fitted) <= limit ? fitted : ''
}

/**
 * At most so much of a text whose most important lines come first: drops whole lines from the end and says how many. When
 * not even the first fits with that, the text is cut in its middle.
 */
export function fitText(text: string, limit: number, measure: Measure = characters): string {
  if (measure(text) <= limit) return text
  const lines = text.split('\n')
  const kept = (count: number) => `${lines.slice(0, count).join('\n')}\n${more(lines.length - count)}`
  let low = 0
  let high = lines.length - 1
  while (low < high) {
    const middle = (low + high + 1) >>> 1
    if (measure(kept(middle)) <= limit) low = middle
    else high = middle - 1
  }
  return low === 0 ? fitLine(text.replaceAll('\n', ' '), limit, measure) : kept(low)
}

function more(lines: number): string {
  return `(+${lines} more ${lines === 1 ? 'line' : 'lines'})`
}
