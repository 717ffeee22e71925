/** ES2025: the parser tells a number's own words, and the writer takes them. */
interface JsonWithSource {
  parse(text: string, reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown): unknown
  rawJSON(text: string): unknown
}

/** A number that a double may not hold: 16 digits and more, or a huge exponent. */
const doubtful = /(?:^|[[:,\s])-?[\d.]*(?:\d[\d.]{15}|\d[eE]\+?\d{3})/

/**
 * Parses without losing a digit: a machine's configuration is written back whole, and a field that comes back changed
 * is as bad as one that is dropped. A number that a double cannot hold is kept in its own words.
 */
export function parseJson(text: string): unknown {
  const json = JSON as unknown as JsonWithSource
  if (!doubtful.test(text) || typeof json.rawJSON !== 'function') return JSON.parse(text)
  return json.parse(text, (_, value, { source }) =>
    typeof value === 'number' && source !== undefined && !holds(value, source) ? json.rawJSON(source) : value,
  )
}

/** 15 significant digits always survive a double; more only when they come out the same. From 1e21 on a double is written otherwise. */
function holds(value: number, source: string): boolean {
  if (!Number.isFinite(value)) return false
  const digits = source
    .replace(/[eE].*$/, '')
    .replaceAll(/[-.]/g, '')
    .replace(/^0+/, '')
    .replace(/0+$/, '')
  return (digits.length <= 15 && Math.abs(value) < 1e21) || JSON.stringify(value) === source
}
