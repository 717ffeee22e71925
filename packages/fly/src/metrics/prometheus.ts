import * as z from 'zod'
import { InvalidInput } from '@firebreak/core'
import { FlyUnexpectedAnswerError } from '../errors/kinds.ts'
import { aboutOf } from '../machines/scope.ts'
import type { Answered, CallOptions } from '../transport/call.ts'
import type { FlyRequest, Http } from '../transport/http.ts'
import { decode, texts } from '../transport/schema.ts'

/** One series of an instant query. `null` where Prometheus said NaN: there is no such number. */
export interface MetricSample {
  readonly labels: Readonly<Record<string, string>>
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly value: number | null
}

/** One series of a range query. */
export interface MetricSeries {
  readonly labels: Readonly<Record<string, string>>
  readonly points: readonly { readonly at: number; readonly value: number | null }[]
}

const point = z
  .tuple([z.number(), z.union([z.string(), z.number()])])
  .transform(([seconds, value]) => ({ at: Math.round(seconds * 1_000), value: figure(value) }))

const vector = z
  .looseObject({ metric: texts, value: point })
  .transform(({ metric, value }): MetricSample => ({ labels: metric, ...value }))
const matrix = z
  .looseObject({ metric: texts, values: z.array(point) })
  .transform(({ metric, values }): MetricSeries => ({ labels: metric, points: values }))

/** `GET /prometheus/{organization}/api/v1/query` */
export function queryInstant(
  http: Http,
  organization: string,
  promql: string,
  at: number | undefined,
  options?: CallOptions,
): Promise<Answered<readonly MetricSample[]>> {
  const time: [string, string][] = at === undefined ? [] : [['time', seconds(at, 'at')]]
  return ask(http, organization, 'query', [['query', checked(promql)], ...time], z.array(vector), options)
}

/** `GET /prometheus/{organization}/api/v1/query_range` */
export function queryOverTime(
  http: Http,
  organization: string,
  promql: string,
  range: { readonly since: number; readonly until: number; readonly stepMs: number },
  options?: CallOptions,
): Promise<Answered<readonly MetricSeries[]>> {
  if (!(range.since < range.until)) throw new InvalidInput('since', 'must lie before until')
  if (!(range.stepMs >= 1) || (range.until - range.since) / range.stepMs > 11_000)
    throw new InvalidInput('stepMs', 'must be positive, and large enough for at most 11,000 points a series')
  const parameters: [string, string][] = [
    ['query', checked(promql)],
    ['start', seconds(range.since, 'since')],
    ['end', seconds(range.until, 'until')],
    ['step', String(range.stepMs / 1_000)],
  ]
  return ask(http, organization, 'query_range', parameters, z.array(matrix), options)
}

async function ask<Schema extends z.ZodType>(
  http: Http,
  organization: string,
  what: 'query' | 'query_range',
  query: readonly [string, string][],
  result: Schema,
  options?: CallOptions,
): Promise<Answered<z.infer<Schema>>> {
  const request: FlyRequest = {
    service: 'metrics',
    method: 'GET',
    route: `/prometheus/{organization}/api/v1/${what}`,
    values: { organization },
    query,
    repeat: 'always',
  }
  const about = aboutOf(request)
  const answer = await http.send(request, options)
  const { data: envelope } = decode(z.looseObject({ status: z.string(), error: z.string().optional() }), answer, about)
  if (envelope.status !== 'success')
    throw new FlyUnexpectedAnswerError(
      `${about.method} ${about.path}: ${http.settings.hide(envelope.error ?? envelope.status).slice(0, 300)}`,
      about,
    )
  const { data, ...rest } = decode(z.looseObject({ data: z.looseObject({ result }) }), answer, about)
  return { ...rest, data: data.data.result as z.infer<Schema> }
}

function figure(value: string | number): number | null {
  const parsed =
    typeof value === 'number' ? value : Number(value === '+Inf' ? 'Infinity' : value.replace('-Inf', '-Infinity'))
  return Number.isNaN(parsed) ? null : parsed
}

function seconds(at: number, field: string): string {
  if (!Number.isFinite(at) || at < 0) throw new InvalidInput(field, 'must be milliseconds since the epoch')
  return String(at / 1_000)
}

function checked(promql: string): string {
  if (typeof promql !== 'string' || promql === '' || promql.length > 8_000)
    throw new InvalidInput('query', 'must be a PromQL expression of at most 8,000 characters')
  return promql
}
