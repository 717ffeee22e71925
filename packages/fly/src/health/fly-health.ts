import { FirebreakError, InvalidInput, type HealthFigures, type HealthSample, type HealthSource } from '@firebreak/core'
import type { FlyApp } from '../fly-app.ts'
import type { MetricSample } from '../metrics/prometheus.ts'
import { checkedId } from '../transport/route.ts'

export interface FlyHealthOptions {
  /**
   * `edge`: what clients got, the proxy's own 502 and 503 included; `app`: what the machines answered.
   * Default: the edge, with each machine's own view beside it; machines asked for by id are always the app view.
   */
  readonly view?: 'edge' | 'app' | undefined
}

/** The source cannot tell machines apart. */
export class HealthNotPerUnitError extends FirebreakError<'HEALTH_NOT_PER_UNIT'> {
  constructor() {
    super({ code: 'HEALTH_NOT_PER_UNIT', message: "Fly's edge cannot tell machines apart; use the app view for units" })
    this.name = 'HealthNotPerUnitError'
  }
}

const nothingKnown: HealthFigures = { requests: null, errors: null, errorRatio: null, p95Ms: null }

/**
 * What users got, from Fly's hosted Prometheus (`GET /prometheus/{organization}/api/v1/query`). The span is cut to whole
 * seconds, and `since` says so. No series is "not known"; a series that stood still is "no traffic"; neither is "no errors".
 */
export function flyHealth(app: FlyApp, options: FlyHealthOptions = {}): HealthSource {
  const { view } = options
  if (view !== undefined && view !== 'edge' && view !== 'app') throw new InvalidInput('view', "must be 'edge' or 'app'")

  return {
    async sample({ since, until, units, signal }): Promise<HealthSample> {
      if (!(since < until)) throw new InvalidInput('since', 'must lie before until')
      if (units !== undefined && view === 'edge') throw new HealthNotPerUnitError()
      const seconds = Math.max(1, Math.floor((until - since) / 1_000))
      const edge = units === undefined && view !== 'app'
      const asked = { app, seconds, until, signal }
      const [whole, machines] = await Promise.all([
        figuresBy({ ...asked, series: edge ? 'fly_edge' : 'fly_app', by: 'region', units }),
        edge && view === 'edge' ? undefined : figuresBy({ ...asked, series: 'fly_app', by: 'instance', units }),
      ])
      return {
        ...whole.all,
        since: until - seconds * 1_000,
        until,
        source: edge ? 'fly-edge' : 'fly-app',
        regions: whole.each,
        ...(machines === undefined ? {} : { units: { ...empty(units), ...machines.each } }),
      }
    },
  }
}

interface Question {
  readonly app: FlyApp
  readonly series: 'fly_edge' | 'fly_app'
  readonly by: 'region' | 'instance'
  readonly units: readonly string[] | undefined
  readonly seconds: number
  readonly until: number
  readonly signal: AbortSignal
}

interface Figures {
  readonly all: HealthFigures
  readonly each: Readonly<Record<string, HealthFigures>>
}

async function figuresBy({ app, series, by, units, seconds, until, signal }: Question): Promise<Figures> {
  const only = units === undefined ? '' : `,instance=~"${units.map((id) => checkedId(id, 'units')).join('|')}"`
  const selector = `{app="${app.name}"${only}}[${seconds}s]`
  const counts = `sum by (${by}, status) (increase(${series}_http_responses_count${selector}))`
  const times = `sum by (${by}, le) (rate(${series}_http_response_time_seconds_bucket${selector}))`
  const ask = (promql: string) => app.metrics.query(promql, { at: until, signal })
  const [counted, p95Each, p95All] = await Promise.all([
    ask(counts),
    ask(`histogram_quantile(0.95, ${times})`),
    ask(`histogram_quantile(0.95, ${times.replace(`by (${by}, le)`, 'by (le)')})`),
  ])
  const groups = Map.groupBy(counted, ({ labels }) => labels[by] ?? '')
  const each = [...groups].map(([name, samples]): [string, HealthFigures] => [
    name,
    figuresOf(
      samples,
      p95Each.find(({ labels }) => labels[by] === name),
    ),
  ])
  return { all: figuresOf(counted, p95All[0]), each: Object.fromEntries(each) }
}

function figuresOf(samples: readonly MetricSample[], p95: MetricSample | undefined): HealthFigures {
  const known = samples.filter((sample): sample is MetricSample & { value: number } => sample.value !== null)
  if (known.length === 0) return nothingKnown
  const sum = (of: readonly { value: number }[]) => of.reduce((total, { value }) => total + Math.max(0, value), 0)
  const total = sum(known)
  const failed = sum(known.filter(({ labels }) => labels['status']?.startsWith('5') === true))
  const seconds = p95?.value ?? null
  const slow = seconds === null || !Number.isFinite(seconds) ? null : seconds * 1_000
  const requests = Math.round(total)
  if (requests === 0) return { requests: 0, errors: 0, errorRatio: null, p95Ms: null }
  return { requests, errors: Math.min(requests, Math.round(failed)), errorRatio: failed / total, p95Ms: slow }
}

function empty(units: readonly string[] | undefined): Record<string, HealthFigures> {
  return Object.fromEntries((units ?? []).map((id) => [id, nothingKnown]))
}
