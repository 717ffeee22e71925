import type { Labels } from '../metrics/series.ts'
import type { Binary } from './ast.ts'
import { QueryError } from './lex.ts'
import { keyOf, withoutName } from './value.ts'
import type { Point, Value } from './value.ts'

const arithmetic: Readonly<Record<string, (left: number, right: number) => number>> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => left / right,
  '%': (left, right) => left % right,
  '^': (left, right) => left ** right,
}
const comparison: Readonly<Record<string, (left: number, right: number) => boolean>> = {
  '==': (left, right) => left === right,
  '!=': (left, right) => left !== right,
  '<': (left, right) => left < right,
  '<=': (left, right) => left <= right,
  '>': (left, right) => left > right,
  '>=': (left, right) => left >= right,
}

export function combine(node: Binary, left: Value, right: Value): Value {
  const { operator, bool } = node
  if (left.kind === 'text' || right.kind === 'text')
    throw new QueryError('binary expression must contain only scalar and instant vector types')
  if (['and', 'or', 'unless'].includes(operator)) {
    if (left.kind !== 'vector' || right.kind !== 'vector')
      throw new QueryError(`set operator ${JSON.stringify(operator)} not allowed in binary scalar expression`)
    return { kind: 'vector', points: setOperation(node, left.points, right.points) }
  }
  if (left.kind === 'scalar' && right.kind === 'scalar') {
    const compare = comparison[operator]
    if (compare !== undefined && !bool) throw new QueryError('comparisons between scalars must use BOOL modifier')
    return {
      kind: 'scalar',
      value:
        compare === undefined ? calculate(operator, left.value, right.value) : Number(compare(left.value, right.value)),
    }
  }
  if (left.kind === 'vector' && right.kind === 'vector')
    return { kind: 'vector', points: matched(node, left.points, right.points) }
  const points = left.kind === 'vector' ? left.points : right.kind === 'vector' ? right.points : []
  const scalar = left.kind === 'scalar' ? left.value : right.kind === 'scalar' ? right.value : Number.NaN
  return {
    kind: 'vector',
    points: points.flatMap((point) => {
      const [one, other] = left.kind === 'vector' ? [point.value, scalar] : [scalar, point.value]
      return outcome(node, point, one, other)
    }),
  }
}

function calculate(operator: string, left: number, right: number): number {
  return arithmetic[operator]?.(left, right) ?? Number.NaN
}

/** Arithmetic loses the metric's name, a comparison that filters keeps the point as it was. */
function outcome({ operator, bool }: Binary, point: Point, left: number, right: number): readonly Point[] {
  const compare = comparison[operator]
  if (compare === undefined) return [{ labels: withoutName(point.labels), value: calculate(operator, left, right) }]
  const holds = compare(left, right)
  if (bool) return [{ labels: withoutName(point.labels), value: Number(holds) }]
  return holds ? [point] : []
}

function matched(node: Binary, left: readonly Point[], right: readonly Point[]): readonly Point[] {
  const others = new Map<string, Point>()
  for (const point of right) {
    const key = matchKey(node, point.labels)
    if (others.has(key))
      throw new QueryError('found duplicate series for the match group on the right hand-side of the operation')
    others.set(key, point)
  }
  const used = new Set<string>()
  return left.flatMap((point) => {
    const key = matchKey(node, point.labels)
    const other = others.get(key)
    if (other === undefined) return []
    if (used.has(key)) throw new QueryError('multiple matches for labels: many-to-one matching must be explicit')
    used.add(key)
    const kept = comparison[node.operator] !== undefined && !node.bool ? point.labels : matchLabels(node, point.labels)
    return outcome(node, { labels: kept, value: point.value }, point.value, other.value)
  })
}

function setOperation(node: Binary, left: readonly Point[], right: readonly Point[]): readonly Point[] {
  const leftKeys = new Set(left.map(({ labels }) => matchKey(node, labels)))
  const rightKeys = new Set(right.map(({ labels }) => matchKey(node, labels)))
  if (node.operator === 'and') return left.filter(({ labels }) => rightKeys.has(matchKey(node, labels)))
  if (node.operator === 'unless') return left.filter(({ labels }) => !rightKeys.has(matchKey(node, labels)))
  return [...left, ...right.filter(({ labels }) => !leftKeys.has(matchKey(node, labels)))]
}

function matchKey(node: Binary, labels: Labels): string {
  return keyOf(matchLabels(node, labels))
}

function matchLabels({ matching }: Binary, labels: Labels): Labels {
  const own = withoutName(labels)
  if (matching === undefined) return own
  const wanted = new Set(matching.labels)
  return Object.fromEntries(Object.entries(own).filter(([label]) => wanted.has(label) === (matching.mode === 'on')))
}
