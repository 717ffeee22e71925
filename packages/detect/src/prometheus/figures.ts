import { DetectError } from '../detect-error.ts'
import { ratio } from '../symptom-check.ts'
import type { Series } from './vector.ts'

/** What the queries gave for one span; `null` is "absent", which is not zero. */
export interface RawFigures {
  readonly errorRatio?: number | null | undefined
  readonly errors?: number | null | undefined
  readonly requests?: number | null | undefined
}

export interface ErrorFigures {
  readonly requests: number | null
  readonly errors: number | null
  readonly errorRatio: number | null
}

/** Rounding of two divided floats, no more. */
const slack = 1e-6

/**
 * Puts together what the queries gave. A ratio without traffic is unknown. With traffic and without any error series the
 * ratio is 0: Prometheus has no series for a status that was never answered.
 */
export function errorFigures(raw: RawFigures): ErrorFigures {
  const requests = raw.requests ?? null
  if (requests !== null && requests <= 0) return { requests: 0, errors: null, errorRatio: null }
  const given = raw.errorRatio ?? fromCounts(raw.errors ?? null, requests)
  const asked = raw.errorRatio !== undefined || raw.errors !== undefined
  const found = given ?? (asked && requests !== null ? 0 : null)
  if (found === null) return { requests, errors: null, errorRatio: null }
  // Divided floats: 600 of 1,200 must not become a hair more than half, which is another level.
  const exact = Number(found.toPrecision(12))
  const errorRatio = ratio(exact > 1 && exact <= 1 + slack ? 1 : exact, 'queries.errorRatio')
  const errors = raw.errors ?? (requests === null ? null : errorRatio * requests)
  return { requests, errors, errorRatio }
}

function fromCounts(errors: number | null, requests: number | null): number | null {
  // Counters of two series are extrapolated apart: a little more errors than requests is all of them.
  return errors === null || requests === null ? null : Math.min(1, Math.max(0, errors) / requests)
}

/** The one figure of a query, or `null` when it is absent. */
export function oneFigure(series: readonly Series[], name: string): number | null {
  if (series.length > 1)
    throw new DetectError(
      'PROMETHEUS_NOT_ONE_SERIES',
      `queries.${name} gives ${series.length} series: aggregate them, for example with sum(…)`,
    )
  return series[0]?.value ?? null
}
