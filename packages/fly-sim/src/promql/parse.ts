import type { Aggregation, Binary, Expression, Matcher, Selector } from './ast.ts'
import { aggregations } from './aggregate.ts'
import { arityOf } from './functions.ts'
import { durationToMs, lex, QueryError, unquote } from './lex.ts'
import type { Token } from './lex.ts'

const precedence: readonly (readonly string[])[] = [
  ['or'],
  ['and', 'unless'],
  ['==', '!=', '<=', '<', '>=', '>'],
  ['+', '-'],
  ['*', '/', '%'],
]
const comparisons = new Set(precedence[2])

/** As VictoriaMetrics. */
const longest = 16_384
const deepest = 200

/** The part of PromQL that dashboards, alerts and rollbacks ask in. What is outside is refused, never guessed. */
export function parse(query: string): Expression {
  if (query.length > longest) throw new QueryError(`parse error: the query is longer than ${longest} characters`)
  const tokens = lex(query)
  let index = 0
  const peek = (): Token => tokens[Math.min(index, tokens.length - 1)]!
  const is = (text: string) => peek().kind !== 'text' && peek().text === text
  const fail = (what: string): QueryError => {
    const { kind, text, at } = peek()
    return new QueryError(
      `parse error: unexpected ${kind === 'end' ? 'end of input' : JSON.stringify(text)} at ${at}: ${what}`,
    )
  }
  const take = (): Token => {
    const token = peek()
    index += 1
    return token
  }
  const expect = (text: string) => {
    if (!is(text)) throw fail(`expected ${JSON.stringify(text)}`)
    index += 1
  }
  const accept = (text: string): boolean => {
    const found = is(text)
    if (found) index += 1
    return found
  }

  function binary(level: number): Expression {
    if (level >= precedence.length) return power()
    let left = binary(level + 1)
    while (precedence[level]!.includes(peek().text) && peek().kind !== 'text') {
      const operator = take().text
      const bool = comparisons.has(operator) && accept('bool')
      const matching = vectorMatching()
      const node: Binary = { kind: 'binary', operator, left, right: binary(level + 1), bool, matching }
      left = node
    }
    return left
  }

  function vectorMatching(): Binary['matching'] {
    if (!is('on') && !is('ignoring')) return undefined
    const mode = take().text === 'on' ? 'on' : 'ignoring'
    const labels = labelList()
    if (is('group_left') || is('group_right')) throw fail('many-to-one matching is not supported')
    return { mode, labels }
  }

  function power(): Expression {
    if (accept('-')) return { kind: 'negate', of: power() }
    if (accept('+')) return power()
    const left = postfix()
    if (!accept('^')) return left
    const matching = vectorMatching()
    return { kind: 'binary', operator: '^', left, right: power(), bool: false, matching }
  }

  function postfix(): Expression {
    const inner = primary()
    if (is('[')) {
      if (inner.kind !== 'selector') throw fail('subqueries are not supported')
      return offset(range(inner))
    }
    return inner.kind === 'selector' ? offset(inner) : inner
  }

  function range(selector: Selector): Selector {
    expect('[')
    const token = take()
    if (token.kind !== 'duration') throw new QueryError(`parse error: a duration like 5m expected at ${token.at}`)
    if (is(':')) throw fail('subqueries are not supported')
    expect(']')
    const rangeMs = durationToMs(token.text)
    if (rangeMs <= 0) throw new QueryError('parse error: duration must be greater than 0')
    return { ...selector, rangeMs }
  }

  function offset(selector: Selector): Selector {
    if (is('@')) throw fail('the @ modifier is not supported')
    if (!accept('offset')) return selector
    const sign = accept('-') ? -1 : 1
    const token = take()
    if (token.kind !== 'duration') throw new QueryError(`parse error: a duration expected at ${token.at}`)
    return { ...selector, offsetMs: sign * durationToMs(token.text) }
  }

  let depth = 0
  function primary(): Expression {
    depth += 1
    if (depth > deepest) throw new QueryError('parse error: the query is nested too deeply')
    const expression = nested()
    depth -= 1
    return expression
  }

  function nested(): Expression {
    const token = peek()
    if (accept('(')) {
      const inner = binary(0)
      expect(')')
      return inner
    }
    if (token.kind === 'number') return { kind: 'number', value: Number(take().text) }
    if (token.kind === 'text') return { kind: 'text', value: unquote(take().text) }
    if (is('{')) return selector(undefined)
    if (token.kind !== 'name') throw fail('an expression expected')
    const name = take().text
    const number = literals[name.toLowerCase()]
    if (number !== undefined && !is('(') && !is('{')) return { kind: 'number', value: number }
    if (aggregations.has(name) && (is('(') || is('by') || is('without'))) return aggregation(name)
    if (is('(')) return call(name)
    return selector(name)
  }

  function selector(name: string | undefined): Selector {
    const matchers: Matcher[] = []
    if (accept('{')) {
      while (!is('}')) {
        matchers.push(matcher())
        if (!accept(',')) break
      }
      expect('}')
    }
    if (name === undefined && !matchers.some(({ matches }) => !matches('')))
      throw new QueryError('parse error: vector selector must contain at least one non-empty matcher')
    return { kind: 'selector', name, matchers, rangeMs: undefined, offsetMs: 0 }
  }

  function matcher(): Matcher {
    const label = take()
    if (label.kind !== 'name') throw new QueryError(`parse error: a label name expected at ${label.at}`)
    const operator = take().text
    const value = take()
    if (value.kind !== 'text') throw new QueryError(`parse error: a quoted string expected at ${value.at}`)
    return toMatcher(label.text, operator, unquote(value.text))
  }

  function aggregation(operator: string): Aggregation {
    let grouping: Aggregation['grouping'] = 'by'
    let labels: readonly string[] = []
    const clause = () => {
      if (!is('by') && !is('without')) return false
      grouping = take().text === 'by' ? 'by' : 'without'
      labels = labelList()
      return true
    }
    const early = clause()
    const args = parenthesized()
    if (!early) clause()
    const parametric = aggregations.get(operator)?.parametric === true
    if (args.length !== (parametric ? 2 : 1))
      throw new QueryError(`parse error: wrong number of arguments for ${operator}`)
    const of = args.at(-1)!
    return { kind: 'aggregation', operator, grouping, labels, parameter: parametric ? args[0] : undefined, of }
  }

  function call(name: string): Expression {
    const arity = arityOf(name)
    if (arity === undefined) throw new QueryError(`parse error: unknown function with name ${JSON.stringify(name)}`)
    const args = parenthesized()
    if (args.length < arity[0] || args.length > arity[1])
      throw new QueryError(
        `parse error: expected ${arity[0]} argument(s) in call to ${JSON.stringify(name)}, got ${args.length}`,
      )
    return { kind: 'call', name, args }
  }

  function parenthesized(): readonly Expression[] {
    expect('(')
    const args: Expression[] = []
    while (!is(')')) {
      args.push(binary(0))
      if (!accept(',')) break
    }
    expect(')')
    return args
  }

  function labelList(): readonly string[] {
    expect('(')
    const labels: string[] = []
    while (!is(')')) {
      const token = take()
      if (token.kind !== 'name') throw new QueryError(`parse error: a label name expected at ${token.at}`)
      labels.push(token.text)
      if (!accept(',')) break
    }
    expect(')')
    return labels
  }

  if (peek().kind === 'end') throw new QueryError('parse error: no expression found in input')
  const expression = binary(0)
  if (peek().kind !== 'end') throw fail('end of input expected')
  return expression
}

const literals: Readonly<Record<string, number>> = { inf: Infinity, nan: Number.NaN }

function toMatcher(label: string, operator: string, value: string): Matcher {
  if (operator === '=') return { label, operator, value, matches: (actual) => actual === value }
  if (operator === '!=') return { label, operator, value, matches: (actual) => actual !== value }
  if (operator !== '=~' && operator !== '!~')
    throw new QueryError(`parse error: unexpected matcher ${JSON.stringify(operator)}`)
  const pattern = toPattern(value)
  return operator === '=~'
    ? { label, operator, value, matches: (actual) => pattern.test(actual) }
    : { label, operator, value, matches: (actual) => !pattern.test(actual) }
}

function toPattern(source: string): RegExp {
  if (source.length > 1_000) throw new QueryError('parse error: regular expression too long')
  try {
    return new RegExp(`^(?:${source})$`, 's')
  } catch {
    throw new QueryError(`parse error: error parsing regexp: ${JSON.stringify(source)}`)
  }
}
