import { InvalidInput } from '@firebreak/core'
import { numberIn, wholeIn } from './numbers.ts'

export interface BaselineOptions {
  /** No verdict before so many values. Default 30. */
  readonly minSamples?: number | undefined
  /** How many of the newest values count. Default 240: an hour at one value in 15 s. */
  readonly keep?: number | undefined
  /** Robust z beyond which a single value is unusual. Default 3.5 (Iglewicz and Hoaglin). */
  readonly zLimit?: number | undefined
  /** Weight of the newest value in the moving average, 0…1. Default 0.2. */
  readonly lambda?: number | undefined
  /** Width of the moving average's control limits in sigmas. Default 3. */
  readonly sigmas?: number | undefined
  /** What `state()` gave earlier. */
  readonly state?: BaselineState | undefined
}

/** Plain data, so that a baseline survives a restart. */
export interface BaselineState {
  readonly values: readonly number[]
  readonly ewma: number | null
  readonly frozen: boolean
}

export interface BaselineFigures {
  readonly samples: number
  readonly median: number
  /** Median absolute deviation, not scaled. */
  readonly mad: number
  readonly ewma: number
}

export type BaselineVerdict =
  | { readonly verdict: 'insufficient data'; readonly samples: number; readonly needed: number }
  | {
      readonly verdict: 'usual' | 'high' | 'low'
      /** 0.6745 (value − median) / MAD, kept within ± 1,000. */
      readonly z: number
      /** Whether the moving average left its control limits: a small shift that lasts. */
      readonly drift: 'none' | 'up' | 'down'
      readonly figures: BaselineFigures
    }

export interface Baseline {
  /** Takes a value in; ignored while frozen. */
  learn(value: number): void
  /** Judges a value against what was learnt; does not learn it. */
  judge(value: number): BaselineVerdict
  /** `undefined`: insufficient data. */
  figures(): BaselineFigures | undefined
  /** From the opening of an incident to its resolution: what is ill must not become usual. */
  freeze(): void
  thaw(): void
  state(): BaselineState
}

/** What is usual for one figure: median and MAD, which a few wild values do not move, and an exponential moving average. */
export function baseline(options: BaselineOptions = {}): Baseline {
  const minSamples = wholeIn(options.minSamples ?? 30, 'minSamples', 1)
  const keep = wholeIn(options.keep ?? Math.max(240, minSamples), 'keep', minSamples, 100_000)
  const zLimit = numberIn(options.zLimit ?? 3.5, 'zLimit', 0)
  const lambda = numberIn(options.lambda ?? 0.2, 'lambda', 0.001, 1)
  const sigmas = numberIn(options.sigmas ?? 3, 'sigmas', 0)
  const values = readState(options.state, keep)
  let ewma = options.state?.ewma ?? null
  let frozen = options.state?.frozen ?? false
  let known: BaselineFigures | undefined

  function figures() {
    if (values.length < minSamples || ewma === null) return undefined
    if (known === undefined) {
      const median = middle(values)
      known = { samples: values.length, median, mad: middle(values.map((value) => Math.abs(value - median))), ewma }
    }
    return known
  }
  return {
    figures,
    learn(value) {
      numberIn(value, 'value', -Number.MAX_VALUE, Number.MAX_VALUE)
      if (frozen) return
      values.push(value)
      if (values.length > keep) values.shift()
      ewma = ewma === null ? value : lambda * value + (1 - lambda) * ewma
      known = undefined
    },
    judge(value) {
      numberIn(value, 'value', -Number.MAX_VALUE, Number.MAX_VALUE)
      const found = figures()
      if (found === undefined) return { verdict: 'insufficient data', samples: values.length, needed: minSamples }
      const spread = sigmaOf(found, values)
      const z = zOf(value - found.median, spread)
      const average = lambda * value + (1 - lambda) * found.ewma
      const reach = sigmas * spread * Math.sqrt(lambda / (2 - lambda))
      const drift = Math.abs(average - found.median) <= reach ? 'none' : average > found.median ? 'up' : 'down'
      const verdict = Math.abs(z) <= zLimit ? 'usual' : z > 0 ? 'high' : 'low'
      return { verdict, z, drift, figures: found }
    },
    freeze: () => void (frozen = true),
    thaw: () => void (frozen = false),
    state: () => ({ values: [...values], ewma, frozen }),
  }
}

function readState(state: BaselineState | undefined, keep: number): number[] {
  if (state === undefined) return []
  if (!Array.isArray(state.values)) throw new InvalidInput('state.values', 'must be a list of numbers')
  for (const [index, value] of state.values.entries())
    numberIn(value, `state.values[${index}]`, -Number.MAX_VALUE, Number.MAX_VALUE)
  if (state.ewma !== null) numberIn(state.ewma, 'state.ewma', -Number.MAX_VALUE, Number.MAX_VALUE)
  return state.values.slice(-keep)
}

/** A standard deviation that outliers do not move. Where more than half the values are equal, MAD is 0 and the mean deviation serves. */
function sigmaOf({ mad, median }: BaselineFigures, values: readonly number[]): number {
  if (mad > 0) return mad / 0.6745
  const meanDeviation = values.reduce((sum, value) => sum + Math.abs(value - median), 0) / values.length
  return meanDeviation * 1.253314
}

function zOf(difference: number, sigma: number): number {
  if (difference === 0) return 0
  return Math.max(-1_000, Math.min(1_000, difference / sigma))
}

function middle(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right)
  const upper = sorted[Math.floor(sorted.length / 2)] ?? 0
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0
  return lower + (upper - lower) / 2
}
