import { InvalidInput, type Probe, type Signal, type Symptom } from '@firebreak/core'
import { baseline, type Baseline } from '../baseline.ts'
import { numberIn } from '../numbers.ts'
import { createObserver } from '../observer.ts'
import type { ProbeOptions } from '../probe-options.ts'
import { together } from '../together.ts'
import { createPromQuery, type PrometheusOptions } from './client.ts'
import { errorFigures, oneFigure } from './figures.ts'
import { inWindow } from './window.ts'

/** PromQL that gives one figure each; `$window` is replaced by the window. The unit is in the name. */
export interface PrometheusQueries {
  /** 0…1, not per cent. */
  readonly errorRatio?: string | undefined
  /** Failed requests in the window; with `requests` it serves instead of `errorRatio`. */
  readonly errors?: string | undefined
  /** Requests in the window. Without it a ratio counts at face value, however few requests there were. */
  readonly requests?: string | undefined
  readonly p95Ms?: string | undefined
  readonly p95Seconds?: string | undefined
}

export interface PrometheusProbeOptions extends Omit<ProbeOptions, 'confirm'>, PrometheusOptions {
  readonly queries: PrometheusQueries
  /** Milliseconds; each gives a figure of its own, and the worst conclusive one counts. Default one and five minutes. */
  readonly windowsMs?: readonly number[] | undefined
  /** What latency is usual, in milliseconds; or a `baseline()` to learn it. Default: learnt from the longest window. */
  readonly baselineMs?: number | Baseline | undefined
  /** From which figures on the signal is `firing`: the lowest level of the standard policy. The level itself is for `classify`. */
  readonly fires?:
    | {
        /** Default 0.01. */
        readonly errorRatio?: number | undefined
        /** Times the baseline. Default 1.5. */
        readonly latencyFactor?: number | undefined
        /** And at least so many milliseconds above it. Default 50. */
        readonly latencyAboveMs?: number | undefined
      }
    | undefined
}

/**
 * Error ratio and latency from any PromQL endpoint, as figures: `<name>/errors` and `<name>/latency`, one symptom a window.
 * An absent series is not zero: then nothing is said, and the signal before goes stale. Rejects when it could not look.
 */
export function prometheusProbe(options: PrometheusProbeOptions): Probe & { readonly service: string } {
  const { queries, name = 'prometheus' } = options
  if (Object.values(queries ?? {}).every((query) => query === undefined))
    throw new InvalidInput('queries', 'is empty: give errorRatio, or errors and requests, or p95Ms')
  const windowsMs = (options.windowsMs ?? [60_000, 300_000]).toSorted((left, right) => left - right)
  for (const [index, windowMs] of windowsMs.entries()) numberIn(windowMs, `windowsMs[${index}]`, 1)
  const firesAt = numberIn(options.fires?.errorRatio ?? 0.01, 'fires.errorRatio', 0, 1)
  const firesFrom = numberIn(options.fires?.latencyFactor ?? 1.5, 'fires.latencyFactor', 0)
  const firesAbove = numberIn(options.fires?.latencyAboveMs ?? 50, 'fires.latencyAboveMs', 0)
  const usual = typeof options.baselineMs === 'object' ? options.baselineMs : baseline()
  const given =
    typeof options.baselineMs === 'number' ? numberIn(options.baselineMs, 'baselineMs', Number.MIN_VALUE) : undefined
  const ask = createPromQuery(options)
  const observed = createObserver('prometheus', name, options)

  async function look(windowMs: number, parent: AbortSignal) {
    const names = queryNames.filter((name) => queries[name] !== undefined)
    const figures = await together(parent, (signal) =>
      names.map(async (name) => oneFigure(await ask(inWindow(queries[name] ?? '', windowMs), { signal }), name)),
    )
    const raw: Raw = Object.fromEntries(names.map((name, index) => [name, figures[index]]))
    return { windowMs, p95Ms: latencyMs(raw), ...errorFigures(raw) }
  }
  type Figures = Awaited<ReturnType<typeof look>>

  function errorSignal(found: readonly Figures[]): Signal[] {
    const symptoms = found.flatMap(({ errorRatio, requests, windowMs }) =>
      errorRatio === null ? [] : [errorRate(errorRatio, requests, windowMs)],
    )
    const [shortest] = symptoms
    if (shortest === undefined) return []
    const status = symptoms.some(({ ratio }) => ratio >= firesAt) ? 'firing' : 'resolved'
    return [observed({ aspect: 'errors', status, summary: sayErrors(shortest), symptoms })]
  }
  function latencySignal(found: readonly Figures[], baselineMs: number | undefined): Signal[] {
    if (baselineMs === undefined || baselineMs <= 0) return []
    const symptoms = found.flatMap(({ p95Ms, requests, windowMs }) =>
      p95Ms === null ? [] : [latency(p95Ms, baselineMs, requests, windowMs)],
    )
    const [shortest] = symptoms
    if (shortest === undefined) return []
    const slow = symptoms.some(({ ms }) => ms >= firesFrom * baselineMs && ms - baselineMs >= firesAbove)
    const status = slow ? 'firing' : 'resolved'
    const summary = `95 % of requests within ${shortest.ms.toFixed(0)} ms, usual ${baselineMs.toFixed(0)} ms`
    return [observed({ aspect: 'latency', status, summary, symptoms })]
  }

  /** Not called while anything fires: what is ill must not become usual. Nor is what a handful of requests say. */
  function learn(figures: Figures | undefined) {
    if (figures === undefined || figures.p95Ms === null) return
    if (figures.requests === null || figures.requests >= worthLearning) usual.learn(figures.p95Ms)
  }

  return {
    name,
    service: options.service,
    async observe({ signal }) {
      const found = await together(signal, (inner) => windowsMs.map((windowMs) => look(windowMs, inner)))
      const baselineMs = given ?? usual.figures()?.median
      const signals = [...errorSignal(found), ...latencySignal(found, baselineMs)]
      if (given === undefined && signals.every(({ status }) => status !== 'firing')) learn(found.at(-1))
      return signals
    },
  }
}

/** Requests in a window. */
const worthLearning = 30

const queryNames = ['errorRatio', 'errors', 'requests', 'p95Ms', 'p95Seconds'] as const
type Raw = { readonly [Name in (typeof queryNames)[number]]?: number | null }

function latencyMs({ p95Ms, p95Seconds }: Raw): number | null {
  return p95Ms ?? (typeof p95Seconds === 'number' ? p95Seconds * 1_000 : null)
}

function errorRate(ratio: number, requests: number | null, windowMs: number) {
  const counted = requests === null ? {} : { requests: Math.round(requests) }
  return { kind: 'errorRate', ratio, windowMs, ...counted } as const satisfies Symptom
}

function latency(ms: number, baselineMs: number, requests: number | null, windowMs: number) {
  const counted = requests === null ? {} : { samples: Math.round(requests) }
  return { kind: 'latency', ms, baselineMs, windowMs, ...counted } as const satisfies Symptom
}

function sayErrors({ ratio, requests, windowMs }: ReturnType<typeof errorRate>): string {
  const window = `the last ${windowMs >= 1_000 ? `${Math.round(windowMs / 1_000)} s` : `${windowMs} ms`}`
  const share = `${(ratio * 100).toFixed(1).replace(/\.0$/, '')} %`
  if (requests === undefined) return `${share} of requests failed in ${window}`
  return `${Math.round(ratio * requests)} of ${requests} requests failed in ${window} (${share})`
}
