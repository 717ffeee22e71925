import type { HealthFigures } from '@firebreak/core'
import type { AppScope } from '../machines/scope.ts'
import { flyCall, type CallOptions, type FlyCall } from '../transport/call.ts'
import { checkedNumber } from '../transport/route.ts'
import { readFigures, type AskMetrics, type Figures, type MetricView } from './figures.ts'
import { queryInstant, queryOverTime, type MetricSample, type MetricSeries } from './prometheus.ts'

/** The span that a ready-made figure covers. */
export interface FigureQuery extends CallOptions {
  /** Default `edge`: what users got. */
  readonly view?: MetricView | undefined
  /** Back from `at`, in milliseconds; whole seconds count. Default 300,000. */
  readonly windowMs?: number | undefined
  /** Milliseconds since the epoch. Default now. */
  readonly at?: number | undefined
}

/** `null` is "not known": no series, or no traffic. It is never "no errors". */
export interface FlyMetrics {
  /** `GET /prometheus/{organization}/api/v1/query`; `at` in milliseconds since the epoch, default now. */
  query(promql: string, options?: CallOptions & { readonly at?: number | undefined }): FlyCall<readonly MetricSample[]>
  /** `GET /prometheus/{organization}/api/v1/query_range`; times in milliseconds since the epoch. */
  queryRange(
    promql: string,
    range: { readonly since: number; readonly until: number; readonly stepMs: number } & CallOptions,
  ): FlyCall<readonly MetricSeries[]>
  /** Share of answers with status 5xx, 0…1. */
  errorRatio(query?: FigureQuery): Promise<number | null>
  /** 95th percentile of the time to answer, in milliseconds. */
  p95(query?: FigureQuery): Promise<number | null>
  /** Requests a second. */
  requestRate(query?: FigureQuery): Promise<number | null>
  /** Requests, errors, ratio and p95 of each machine, by id; always the app view. */
  byMachine(query?: Omit<FigureQuery, 'view'>): Promise<Readonly<Record<string, HealthFigures>>>
  /** The same of each region, by code. */
  byRegion(query?: FigureQuery): Promise<Readonly<Record<string, HealthFigures>>>
}

/** The app's organization, asked for once. */
export type OrganizationOf = (options: CallOptions) => Promise<string>

export function flyMetrics({ http, app }: AppScope, organization: OrganizationOf): FlyMetrics {
  const ask: AskMetrics = async (promql, at, options) =>
    (await queryInstant(http, await organization(options), promql, at, options)).data

  function figures(
    { view = 'edge', windowMs = 300_000, at, ...options }: FigureQuery,
    by: 'region' | 'instance',
  ): Promise<Figures> {
    const seconds = Math.floor(checkedNumber(windowMs, 'windowMs', 1_000, 30 * 86_400_000) / 1_000)
    return readFigures(ask, { app, view, seconds, at: at ?? http.settings.clock.now() }, by, options)
  }
  return {
    query: (promql, { at, ...options } = {}) =>
      flyCall(async () => queryInstant(http, await organization(options), promql, at, options)),
    queryRange: (promql, { since, until, stepMs, ...options }) =>
      flyCall(async () => queryOverTime(http, await organization(options), promql, { since, until, stepMs }, options)),
    errorRatio: async (query = {}) => (await figures(query, 'region')).all.errorRatio,
    p95: async (query = {}) => (await figures(query, 'region')).all.p95Ms,
    async requestRate(query = {}) {
      const { all } = await figures(query, 'region')
      return all.requests === null ? null : all.requests / Math.floor((query.windowMs ?? 300_000) / 1_000)
    },
    byMachine: async (query = {}) => (await figures({ ...query, view: 'app' }, 'instance')).each,
    byRegion: async (query = {}) => (await figures(query, 'region')).each,
  }
}
