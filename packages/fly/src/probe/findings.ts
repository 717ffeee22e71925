import type { HealthSample, Symptom } from '@firebreak/core'
import type { Machine } from '../machines/machine.ts'
import type { PlatformStatus } from '../status/platform-status.ts'
import type { CheckVerdict } from './check-memory.ts'
import type { Crash } from './crash-memory.ts'

/** What a signal says, before it gets its id and time. */
export interface Finding {
  readonly key: string
  readonly source: string
  readonly status: 'firing' | 'resolved'
  readonly summary: string
  readonly symptoms: readonly Symptom[]
  readonly labels?: Readonly<Record<string, string>>
  /** A figure: told on every observation, well or ill. */
  readonly always?: boolean
}

/** Below this share of errors, over at least so many requests, users do not feel what the checks say. */
const unfelt = { ratio: 0.01, requests: 30 }

/**
 * Checks as a figure on every observation. Nothing that counts is nothing to say: it stays unknown. Failing checks that no
 * user feels are conflicting evidence, and never a complete outage.
 */
export function checkFinding(
  app: string,
  verdict: CheckVerdict,
  evidence: HealthSample | undefined,
): Finding | undefined {
  const { total, passing, ill, intermittent, undecided } = verdict
  if (total === 0) return undefined
  const figures = `${passing} of ${total} machines pass their service checks`
  const base = { key: `fly-checks/${app}`, source: 'fly-checks', always: true }
  const symptom: Symptom = { kind: 'checks', passing, total, intermittent }
  if (ill.length === 0 && !intermittent)
    return undecided ? undefined : { ...base, status: 'resolved', summary: figures, symptoms: [symptom] }
  const names = ill.map(({ machine, why }) => `${machine.id} (${machine.region}): ${why}`)
  const summary = [intermittent && ill.length === 0 ? `${figures}, intermittently` : figures, ...names]
    .join('; ')
    .slice(0, 500)
  const labels = { ill: ill.map(({ machine }) => machine.id).join(',') }
  if (!isUnfelt(evidence)) return { ...base, status: 'firing', summary, symptoms: [symptom], labels }
  const ratio = `${((evidence.errorRatio ?? 0) * 100).toFixed(2)} %`
  return {
    ...base,
    status: 'firing',
    summary: `conflicting evidence: ${summary}; yet only ${ratio} of ${evidence.requests} requests failed at the edge`,
    symptoms: [passing > 0 ? symptom : { kind: 'outage', extent: 'partial' }],
    labels: { ...labels, evidence: 'conflicting' },
  }
}

function isUnfelt(evidence: HealthSample | undefined): evidence is HealthSample {
  return (evidence?.requests ?? 0) >= unfelt.requests && (evidence?.errorRatio ?? 1) < unfelt.ratio
}

/** From which share on the figure is called firing: the lowest level of the standard policy. */
const firesAt = 0.01

/** What users got, as a figure on every observation. Without traffic there is none: nothing is known then. */
export function errorFinding(
  app: string,
  sample: HealthSample | undefined,
  wider: readonly HealthSample[] = [],
): Finding | undefined {
  if (sample === undefined || sample.errorRatio === null) return undefined
  const { errorRatio: ratio, errors, requests, since, until, source } = sample
  const share = `${(ratio * 100).toFixed(1).replace(/\.0$/, '')} %`
  const counted = requests === null ? 'requests' : `${errors ?? 0} of ${requests} requests`
  const windowMs = until - since
  return {
    key: `fly-errors/${app}`,
    source,
    always: true,
    status: ratio >= firesAt ? 'firing' : 'resolved',
    summary: `${counted} failed in the last ${Math.round(windowMs / 1_000)} s (${share})`,
    symptoms: [sample, ...wider].flatMap(errorRate),
  }
}

function errorRate({ errorRatio: ratio, requests, since, until }: HealthSample): Symptom[] {
  if (ratio === null) return []
  return [{ kind: 'errorRate', ratio, ...(requests === null ? {} : { requests }), windowMs: until - since }]
}

/** Nothing runs: asleep, unless somebody wants it (requests fail at the edge) or it did not wake twice in a row. */
export function restingFinding(app: string, evidence: HealthSample | undefined, unanswered: number): Finding {
  const base = { key: `fly-running/${app}`, source: 'fly-machines' }
  const wanted = (evidence?.requests ?? 0) > 0 && (evidence?.errorRatio ?? 0) >= 0.5
  if (unanswered < 2 && !wanted)
    return { ...base, status: 'resolved', summary: 'no machine runs: asleep', symptoms: [] }
  const why = wanted
    ? `${evidence?.errors ?? 0} of ${evidence?.requests ?? 0} requests fail`
    : `it did not wake, ${unanswered} times in a row`
  const symptoms: readonly Symptom[] = [{ kind: 'outage', extent: 'complete' }]
  return { ...base, status: 'firing', summary: `no machine runs, and ${why}`, symptoms }
}

export function crashFindings(crashes: ReadonlyMap<string, Crash>, machines: readonly Machine[]): Finding[] {
  return [...crashes].map(([id, crash]) => {
    const region = machines.find((machine) => machine.id === id)?.region ?? ''
    const times = crash.count === 1 ? 'once' : `${crash.count} times`
    const how = crash.oom ? 'out of memory' : `exit code ${crash.exitCode ?? 'unknown'}`
    return {
      key: `fly-crash/${id}`,
      source: 'fly-events',
      status: 'firing',
      summary: `machine ${id} (${region}) crashed ${times} in ${Math.round(crash.windowMs / 60_000)} min (${how})`,
      symptoms: [crash],
      labels: { machine: id, region },
    }
  })
}

/** Fly's own thresholds for "stuck". */
const stuckAfterMs: Readonly<Record<string, number>> = {
  starting: 300_000,
  restarting: 300_000,
  stopping: 300_000,
  destroying: 300_000,
  updating: 600_000,
  replacing: 600_000,
}

export function stuckFindings(machines: readonly Machine[], now: number): Finding[] {
  return machines.flatMap((machine) => {
    const limit = stuckAfterMs[machine.state]
    const since = machine.events[0]?.timestamp
    if (limit === undefined || since === undefined || now - since < limit) return []
    const detail = `machine ${machine.id} has been ${machine.state} for ${Math.round((now - since) / 60_000)} min`
    return [
      {
        key: `fly-stuck/${machine.id}`,
        source: 'fly-machines',
        status: 'firing',
        summary: detail,
        symptoms: [{ kind: 'warning', detail }],
        labels: { machine: machine.id, region: machine.region },
      },
    ]
  })
}

/** What Fly says of itself: a dependency of ours, and never our own outage. */
export function platformFinding(platform: PlatformStatus): Finding {
  const base = { key: 'fly-platform', source: 'fly-status' }
  const named = platform.incidents.map(({ name }) => name).join('; ')
  const summary = `Fly.io: ${platform.description || platform.indicator}${named === '' ? '' : ` (${named})`}`.slice(
    0,
    500,
  )
  if (platform.indicator === 'none') return { ...base, status: 'resolved', summary, symptoms: [] }
  const symptoms: readonly Symptom[] = platform.down
    ? [{ kind: 'dependency', name: 'Fly.io', role: 'other' }]
    : [{ kind: 'warning', detail: summary }]
  return { ...base, status: 'firing', summary, symptoms, labels: { indicator: platform.indicator } }
}
