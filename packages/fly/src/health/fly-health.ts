import { FirebreakError, InvalidInput, type HealthFigures, type HealthSample, type HealthSource } from '@firebreak/core'
import type { FlyApp } from '../fly-app.ts'
import { checkedNumber } from '../transport/route.ts'
import { nothingKnown, readFigures, type AskMetrics, type MetricView } from '../metrics/figures.ts'

export interface FlyHealthOptions {
  /**
   * `edge`: what clients got, the proxy's own 502 and 503 included; `app`: what the machines answered.
   * Default: the edge, with each machine's own view beside it; machines asked for by id are always the app view.
   */
  readonly view?: MetricView | undefined
  /** How often Fly reads the counters, in milliseconds. Default 15,000. */
  readonly scrapeEveryMs?: number | undefined
}

/** The source cannot tell machines apart. */
export class HealthNotPerUnitError extends FirebreakError<'HEALTH_NOT_PER_UNIT'> {
  constructor() {
    super({ code: 'HEALTH_NOT_PER_UNIT', message: "Fly's edge cannot tell machines apart; use the app view for units" })
    this.name = 'HealthNotPerUnitError'
  }
}

/**
 * What users got, from Fly's hosted Prometheus (`GET /prometheus/{organization}/api/v1/query`). The span is cut to whole
 * seconds, at least one, and `since` says so. No series is "not known"; a series that stood still is "no traffic"; neither
 * is "no errors".
 */
export function flyHealth(app: FlyApp, options: FlyHealthOptions = {}): HealthSource {
  const { view } = options
  if (view !== undefined && view !== 'edge' && view !== 'app') throw new InvalidInput('view', "must be 'edge' or 'app'")
  const ask: AskMetrics = (promql, at, { signal }) => app.metrics.query(promql, { at, signal })

  return {
    resolutionMs: checkedNumber(options.scrapeEveryMs ?? 15_000, 'scrapeEveryMs', 0, 3_600_000),
    async sample({ since, until, units, signal }): Promise<HealthSample> {
      if (!(since < until)) throw new InvalidInput('since', 'must lie before until')
      if (units !== undefined && view === 'edge') throw new HealthNotPerUnitError()
      const seconds = Math.max(1, Math.floor((until - since) / 1_000))
      const whole: MetricView = units === undefined && view !== 'app' ? 'edge' : 'app'
      const span = { app: app.name, machines: units, seconds, at: until }
      const [regions, machines] = await Promise.all([
        readFigures(ask, { ...span, view: whole }, 'region', { signal }),
        view === 'edge' ? undefined : readFigures(ask, { ...span, view: 'app' }, 'instance', { signal }),
      ])
      return {
        ...regions.all,
        since: until - seconds * 1_000,
        until,
        source: `fly-${whole}`,
        regions: regions.each,
        ...(machines === undefined ? {} : { units: { ...empty(units), ...machines.each } }),
        ...(machines === undefined || whole === 'app' ? {} : { unitsSource: 'fly-app' }),
      }
    },
  }
}

function empty(units: readonly string[] | undefined): Record<string, HealthFigures> {
  return Object.fromEntries((units ?? []).map((id) => [id, nothingKnown]))
}
