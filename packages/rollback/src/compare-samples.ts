import { formatPercent, type HealthFigures } from '@firebreak/core'
import { span } from './plain-text.ts'

/** `worse` means "not better: as ill as before, or more". Inconclusive is neither: look longer, or ask a person. */
export type Judgement = 'better' | 'worse' | 'inconclusive'

export interface Comparison {
  readonly judgement: Judgement
  /** One sentence with both figures and their denominators. */
  readonly why: string
  readonly before: HealthFigures | null
  readonly after: HealthFigures | null
}

export interface CompareOptions {
  /** Fewer requests prove nothing; default 30. */
  readonly requests?: number | undefined
  /** Below this error ratio it is well; default 0.05, the entry of P2. */
  readonly healthyRatio?: number | undefined
  /** At least so much of the old ratio is "as ill"; default 0.8. */
  readonly asIll?: number | undefined
}

/** Width of the intervals: wide enough that looking after every poll does not wear the verdict out (two-sided 99.7 %). */
const deviations = 3

/**
 * Did it get better? Compares error ratios by Wilson intervals that must not overlap, and latency where errors were not
 * the trouble. `null` figures are "not known", which is never "well".
 */
export function compareSamples(
  before: HealthFigures | null,
  after: HealthFigures | null,
  options: CompareOptions = {},
): Comparison {
  const { requests = 30, healthyRatio = 0.05, asIll = 0.8 } = options
  const verdict = (judgement: Judgement, why: string): Comparison => ({ judgement, why, before, after })
  const now = counted(after)
  if (now === undefined || now.requests < requests)
    return verdict('inconclusive', `only ${now?.requests ?? 'an unknown number of'} requests since (needs ${requests})`)
  const then = counted(before)
  const figures = `${now.errors} of ${now.requests} failed${then === undefined ? '' : `, ${then.errors} of ${then.requests} before`}`
  const [low, high] = wilson(now)
  if (then === undefined || then.requests === 0) {
    if (ratioOf(now) < healthyRatio) return verdict('better', `${figures}: below ${formatPercent(healthyRatio)}`)
    if (low >= healthyRatio) return verdict('worse', `${figures}: not below ${formatPercent(healthyRatio)}`)
    return verdict('inconclusive', `${figures}, and nothing to compare it with`)
  }
  const wasIll = ratioOf(then) >= healthyRatio
  if (wasIll) {
    if (high < wilson(then)[0]) return verdict('better', figures)
    if (low >= healthyRatio && ratioOf(now) >= asIll * ratioOf(then))
      return verdict('worse', `${figures}: as ill as before`)
    return verdict('inconclusive', `${figures}: too close to tell`)
  }
  if (low >= healthyRatio) return verdict('worse', `${figures}: errors that were not there before`)
  return compareLatency(before, after, figures, verdict)
}

/** No latency below this is a trouble, whatever was usual: the severity policy counts no difference of less. */
const neverSlowMs = 50

function inWords(milliseconds: number): string {
  return milliseconds < 1_000 ? `${Math.round(milliseconds)} ms` : span(milliseconds)
}

function compareLatency(
  before: HealthFigures | null,
  after: HealthFigures | null,
  figures: string,
  verdict: (judgement: Judgement, why: string) => Comparison,
): Comparison {
  const [then, now] = [before?.p95Ms ?? null, after?.p95Ms ?? null]
  if (then === null || now === null || then === 0)
    return verdict('inconclusive', `${figures}: errors were not the trouble, and latency is not known`)
  const latency = `p95 ${inWords(now)}, ${inWords(then)} before`
  if (Math.max(then, now) < neverSlowMs)
    return verdict('inconclusive', `${figures}, ${latency}: well before, and well now`)
  if (now <= then * (2 / 3)) return verdict('better', latency)
  if (now >= then * 0.9) return verdict('worse', `${latency}: as slow as before`)
  return verdict('inconclusive', `${latency}: too close to tell`)
}

interface Counted {
  readonly requests: number
  readonly errors: number
}

export function counted(figures: HealthFigures | null | undefined): Counted | undefined {
  if (figures === null || figures === undefined || figures.requests === null) return undefined
  const errors =
    figures.errors ?? (figures.errorRatio === null ? null : Math.round(figures.errorRatio * figures.requests))
  if (errors === null) return figures.requests === 0 ? { requests: 0, errors: 0 } : undefined
  return { requests: figures.requests, errors: Math.min(errors, figures.requests) }
}

function ratioOf({ requests, errors }: Counted): number {
  return requests === 0 ? 0 : errors / requests
}

/** Wilson's interval of a ratio: lower and upper bound. */
export function wilson({ requests, errors }: Counted, z: number = deviations): readonly [number, number] {
  if (requests === 0) return [0, 1]
  const ratio = errors / requests
  const square = (z * z) / requests
  const middle = (ratio + square / 2) / (1 + square)
  const half = (z / (1 + square)) * Math.sqrt((ratio * (1 - ratio)) / requests + square / (4 * requests))
  return [Math.max(0, middle - half), Math.min(1, middle + half)]
}
