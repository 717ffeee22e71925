import type { AppScope } from '../machines/scope.ts'
import { flyCall, type CallOptions, type FlyCall } from '../transport/call.ts'
import { queryInstant, queryOverTime, type MetricSample, type MetricSeries } from './prometheus.ts'

export interface FlyMetrics {
  /** `GET /prometheus/{organization}/api/v1/query`; `at` in milliseconds since the epoch, default now. */
  query(promql: string, options?: CallOptions & { readonly at?: number | undefined }): FlyCall<readonly MetricSample[]>
  /** `GET /prometheus/{organization}/api/v1/query_range`; times in milliseconds since the epoch. */
  queryRange(
    promql: string,
    range: { readonly since: number; readonly until: number; readonly stepMs: number } & CallOptions,
  ): FlyCall<readonly MetricSeries[]>
}

/** The app's organization, asked for once. */
export type OrganizationOf = (options: CallOptions) => Promise<string>

export function flyMetrics({ http }: AppScope, organization: OrganizationOf): FlyMetrics {
  return {
    query: (promql, { at, ...options } = {}) =>
      flyCall(async () => queryInstant(http, await organization(options), promql, at, options)),
    queryRange: (promql, { since, until, stepMs, ...options }) =>
      flyCall(async () => queryOverTime(http, await organization(options), promql, { since, until, stepMs }, options)),
  }
}
