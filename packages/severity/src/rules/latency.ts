import type { Symptom } from '@firebreak/core'
import { bandOf, entryOf } from '../band.ts'
import type { SeverityPolicy } from '../policy.ts'
import type { Detail, Findings } from '../verdict.ts'

type Latency = Extract<Symptom, { kind: 'latency' }>

/** A multiple of the baseline; differences that nobody feels, and averages over a handful of samples, have no level. */
export function judgeLatency(symptom: Latency, { latency }: SeverityPolicy, findings: Findings): void {
  const { ms, baselineMs, samples } = symptom
  if (baselineMs === 0) {
    findings.inconclusive.push({
      rule: 'latency',
      observed: ms,
      why: 'the baseline is 0 ms: there is nothing to compare with',
      settledBy: 'a learned baseline',
    })
    return
  }
  const multiple = ms / baselineMs
  const band = ms - baselineMs < latency.minimumDifferenceMs ? undefined : bandOf(latency.bands, multiple)
  if (samples !== undefined && samples < latency.minimumSamples && (band !== undefined || samples === 0)) {
    findings.inconclusive.push({
      rule: 'latency',
      observed: multiple,
      why: `${samples} samples are too few to tell`,
      settledBy: `${latency.minimumSamples} or more samples`,
    })
    return
  }
  if (band === undefined) return
  const detail: Detail = { ms, baselineMs, exclusive: band.above !== undefined }
  if (samples !== undefined) detail.samples = samples
  if (band.note !== undefined) detail.note = band.note
  findings.reasons.push({ level: band.level, rule: 'latency', observed: multiple, threshold: entryOf(band), detail })
}
