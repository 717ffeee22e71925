import { InvalidInput, type HealthFigures, type HealthSource } from '@firebreak/core'
import { DetectError } from '../detect-error.ts'
import { together } from '../together.ts'
import { createPromQuery, type PrometheusOptions } from './client.ts'
import { errorFigures, oneFigure } from './figures.ts'
import type { Series } from './vector.ts'
import { inWindow } from './window.ts'

/** PromQL over the span that is asked for, which replaces `$window`. The unit is in the name. */
export interface HealthQueries {
  /** Requests in the span: `sum(increase(requests_total[$window]))`. */
  readonly requests: string
  /** Failed ones. */
  readonly errors: string
  readonly p95Ms?: string | undefined
  readonly p95Seconds?: string | undefined
}

/** The same figures, one series for each value of `label`: `sum by (instance) (…)`. */
export interface GroupedQueries extends HealthQueries {
  readonly label: string
}

export interface PrometheusHealthOptions extends PrometheusOptions {
  readonly queries: HealthQueries
  /**
   * Without it, a question about single units is refused with `HEALTH_NOT_PER_UNIT`. On VictoriaMetrics write
   * `increase_prometheus`: its `increase` counts on from the sample before the span, when the unit may have run another image.
   */
  readonly units?: GroupedQueries | undefined
  readonly regions?: GroupedQueries | undefined
}

/** What users got, from any PromQL endpoint. Absent is `null`, not zero. */
export function prometheusHealth(options: PrometheusHealthOptions): HealthSource {
  const { queries, units, regions } = options
  if (!queries?.requests || !queries.errors)
    throw new InvalidInput('queries', 'needs requests and errors, each giving a count for $window')
  const ask = createPromQuery(options)

  interface Span {
    readonly at: number
    readonly windowMs: number
    readonly signal: AbortSignal
  }
  function askAll({ requests, errors, p95Ms, p95Seconds }: HealthQueries, { at, windowMs, signal: parent }: Span) {
    const asked = [requests, errors, p95Ms ?? p95Seconds].filter((query) => query !== undefined)
    return together(parent, (signal) => asked.map((query) => ask(inWindow(query, windowMs), { at, signal })))
  }

  async function whole(span: Span): Promise<HealthFigures> {
    const [requests, errors, p95] = await askAll(queries, span)
    const raw = { requests: oneFigure(requests ?? [], 'requests'), errors: oneFigure(errors ?? [], 'errors') }
    return { ...errorFigures(raw), p95Ms: inMs(oneFigure(p95 ?? [], 'p95'), queries) }
  }
  async function grouped(group: GroupedQueries | undefined, span: Span) {
    if (group === undefined) return undefined
    const [requests, errors, p95] = (await askAll(group, span)).map((series) => byLabel(series, group.label))
    const names = new Set([...(requests?.keys() ?? []), ...(errors?.keys() ?? []), ...(p95?.keys() ?? [])])
    return Object.fromEntries(
      Array.from(names, (name) => {
        const raw = { requests: requests?.get(name) ?? null, errors: errors?.get(name) ?? null }
        return [name, { ...errorFigures(raw), p95Ms: inMs(p95?.get(name) ?? null, group) }]
      }),
    )
  }

  return {
    async sample({ since, until, units: wanted, signal }) {
      if (!(until > since)) throw new InvalidInput('until', 'must be later than since')
      if (wanted !== undefined && units === undefined)
        throw new DetectError('HEALTH_NOT_PER_UNIT', 'this source has no query by unit: give prometheusHealth units')
      const span = { at: until, windowMs: until - since }
      const [total, perUnit, perRegion] = await together(signal, (inner) => {
        const within: Span = { ...span, signal: inner }
        return [whole(within), grouped(units, within), grouped(regions, within)] as const
      })
      return {
        since,
        until,
        source: 'prometheus',
        ...total,
        ...(perUnit === undefined ? {} : { units: only(perUnit, wanted) }),
        ...(perRegion === undefined ? {} : { regions: perRegion }),
      }
    },
  }
}

function byLabel(series: readonly Series[], label: string): Map<string, number> {
  return new Map(
    series.flatMap(({ labels, value }) => (Object.hasOwn(labels, label) ? [[labels[label] ?? '', value]] : [])),
  )
}

function inMs(figure: number | null, { p95Ms }: HealthQueries): number | null {
  return figure === null || p95Ms !== undefined ? figure : figure * 1_000
}

const unknown: HealthFigures = { requests: null, errors: null, errorRatio: null, p95Ms: null }

/** A unit that was asked for and is absent is unknown, never healthy. */
function only(found: Record<string, HealthFigures>, wanted: readonly string[] | undefined) {
  if (wanted === undefined) return found
  return Object.fromEntries(wanted.map((unit) => [unit, Object.hasOwn(found, unit) ? found[unit]! : unknown]))
}
