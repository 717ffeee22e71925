import type { Series } from '../metrics/series.ts'
import type { Evaluator } from '../promql/evaluate.ts'
import { createEvaluator } from '../promql/evaluate.ts'
import { durationToMs, QueryError } from '../promql/lex.ts'
import { parse } from '../promql/parse.ts'
import { keyOf } from '../promql/value.ts'
import type { Value } from '../promql/value.ts'
import type { World } from '../world/world.ts'
import type { Call, Handler } from './call.ts'
import { json } from './call.ts'
import { refuse } from './refusal.ts'

/** As Prometheus: more points than this per series are refused. */
const mostPoints = 11_000
/** VictoriaMetrics' default step. */
const standardStepMs = 300_000

export function prometheusHandlers(world: World): Readonly<Record<string, Handler>> {
  return {
    'prometheus.query': guarded(world, (call, values) => {
      const expression = parse(need(values, 'query'))
      const time = timeOf(values.get('time'), world.agenda.now())
      const evaluator = evaluatorFor(world, call, stepOf(values.get('step')) ?? standardStepMs)
      if (expression.kind === 'selector' && expression.rangeMs !== undefined)
        return {
          resultType: 'matrix',
          result: evaluator.lines(expression, time).map(({ labels, samples }) => ({
            metric: labels,
            values: samples.map((sample) => pair(sample.time, sample.value)),
          })),
        }
      return instantResult(evaluator.at(expression, time), time)
    }),
    'prometheus.queryRange': guarded(world, (call, values) => {
      const expression = parse(need(values, 'query'))
      const start = timeOf(values.get('start'), Number.NaN)
      const end = timeOf(values.get('end'), world.agenda.now())
      const step = stepOf(values.get('step')) ?? standardStepMs
      if (Number.isNaN(start)) throw new QueryError('invalid parameter "start": missing')
      if (end < start) throw new QueryError('invalid parameter "end": end timestamp must not be before start time')
      if (step <= 0)
        throw new QueryError('invalid parameter "step": zero or negative query resolution step widths are not accepted')
      if ((end - start) / step > mostPoints)
        throw new QueryError('exceeded maximum resolution of 11,000 points per timeseries')
      const evaluator = evaluatorFor(world, call, step)
      const lines = new Map<string, { metric: object; values: [number, string][] }>()
      for (let time = start; time <= end; time += step) {
        const value = evaluator.at(expression, time)
        if (value.kind === 'text') throw new QueryError('invalid expression type "string" for range query')
        const points = value.kind === 'scalar' ? [{ labels: {}, value: value.value }] : value.points
        for (const point of points) {
          const key = keyOf(point.labels)
          const line = lines.get(key) ?? { metric: point.labels, values: [] }
          lines.set(key, line)
          line.values.push(pair(time, point.value))
        }
      }
      return { resultType: 'matrix', result: [...lines.values()] }
    }),
    'prometheus.series': guarded(world, (call, values) =>
      matchedSeries(world, call, values).map(({ name, labels }) => ({ __name__: name, ...labels })),
    ),
    'prometheus.labels': guarded(world, (call, values) => {
      const names = new Set([
        '__name__',
        ...matchedSeries(world, call, values).flatMap(({ labels }) => Object.keys(labels)),
      ])
      return [...names].toSorted()
    }),
    'prometheus.labelValues': guarded(world, (call, values) => {
      const label = call.params['label'] ?? ''
      const all = matchedSeries(world, call, values).map(({ name, labels }) =>
        label === '__name__' ? name : labels[label],
      )
      return [...new Set(all.filter((value) => value !== undefined))].toSorted()
    }),
  }
}

function guarded(world: World, answer: (call: Call, values: URLSearchParams) => unknown): Handler {
  return (call) => {
    if (!schemeFits(call.header('authorization') ?? '')) throw refuse(401, 'unauthorized: wrong authorization scheme')
    if (call.params['org'] !== call.caller.organization) throw refuse(403, 'organization not accessible')
    if (!world.organizations.has(call.caller.organization)) throw refuse(404, 'organization not found')
    const values = new URLSearchParams(call.query)
    if (call.method === 'POST') for (const [name, value] of new URLSearchParams(call.body)) values.append(name, value)
    try {
      return json({ status: 'success', data: answer(call, values) })
    } catch (error) {
      if (!(error instanceof QueryError)) throw error
      return json({ status: 'error', errorType: 'bad_data', error: error.message }, 400)
    }
  }
}

/** Stricter than the other APIs: FlyV1 for macaroons, Bearer for everything else. */
function schemeFits(authorization: string): boolean {
  const [scheme = '', token = ''] = authorization.trim().split(/\s+/)
  const macaroon = /(?:^|,)(?:fm1r|fm1a|fm2)_/.test(token)
  return scheme.toLowerCase() === (macaroon ? 'flyv1' : 'bearer')
}

/** Only the own organization's series are there. */
function evaluatorFor(world: World, call: Call, stepMs: number): Evaluator {
  return createEvaluator(world.metrics, stepMs, visibleTo(world, call))
}

function visibleTo(world: World, call: Call): (series: Series) => boolean {
  return ({ labels }) =>
    (world.apps.get(labels['app'] ?? '')?.organization.slug ?? call.caller.organization) === call.caller.organization
}

function matchedSeries(world: World, call: Call, values: URLSearchParams): readonly Series[] {
  const evaluator = evaluatorFor(world, call, standardStepMs)
  const selectors = values.getAll('match[]')
  if (selectors.length === 0)
    return world.metrics
      .names()
      .flatMap((name) => world.metrics.select(name, {}))
      .filter(visibleTo(world, call))
  return selectors.flatMap((text) => {
    const expression = parse(text)
    if (expression.kind !== 'selector') throw new QueryError('invalid parameter "match[]": a series selector expected')
    return evaluator.series(expression)
  })
}

function need(values: URLSearchParams, name: string): string {
  const value = values.get(name)
  if (value === null || value === '') throw new QueryError(`invalid parameter ${JSON.stringify(name)}: missing`)
  return value
}

/** Unix seconds with fractions, or RFC 3339; kept to the millisecond. */
function timeOf(text: string | null, fallback: number): number {
  if (text === null || text === '') return fallback
  const seconds = Number(text)
  const time = Number.isFinite(seconds) ? Math.round(seconds * 1_000) : Date.parse(text)
  if (Number.isNaN(time))
    throw new QueryError(`invalid parameter "time": cannot parse ${JSON.stringify(text)} to a valid timestamp`)
  return time
}

function stepOf(text: string | null): number | undefined {
  if (text === null || text === '') return undefined
  const seconds = Number(text)
  const step = Number.isFinite(seconds) ? seconds * 1_000 : durationToMs(text)
  if (!(step > 0))
    throw new QueryError(`invalid parameter "step": cannot parse ${JSON.stringify(text)} to a valid duration`)
  return step
}

function instantResult(value: Value, time: number) {
  if (value.kind === 'vector')
    return {
      resultType: 'vector',
      result: value.points.map(({ labels, value: it }) => ({ metric: labels, value: pair(time, it) })),
    }
  if (value.kind === 'scalar') return { resultType: 'scalar', result: pair(time, value.value) }
  return { resultType: 'string', result: [time / 1_000, value.value] }
}

function pair(time: number, value: number): [number, string] {
  return [time / 1_000, value === Infinity ? '+Inf' : value === -Infinity ? '-Inf' : String(value)]
}
