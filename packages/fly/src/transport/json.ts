/** A number in its own words, where a double cannot hold it. `JSON.stringify` writes it back unchanged (ES2025). */
interface JsonWithRaw {
  parse(text: string, reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown): unknown
  rawJSON(text: string): unknown
}

const longNumber = /[[:,\s]-?\d{16}/

/**
 * Parses without losing a digit: a machine's configuration is written back whole, and a field that comes back changed
 * is as bad as one that is dropped. Plain `JSON.parse` unless a number is too long for a double.
 */
export function parseJson(text: string): unknown {
  const json = JSON as unknown as JsonWithRaw
  if (!longNumber.test(text) || typeof json.rawJSON !== 'function') return JSON.parse(text)
  return json.parse(text, (_, value, { source }) =>
    typeof value === 'number' && source !== undefined && !exact(value, source) ? json.rawJSON(source) : value,
  )
}

function exact(value: number, source: string): boolean {
  return Number.isSafeInteger(value) || !/^-?\d+$/.test(source) || BigInt(source) === BigInt(value)
}
