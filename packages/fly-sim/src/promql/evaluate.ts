import type { Metrics } from '../metrics/metrics.ts'
import type { Series } from '../metrics/series.ts'
import { aggregate } from './aggregate.ts'
import type { Expression, Selector } from './ast.ts'
import { combine } from './binary.ts'
import { histogramQuantile, quantileOverTime, rangeFunctions, staleAfterMs, valueFunctions } from './functions.ts'
import { QueryError } from './lex.ts'
import { keyOf, withoutName } from './value.ts'
import type { Line, Point, Value } from './value.ts'

/** Works a query out at as many moments as wanted; series are looked up once. */
export interface Evaluator {
  at(expression: Expression, time: number): Value
  /** Of a bare range vector: the samples themselves. */
  lines(selector: Selector, time: number): readonly Line[]
  series(selector: Selector): readonly Series[]
}

/**
 * `stepMs` is the window of `rate(x)` without brackets, as VictoriaMetrics allows; `visible` says which series there
 * are for the one who asks.
 */
export function createEvaluator(
  metrics: Metrics,
  stepMs: number,
  visible: (series: Series) => boolean = () => true,
): Evaluator {
  const found = new Map<Selector, readonly Series[]>()

  function seriesOf(selector: Selector): readonly Series[] {
    const known = found.get(selector)
    if (known !== undefined) return known
    const exact = (label: string) =>
      selector.matchers.find((matcher) => matcher.label === label && matcher.operator === '=')?.value
    const wanted = selector.name ?? exact('__name__')
    const names = wanted === undefined ? metrics.names() : [wanted]
    const hint = { app: exact('app'), instance: exact('instance') }
    const series = names
      .flatMap((name) => metrics.select(name, hint))
      .filter(visible)
      .filter(({ name, labels }) =>
        selector.matchers.every(({ label, matches }) => matches(label === '__name__' ? name : (labels[label] ?? ''))),
      )
    found.set(selector, series)
    return series
  }

  function instant(selector: Selector, time: number): readonly Point[] {
    const at = time - selector.offsetMs
    return seriesOf(selector).flatMap((series) => {
      const sample = series.last(at - staleAfterMs, at)
      return sample === undefined ? [] : [{ labels: { __name__: series.name, ...series.labels }, value: sample.value }]
    })
  }

  function overRange(
    selector: Selector,
    time: number,
    read: (series: Series, from: number, to: number) => number | undefined,
  ) {
    const to = time - selector.offsetMs
    const from = to - (selector.rangeMs ?? stepMs)
    const points: Point[] = []
    for (const series of seriesOf(selector)) {
      const value = read(series, from, to)
      if (value !== undefined) points.push({ labels: series.labels, value })
    }
    return points
  }

  function at(expression: Expression, time: number): Value {
    switch (expression.kind) {
      case 'number':
        return { kind: 'scalar', value: expression.value }
      case 'text':
        return { kind: 'text', value: expression.value }
      case 'selector':
        if (expression.rangeMs !== undefined) throw new QueryError('a range vector is not allowed here')
        return { kind: 'vector', points: instant(expression, time) }
      case 'negate': {
        const value = at(expression.of, time)
        if (value.kind === 'scalar') return { kind: 'scalar', value: -value.value }
        return {
          kind: 'vector',
          points: vectorOf(value).map(({ labels, value: it }) => ({ labels: withoutName(labels), value: -it })),
        }
      }
      case 'aggregation': {
        const parameter = expression.parameter === undefined ? Number.NaN : scalarOf(at(expression.parameter, time))
        return { kind: 'vector', points: aggregate(expression, vectorOf(at(expression.of, time)), parameter) }
      }
      case 'binary':
        return combine(expression, at(expression.left, time), at(expression.right, time))
      case 'call':
        return call(expression.name, expression.args, time)
    }
  }

  function call(name: string, args: readonly Expression[], time: number): Value {
    const [first, second] = args
    const over = rangeFunctions.get(name)
    if (over !== undefined)
      return vector(
        overRange(rangeArgument(name, first), time, (series, from, to) =>
          over(series.range(from, to), { series, grid: metrics.grid, from, to }),
        ),
      )
    if (name === 'quantile_over_time') {
      const share = scalarOf(at(first!, time))
      return vector(
        overRange(rangeArgument(name, second), time, (series, from, to) =>
          quantileOverTime(share, series.range(from, to)),
        ),
      )
    }
    if (name === 'time') return { kind: 'scalar', value: time / 1_000 }
    if (name === 'vector') return vector([{ labels: {}, value: scalarOf(at(first!, time)) }])
    if (name === 'histogram_quantile') return quantiles(scalarOf(at(first!, time)), vectorOf(at(second!, time)))
    const points = vectorOf(at(first!, time))
    const perValue = valueFunctions.get(name)
    if (perValue !== undefined) {
      const [one = Number.NaN, two = Number.NaN] = args.slice(1).map((argument) => scalarOf(at(argument, time)))
      return vector(
        points.map(({ labels, value }) => ({ labels: withoutName(labels), value: perValue(value, one, two) })),
      )
    }
    if (name === 'scalar') return { kind: 'scalar', value: points.length === 1 ? points[0]!.value : Number.NaN }
    if (name === 'absent') return vector(points.length === 0 ? [{ labels: absentLabels(first!), value: 1 }] : [])
    const sign = name === 'sort_desc' ? -1 : 1
    return vector(points.toSorted((one, other) => sign * (one.value - other.value)))
  }

  return {
    at,
    lines(selector, time) {
      const to = time - selector.offsetMs
      return seriesOf(selector).flatMap((series) => {
        const samples = series.range(to - (selector.rangeMs ?? stepMs), to)
        return samples.length === 0 ? [] : [{ labels: { __name__: series.name, ...series.labels }, samples }]
      })
    },
    series: seriesOf,
  }
}

const vector = (points: readonly Point[]): Value => ({ kind: 'vector', points })

function rangeArgument(name: string, argument: Expression | undefined): Selector {
  if (argument?.kind !== 'selector')
    throw new QueryError(`parse error: expected type range vector in call to function ${JSON.stringify(name)}`)
  return argument
}

function vectorOf(value: Value): readonly Point[] {
  if (value.kind !== 'vector') throw new QueryError(`parse error: expected type instant vector, got ${value.kind}`)
  return value.points
}

function scalarOf(value: Value): number {
  if (value.kind !== 'scalar') throw new QueryError(`parse error: expected type scalar, got ${value.kind}`)
  return value.value
}

function quantiles(share: number, points: readonly Point[]): Value {
  const groups = new Map<
    string,
    { readonly labels: Point['labels']; readonly buckets: { le: number; count: number }[] }
  >()
  for (const { labels, value } of points) {
    const { le, ...rest } = withoutName(labels)
    const bound = le === undefined ? Number.NaN : le === '+Inf' ? Infinity : Number(le)
    if (Number.isNaN(bound)) continue
    const key = keyOf(rest)
    const group = groups.get(key) ?? { labels: rest, buckets: [] }
    groups.set(key, group)
    group.buckets.push({ le: bound, count: value })
  }
  return vector(
    [...groups.values()].map(({ labels, buckets }) => ({ labels, value: histogramQuantile(share, buckets) })),
  )
}

function absentLabels(argument: Expression): Point['labels'] {
  if (argument.kind !== 'selector') return {}
  return Object.fromEntries(
    argument.matchers.flatMap(({ label, operator, value }) =>
      operator === '=' && label !== '__name__' ? [[label, value]] : [],
    ),
  )
}
