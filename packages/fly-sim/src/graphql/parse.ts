import type { Json } from '@firebreak/core'

/** The part of a GraphQL document that an answer needs; types and directives are read over, except @include and @skip. */
export interface Document {
  readonly operations: readonly Operation[]
  readonly fragments: ReadonlyMap<string, readonly Selection[]>
}

export interface Operation {
  readonly kind: 'query' | 'mutation' | 'subscription'
  readonly name: string
  readonly defaults: Readonly<Record<string, Json>>
  readonly selections: readonly Selection[]
}

export type Selection =
  | {
      readonly kind: 'field'
      readonly alias: string
      readonly name: string
      readonly args: Readonly<Record<string, Argument>>
      readonly selections: readonly Selection[] | undefined
      readonly conditions: readonly Condition[]
    }
  | { readonly kind: 'spread'; readonly fragment: string; readonly conditions: readonly Condition[] }
  | { readonly kind: 'inline'; readonly selections: readonly Selection[]; readonly conditions: readonly Condition[] }

export interface Condition {
  readonly name: string
  readonly when: Argument
}

export type Argument =
  | { readonly variable: string }
  | { readonly literal: Json }
  | { readonly list: readonly Argument[] }
  | { readonly object: Readonly<Record<string, Argument>> }

export class GraphqlSyntaxError extends Error {}

const token =
  /\s+|,|#[^\n]*|("""[\s\S]*?"""|"(?:[^"\\]|\\.)*"|\.\.\.|[_A-Za-z]\w*|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|[!$&()[\]{}:=@|])/y

function lex(source: string): readonly string[] {
  const tokens: string[] = []
  for (let at = 0; at < source.length;) {
    token.lastIndex = at
    const match = token.exec(source)
    if (match === null) throw new GraphqlSyntaxError(`Parse error on ${JSON.stringify(source[at])} at ${at}`)
    if (match[1] !== undefined) tokens.push(match[1])
    at += match[0].length
  }
  return tokens
}

export function parseDocument(source: string): Document {
  const tokens = lex(source)
  let index = 0
  const peek = () => tokens[index]
  const take = (): string => {
    const next = tokens[index]
    if (next === undefined) throw new GraphqlSyntaxError('Unexpected end of document')
    index += 1
    return next
  }
  const expect = (text: string) => {
    const found = take()
    if (found !== text) throw new GraphqlSyntaxError(`Expected ${text}, found ${found}`)
  }
  const accept = (text: string): boolean => {
    if (peek() !== text) return false
    index += 1
    return true
  }

  function value(): Argument {
    const text = take()
    if (text === '$') return { variable: take() }
    if (text === '[') {
      const list: Argument[] = []
      while (!accept(']')) list.push(value())
      return { list }
    }
    if (text === '{') {
      const object: Record<string, Argument> = {}
      while (!accept('}')) {
        const name = take()
        expect(':')
        object[name] = value()
      }
      return { object }
    }
    if (text.startsWith('"""')) return { literal: text.slice(3, -3) }
    if (text.startsWith('"')) return { literal: JSON.parse(text) as string }
    if (/^-?\d/.test(text)) return { literal: Number(text) }
    if (text === 'true' || text === 'false') return { literal: text === 'true' }
    return { literal: text === 'null' ? null : text }
  }

  function args(): Record<string, Argument> {
    const found: Record<string, Argument> = {}
    if (!accept('(')) return found
    while (!accept(')')) {
      const name = take()
      expect(':')
      found[name] = value()
    }
    return found
  }

  function directives(): Condition[] {
    const conditions: Condition[] = []
    while (accept('@')) {
      const name = take()
      const when = args()['if']
      if (when !== undefined) conditions.push({ name, when })
    }
    return conditions
  }

  function selections(): Selection[] {
    const found: Selection[] = []
    expect('{')
    while (!accept('}')) found.push(selection())
    return found
  }

  function selection(): Selection {
    if (accept('...')) {
      if (peek() !== 'on' && peek() !== '{' && peek() !== '@')
        return { kind: 'spread', fragment: take(), conditions: directives() }
      if (accept('on')) take()
      const conditions = directives()
      return { kind: 'inline', selections: selections(), conditions }
    }
    const first = take()
    const name = accept(':') ? take() : first
    const given = args()
    const conditions = directives()
    return {
      kind: 'field',
      alias: first,
      name,
      args: given,
      selections: peek() === '{' ? selections() : undefined,
      conditions,
    }
  }

  function type() {
    if (accept('[')) {
      type()
      expect(']')
    } else take()
    accept('!')
  }

  function variables(): Record<string, Json> {
    const defaults: Record<string, Json> = {}
    if (!accept('(')) return defaults
    while (!accept(')')) {
      expect('$')
      const name = take()
      expect(':')
      type()
      if (accept('=')) {
        const given = value()
        if ('literal' in given) defaults[name] = given.literal
      }
      directives()
    }
    return defaults
  }

  const operations: Operation[] = []
  const fragments = new Map<string, readonly Selection[]>()
  while (peek() !== undefined) {
    if (peek() === '{') {
      operations.push({ kind: 'query', name: '', defaults: {}, selections: selections() })
      continue
    }
    const kind = take()
    if (kind === 'fragment') {
      const name = take()
      expect('on')
      take()
      directives()
      fragments.set(name, selections())
    } else if (kind === 'query' || kind === 'mutation' || kind === 'subscription') {
      const name = peek() === '{' || peek() === '(' || peek() === '@' ? '' : take()
      const defaults = variables()
      directives()
      operations.push({ kind, name, defaults, selections: selections() })
    } else throw new GraphqlSyntaxError(`Unexpected ${kind}`)
  }
  if (operations.length === 0) throw new GraphqlSyntaxError('No operation in document')
  return { operations, fragments }
}
