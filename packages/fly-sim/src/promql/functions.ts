import type { Grid, Sample, Series } from '../metrics/series.ts'
import { quantile } from './aggregate.ts'

/** Functions of a range vector: one number out of a window, or none. */
type RangeFunction = (samples: readonly Sample[], window: Window) => number | undefined

export interface Window {
  readonly series: Series
  readonly grid: Grid
  /** Milliseconds since the epoch; from < sample ≤ to. */
  readonly from: number
  readonly to: number
}

/** Older samples are stale: as if the series had ended. */
export const staleAfterMs = 300_000

const overTime =
  (fold: (values: readonly number[]) => number): RangeFunction =>
  (samples) =>
    samples.length === 0 ? undefined : fold(samples.map(({ value }) => value))
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)

export const rangeFunctions: ReadonlyMap<string, RangeFunction> = new Map<string, RangeFunction>([
  ['rate', (samples, window) => grown(samples, window)?.perSecond],
  ['increase', (samples, window) => grown(samples, window)?.by],
  ['increase_prometheus', (samples) => (samples.length < 2 ? undefined : grownFrom(samples[0]!, samples))],
  ['irate', (samples) => lastSlope(samples)],
  ['delta', (samples) => (samples.length < 2 ? undefined : samples.at(-1)!.value - samples[0]!.value)],
  ['resets', (samples) => (samples.length === 0 ? undefined : countResets(samples))],
  ['changes', (samples) => (samples.length === 0 ? undefined : countChanges(samples))],
  ['max_over_time', overTime((values) => Math.max(...values))],
  ['min_over_time', overTime((values) => Math.min(...values))],
  ['avg_over_time', overTime((values) => sum(values) / values.length)],
  ['sum_over_time', overTime(sum)],
  ['count_over_time', overTime((values) => values.length)],
  ['last_over_time', overTime((values) => values.at(-1) ?? Number.NaN)],
  ['present_over_time', overTime(() => 1)],
])

/** Functions of a vector, value by value; further arguments are scalars. */
export const valueFunctions: ReadonlyMap<string, (value: number, one: number, two: number) => number> = new Map([
  ['clamp_min', (value: number, least: number) => Math.max(value, least)],
  ['clamp_max', (value: number, most: number) => Math.min(value, most)],
  ['clamp', (value: number, least: number, most: number) => Math.max(least, Math.min(most, value))],
  ['abs', (value: number) => Math.abs(value)],
  ['ceil', (value: number) => Math.ceil(value)],
  ['floor', (value: number) => Math.floor(value)],
  ['sqrt', (value: number) => Math.sqrt(value)],
  ['exp', (value: number) => Math.exp(value)],
  ['ln', (value: number) => Math.log(value)],
  ['round', (value: number, to: number) => (Number.isNaN(to) ? Math.round(value) : Math.round(value / to) * to)],
])

const arities: Readonly<Record<string, readonly [number, number]>> = {
  clamp_min: [2, 2],
  clamp_max: [2, 2],
  clamp: [3, 3],
  round: [1, 2],
  histogram_quantile: [2, 2],
  quantile_over_time: [2, 2],
  vector: [1, 1],
  scalar: [1, 1],
  absent: [1, 1],
  sort: [1, 1],
  sort_desc: [1, 1],
  time: [0, 0],
}

export function arityOf(name: string): readonly [number, number] | undefined {
  if (Object.hasOwn(arities, name)) return arities[name]
  return rangeFunctions.has(name) || valueFunctions.has(name) ? [1, 1] : undefined
}

/**
 * How much a counter grew, as VictoriaMetrics (Fly's server) counts: from the last sample before the window to the last
 * one in it, nothing extrapolated. A series that was born in the window began at zero where the window began.
 */
function grown(samples: readonly Sample[], { series, grid, from }: Window) {
  const last = samples.at(-1)
  if (last === undefined) return undefined
  const before = series.last(from - staleAfterMs, from)
  const first = before ?? birthOf(samples[0]!, series, grid, from) ?? samples[0]!
  const by = grownFrom(first, samples)
  const seconds = (last.time - first.time) / 1_000
  return seconds <= 0 ? undefined : { by, perSecond: by / seconds }
}

/** A counter that fell began again at zero. */
function grownFrom(first: Sample, samples: readonly Sample[]): number {
  let by = 0
  let previous = first.value
  for (const { time, value } of samples) {
    if (time <= first.time) continue
    by += value < previous ? value : value - previous
    previous = value
  }
  return by
}

function birthOf(first: Sample, series: Series, grid: Grid, from: number): Sample | undefined {
  if (series.last(-Infinity, first.time - 1) !== undefined) return undefined
  const app = series.labels['app'] ?? ''
  const began = grid.lastTime(from - staleAfterMs, from, app) ?? grid.times(from, first.time, app)[0] ?? first.time
  return began < first.time ? { time: began, value: 0 } : first
}

function lastSlope(samples: readonly Sample[]): number | undefined {
  const [before, last] = samples.slice(-2)
  if (before === undefined || last === undefined) return undefined
  const by = last.value < before.value ? last.value : last.value - before.value
  return by / ((last.time - before.time) / 1_000)
}

function countResets(samples: readonly Sample[]): number {
  return samples.filter(({ value }, index) => index > 0 && value < samples[index - 1]!.value).length
}

function countChanges(samples: readonly Sample[]): number {
  return samples.filter(({ value }, index) => index > 0 && value !== samples[index - 1]!.value).length
}

export function quantileOverTime(share: number, samples: readonly Sample[]): number | undefined {
  return samples.length === 0
    ? undefined
    : quantile(
        share,
        samples.map(({ value }) => value),
      )
}

/** Prometheus's interpolation: linear within the bucket; the last finite bound is the most that can be said. */
export function histogramQuantile(
  share: number,
  buckets: readonly { readonly le: number; readonly count: number }[],
): number {
  const sorted = buckets.toSorted((one, other) => one.le - other.le)
  const total = sorted.at(-1)
  if (total === undefined || total.le !== Infinity || total.count === 0 || Number.isNaN(share)) return Number.NaN
  if (share < 0) return -Infinity
  if (share > 1) return Infinity
  const rank = share * total.count
  const index = sorted.findIndex(({ count }) => count >= rank)
  if (index === sorted.length - 1) return sorted.at(-2)?.le ?? Number.NaN
  const { le, count } = sorted[index]!
  const below = index === 0 ? { le: 0, count: 0 } : sorted[index - 1]!
  if (count === below.count) return le
  return below.le + (le - below.le) * ((rank - below.count) / (count - below.count))
}
