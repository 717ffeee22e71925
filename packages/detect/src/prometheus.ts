/** Figures from any PromQL endpoint: Fly's hosted one, your own. */

export type { PrometheusOptions } from './prometheus/client.ts'
export type { PrometheusProbeOptions, PrometheusQueries } from './prometheus/probe.ts'
export type { GroupedQueries, HealthQueries, PrometheusHealthOptions } from './prometheus/health.ts'

export { prometheusProbe } from './prometheus/probe.ts'
export { prometheusHealth } from './prometheus/health.ts'
