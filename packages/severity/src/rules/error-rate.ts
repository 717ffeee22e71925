import { compareSeverity, type Symptom } from '@firebreak/core'
import { bandAt, bandOf, entryOf } from '../band.ts'
import type { Band, SeverityPolicy } from '../policy.ts'
import type { Detail, Findings } from '../verdict.ts'
import { wilsonLowerBound } from '../wilson.ts'

type ErrorRate = Extract<Symptom, { kind: 'errorRate' }>

/**
 * Enough failures are taken at face value. A few are judged by what they prove (the Wilson lower bound), and never reach
 * the worst level. Fewer are no verdict: they neither page nor hide anything.
 */
export function judgeErrorRate(symptom: ErrorRate, { errorRate }: SeverityPolicy, findings: Findings): void {
  const { ratio, requests, windowMs } = symptom
  const face = bandOf(errorRate.bands, ratio)
  if (requests === undefined) {
    if (face !== undefined) add(findings, face, ratio, windowMs, { volume: 'unknown' })
    return
  }
  if (requests === 0) {
    findings.inconclusive.push({
      rule: 'errorRate',
      observed: ratio,
      why: 'no requests in the window; no traffic is not "no errors"',
      settledBy: 'probes of our own',
    })
    return
  }
  if (face === undefined) return
  const { faceValueFrom, boundFrom, z, atMost } = errorRate.fewRequests
  const failed = Math.round(ratio * requests)
  if (failed >= faceValueFrom) {
    add(findings, face, ratio, windowMs, { failed, requests })
    return
  }
  if (failed >= boundFrom) {
    const bound = wilsonLowerBound(failed, requests, z)
    const proven = bandOf(errorRate.bands, bound)
    if (proven !== undefined) {
      const capped = compareSeverity(proven.level, atMost) < 0
      const band = capped ? (bandAt(errorRate.bands, atMost) ?? proven) : proven
      add(findings, band, ratio, windowMs, { failed, requests, bound }, capped)
      return
    }
  }
  findings.inconclusive.push({
    rule: 'errorRate',
    observed: ratio,
    why: `${failed} of ${Math.round(requests)} requests failed: too few to tell`,
    settledBy: `${failed < boundFrom ? boundFrom : faceValueFrom} or more failures, a wider window, or probes of our own`,
  })
}

function add(
  { reasons }: Findings,
  band: Band,
  ratio: number,
  windowMs: number | undefined,
  detail: Detail,
  capped = false,
): void {
  detail.exclusive = band.above !== undefined
  if (capped) detail.capped = true
  if (windowMs !== undefined) detail.windowMs = windowMs
  if (band.note !== undefined) detail.note = band.note
  reasons.push({ level: band.level, rule: 'errorRate', observed: ratio, threshold: entryOf(band), detail })
}
