/** A query that cannot be understood: answered with 400 and `bad_data`, as Prometheus does. */
export class QueryError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'QueryError'
  }
}

export interface Token {
  readonly kind: 'name' | 'number' | 'text' | 'duration' | 'mark' | 'end'
  readonly text: string
  readonly at: number
}

const patterns: readonly (readonly [Token['kind'] | undefined, RegExp])[] = [
  [undefined, /\s+|#[^\n]*/y],
  ['duration', /(?:\d+(?:\.\d+)?(?:ms|[smhdwy]))+(?![\w.])/y],
  ['number', /0x[0-9a-fA-F]+|(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?![\w.])/y],
  ['name', /[a-zA-Z_:][\w:]*/y],
  ['text', /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`/y],
  ['mark', /=~|!~|!=|==|<=|>=|[-+*/%^<>=(){}[\],:@]/y],
]

export function lex(query: string): readonly Token[] {
  const tokens: Token[] = []
  for (let at = 0; at < query.length;) {
    const found = next(query, at)
    if (found === undefined)
      throw new QueryError(`parse error: unexpected character: ${JSON.stringify(query[at])} at ${at}`)
    if (found.kind !== undefined) tokens.push({ kind: found.kind, text: found.text, at })
    at += found.text.length
  }
  tokens.push({ kind: 'end', text: '', at: query.length })
  return tokens
}

function next(query: string, at: number): { kind: Token['kind'] | undefined; text: string } | undefined {
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = at
    const match = pattern.exec(query)
    if (match !== null) return { kind, text: match[0] }
  }
  return undefined
}

const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_536_000_000,
}

/** '1h30m' in milliseconds. */
export function durationToMs(text: string): number {
  let total = 0
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhdwy])/g))
    total += Number(amount) * (unitMs[unit ?? ''] ?? 0)
  return total
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' }

export function unquote(text: string): string {
  const inner = text.slice(1, -1)
  return text.startsWith('`') ? inner : inner.replaceAll(/\\(.)/g, (_, letter: string) => escapes[letter] ?? letter)
}
