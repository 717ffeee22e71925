import type { Labels } from '../metrics/series.ts'
import type { Aggregation } from './ast.ts'
import { keyOf, withoutName } from './value.ts'
import type { Point } from './value.ts'

type Fold = (values: readonly number[], parameter: number) => number

interface Operator {
  readonly parametric: boolean
  readonly fold?: Fold
}

export const aggregations: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ['sum', { parametric: false, fold: (values) => values.reduce((sum, value) => sum + value, 0) }],
  ['avg', { parametric: false, fold: (values) => values.reduce((sum, value) => sum + value, 0) / values.length }],
  ['min', { parametric: false, fold: (values) => Math.min(...values) }],
  ['max', { parametric: false, fold: (values) => Math.max(...values) }],
  ['count', { parametric: false, fold: (values) => values.length }],
  ['group', { parametric: false, fold: () => 1 }],
  ['stddev', { parametric: false, fold: (values) => Math.sqrt(variance(values)) }],
  ['stdvar', { parametric: false, fold: (values) => variance(values) }],
  ['quantile', { parametric: true, fold: (values, parameter) => quantile(parameter, values) }],
  ['topk', { parametric: true }],
  ['bottomk', { parametric: true }],
])

export function aggregate(node: Aggregation, points: readonly Point[], parameter: number): readonly Point[] {
  const groups = new Map<string, { readonly labels: Labels; readonly members: Point[] }>()
  for (const point of points) {
    const labels = groupLabels(node, point.labels)
    const key = keyOf(labels)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, { labels, members: [point] })
    else group.members.push(point)
  }
  const fold = aggregations.get(node.operator)?.fold
  if (fold === undefined) {
    const sign = node.operator === 'topk' ? -1 : 1
    return [...groups.values()].flatMap(({ members }) =>
      members.toSorted((one, other) => sign * (one.value - other.value)).slice(0, Math.max(0, Math.floor(parameter))),
    )
  }
  return [...groups.values()].map(({ labels, members }) => ({
    labels,
    value: fold(
      members.map(({ value }) => value),
      parameter,
    ),
  }))
}

function groupLabels({ grouping, labels: wanted }: Aggregation, labels: Labels): Labels {
  if (grouping === 'without') {
    const rest = { ...withoutName(labels) }
    for (const label of wanted) delete rest[label]
    return rest
  }
  const kept: Record<string, string> = {}
  for (const label of wanted) {
    const value = labels[label]
    if (value !== undefined && value !== '') kept[label] = value
  }
  return kept
}

export function quantile(share: number, values: readonly number[]): number {
  if (values.length === 0 || Number.isNaN(share)) return Number.NaN
  if (share < 0) return -Infinity
  if (share > 1) return Infinity
  const sorted = values.toSorted((one, other) => one - other)
  const rank = share * (sorted.length - 1)
  const low = sorted[Math.floor(rank)]!
  const high = sorted[Math.ceil(rank)]!
  return low + (high - low) * (rank - Math.floor(rank))
}

function variance(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
}
