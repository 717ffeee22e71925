import type { HealthFigures } from '@firebreak/core'
import type { CallOptions } from '../transport/call.ts'
import { checkedId, checkedNumber } from '../transport/route.ts'
import type { MetricSample } from './prometheus.ts'

/** `edge`: what clients got, the proxy's own 502 and 503 included; `app`: what the machines answered. */
export type MetricView = 'edge' | 'app'

/** A span of what users got, in one view. */
export interface FigureQuestion {
  readonly app: string
  readonly view: MetricView
  /** Only these machines; app view only. */
  readonly machines?: readonly string[] | undefined
  /** Whole seconds, at least 1: the span before `at`. */
  readonly seconds: number
  /** Milliseconds since the epoch. */
  readonly at: number
}

/** Asks Prometheus one question. */
export type AskMetrics = (promql: string, at: number, options: CallOptions) => Promise<readonly MetricSample[]>

export const nothingKnown: HealthFigures = { requests: null, errors: null, errorRatio: null, p95Ms: null }

const series = { edge: 'fly_edge', app: 'fly_app' } as const

/**
 * Fly's server is VictoriaMetrics: `increase` and `rate` count on from the last sample before the span, so that a series
 * born within it is counted whole. Machines are asked for by id to learn what became of them since an instant, an update,
 * say; what users got before it would then speak against the new image. `increase_prometheus` counts between samples within
 * the span only (a quantile does not care that it is no rate). Source: the MetricsQL reference.
 */
const usual = { grown: 'increase', perSecond: 'rate' } as const
const strict = { grown: 'increase_prometheus', perSecond: 'increase_prometheus' } as const

/** Of the whole, and of each machine or region. */
export interface Figures {
  readonly all: HealthFigures
  readonly each: Readonly<Record<string, HealthFigures>>
}

/**
 * Counts and p95 for the whole and by one label. Counters that are absent are "not known"; counters that stand still are
 * "no traffic"; a missing 5xx counter beside a total that moved is "no errors".
 */
export async function readFigures(
  ask: AskMetrics,
  question: FigureQuestion,
  by: 'region' | 'instance',
  options: CallOptions,
): Promise<Figures> {
  const selector = selectorOf(question)
  const name = series[question.view]
  const { grown, perSecond } = question.machines === undefined ? usual : strict
  const buckets = (labels: string) =>
    `histogram_quantile(0.95, sum by (${labels}) (${perSecond}(${name}_http_response_time_seconds_bucket${selector})))`
  const [counted, slowEach, slowAll] = await Promise.all([
    ask(`sum by (${by}, status) (${grown}(${name}_http_responses_count${selector}))`, question.at, options),
    ask(buckets(`${by}, le`), question.at, options),
    ask(buckets('le'), question.at, options),
  ])
  const each = [...Map.groupBy(counted, ({ labels }) => labels[by] ?? '')].map(([label, samples]) => [
    label,
    figuresOf(
      samples,
      slowEach.find(({ labels }) => (labels[by] ?? '') === label),
    ),
  ])
  return { all: figuresOf(counted, slowAll[0]), each: Object.fromEntries(each) as Figures['each'] }
}

/** `{app="…",instance=~"…"}[…s]`; every part of it has been checked. */
function selectorOf({ app, machines, seconds }: FigureQuestion): string {
  const only = machines === undefined ? '' : `,instance=~"${machines.map((id) => checkedId(id, 'units')).join('|')}"`
  return `{app="${app}"${only}}[${checkedNumber(seconds, 'seconds', 1, 86_400 * 30, true)}s]`
}

function figuresOf(samples: readonly MetricSample[], p95: MetricSample | undefined): HealthFigures {
  const known = samples.flatMap(({ labels, value }) => (value === null ? [] : [{ labels, value: Math.max(0, value) }]))
  if (known.length === 0) return nothingKnown
  const total = known.reduce((sum, { value }) => sum + value, 0)
  const failed = known.reduce(
    (sum, { labels, value }) => sum + (labels['status']?.startsWith('5') === true ? value : 0),
    0,
  )
  const requests = Math.round(total)
  if (requests === 0) return { requests: 0, errors: 0, errorRatio: null, p95Ms: null }
  const slow = p95?.value ?? null
  return {
    requests,
    errors: Math.min(requests, Math.round(failed)),
    errorRatio: exact(failed / total),
    p95Ms: slow === null || !Number.isFinite(slow) ? null : slow * 1_000,
  }
}

/** Counters are read as floats: 600 of 1,200 must not become a hair more than half, which is another level. */
function exact(ratio: number): number {
  return Number(ratio.toPrecision(12))
}
