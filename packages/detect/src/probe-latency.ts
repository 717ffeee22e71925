import type { Signal } from '@firebreak/core'
import type { Baseline } from './baseline.ts'
import { numberIn } from './numbers.ts'
import { createObserver } from './observer.ts'
import type { ProbeOptions } from './probe-options.ts'

/** One slow answer is chance; the middle of the last five is not. */
const kept = 5
/** From here on the standard policy has a level for it. */
const firesFrom = 1.5
const firesAboveMs = 50

/** Response time of a probe's own requests against what is usual, under `<name>/latency`. */
export function createLatencyLook(
  source: string,
  name: string,
  options: ProbeOptions & { baselineMs: number | Baseline },
) {
  const observed = createObserver(source, name, options)
  const given = options.baselineMs
  const usual = typeof given === 'number' ? undefined : given
  if (typeof given === 'number') numberIn(given, 'baselineMs', Number.MIN_VALUE)
  const last: number[] = []

  return function look(tookMs: number): readonly Signal[] {
    last.push(tookMs)
    if (last.length > kept) last.shift()
    const baselineMs = typeof given === 'number' ? given : given.figures()?.median
    const ms = last.toSorted((left, right) => left - right)[Math.floor(last.length / 2)] ?? tookMs
    const known = baselineMs !== undefined && baselineMs > 0 && last.length === kept
    const firing = known && ms >= firesFrom * baselineMs && ms - baselineMs >= firesAboveMs
    // What is ill must not become usual.
    if (!firing) usual?.learn(tookMs)
    if (!known) return []
    const status = firing ? 'firing' : 'resolved'
    const summary = `answers in ${ms} ms (median of ${kept}), usual ${Math.round(baselineMs)} ms`
    return [observed({ aspect: 'latency', status, summary, symptoms: [{ kind: 'latency', ms, baselineMs }] })]
  }
}
