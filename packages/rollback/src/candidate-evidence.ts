import { formatPercent, type HealthSample, type HealthSource, type Release, type Severity } from '@firebreak/core'
import type { ProofNumbers } from './automation.ts'
import { count, span as spanText } from './plain-text.ts'

/** An incident as far as it speaks for or against a release. Times in milliseconds since the epoch. */
export interface PastIncident {
  readonly severity: Severity | null
  readonly onsetAt: number
}

/** What was probed in a span: how often, and how often it failed; `null`: not known. */
export type ProbeHistory = (query: {
  since: number
  until: number
  signal: AbortSignal
}) => Promise<{ readonly observations: number; readonly failed: number } | null>

/** What is known of an image while it was live. `null`: not known, which never counts as good. */
export interface ImageEvidence {
  readonly since: number
  readonly until: number
  readonly sample: HealthSample | null
  readonly probes: { readonly observations: number; readonly failed: number } | null
  /** Absent: nobody keeps a history here; the error ratio speaks alone. */
  readonly incidents?: readonly PastIncident[]
}

export interface EvidenceVerdict {
  readonly verdict: 'proven' | 'unproven' | 'bad'
  readonly reasons: readonly string[]
}

/** Reads what users got in a span. A source that fails gives `null`: acting fails closed. */
export async function gatherEvidence(
  live: { since: number; until: number },
  {
    health,
    probes,
    incidents,
    proof,
    signal,
  }: {
    health?: HealthSource | undefined
    probes?: ProbeHistory | undefined
    incidents?: readonly PastIncident[] | undefined
    proof: ProofNumbers
    signal: AbortSignal
  },
): Promise<ImageEvidence> {
  const since = Math.max(live.since, live.until - proof.lookBackMs)
  const query = { since, until: live.until, signal }
  const [sample, probed] = await Promise.all([
    health === undefined ? null : orNull(health.sample(query), signal),
    probes === undefined ? null : orNull(probes(query), signal),
  ])
  return { ...live, sample, probes: probed, ...(incidents === undefined ? {} : { incidents }) }
}

async function orNull<T>(work: Promise<T>, signal: AbortSignal): Promise<T | null> {
  try {
    return await work
  } catch {
    signal.throwIfAborted()
    return null
  }
}

/** Is it a last good one? Says which number is missing, and what would have been enough. */
export function judgeEvidence(
  release: Release,
  evidence: ImageEvidence | undefined,
  proof: ProofNumbers,
  now: number,
): EvidenceVerdict {
  if (evidence === undefined) return { verdict: 'unproven', reasons: ['when it was live is not known'] }
  const { since, until, sample, probes, incidents } = evidence
  const bad = incidents?.find(
    ({ severity, onsetAt }) => (severity === 'P0' || severity === 'P1') && onsetAt >= since && onsetAt < until,
  )
  if (bad !== undefined) return { verdict: 'bad', reasons: [`a ${bad.severity} began while it was live`] }
  const ratio = sample?.errorRatio ?? null
  const enough = (sample?.requests ?? 0) >= proof.requests
  if (enough && ratio !== null && ratio >= proof.healthyRatio)
    return {
      verdict: 'bad',
      reasons: [
        `${formatPercent(ratio)} of requests failed while it was live (below ${formatPercent(proof.healthyRatio)} is well)`,
      ],
    }

  const missing: string[] = []
  const live = until - since
  if (live < proof.liveMs) missing.push(`live for only ${spanText(live)} (needs ${spanText(proof.liveMs)})`)
  const probed = probes !== null && probes.failed === 0 && probes.observations > 0
  if (!enough && !probed)
    missing.push(
      sample === null || sample.requests === null
        ? 'what users got from it is not known'
        : `only ${count(sample.requests)} requests seen (needs ${count(proof.requests)})`,
    )
  const age = now - Date.parse(release.createdAt)
  if (age > proof.maxAgeMs) missing.push(`older than ${spanText(proof.maxAgeMs)}`)
  if (missing.length > 0) return { verdict: 'unproven', reasons: missing }
  return {
    verdict: 'proven',
    reasons: [
      `${spanText(live)} live ${enough ? `with ${count(sample?.requests ?? 0)} requests, ${formatPercent(ratio ?? 0)} errors` : `with ${probes?.observations} green probes`}`,
      incidents === undefined ? 'no incident known' : 'no P0 or P1 while live',
    ],
  }
}
