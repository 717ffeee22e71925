import { InvalidInput, type Reason, type Severity } from '@firebreak/core'
import { entryOf } from './band.ts'
import { bandsOf } from './document/rows.ts'
import type { BandRule, FactName } from './document/draft.ts'
import { withFacts } from './document/facts.ts'
import { PolicyRefused } from './policy-refused.ts'
import { defineSeverityPolicy } from './define-severity-policy.ts'
import type { Band, SeverityPolicy } from './policy.ts'

/** One change of a policy that could be tried: where, from what, to what, and the policy with it. */
export interface Candidate {
  /** 'errorRate.P1', 'capacity.disk.P1', 'dependency.other'. */
  readonly path: string
  readonly from: number | Severity
  readonly to: number | Severity
  readonly policy: SeverityPolicy
}

/** Moves the lower bound of a band, and with it the end of the next milder one. Nothing when the policy would not be sound. */
export function moveEntry(policy: SeverityPolicy, rule: BandRule, level: Severity, to: number): Candidate | undefined {
  const bands = bandsOf(policy, rule)
  const index = bands.findIndex((band) => band.level === level)
  const band = bands[index]
  if (band === undefined) return undefined
  const moved = bands.map((each, place): Band => {
    if (place === index) return band.above === undefined ? { ...each, from: to } : { ...each, above: to }
    if (place !== index + 1) return each
    return each.to === undefined ? { ...each, below: to } : { ...each, to }
  })
  const changed = sound(withBands(policy, rule, moved))
  const path = rule === 'errorRate' || rule === 'latency' ? `${rule}.${level}` : `capacity.${rule}.${level}`
  return changed === undefined ? undefined : { path, from: entryOf(band), to, policy: changed }
}

function withBands(policy: SeverityPolicy, rule: BandRule, bands: readonly Band[]): SeverityPolicy {
  if (rule === 'errorRate') return { ...policy, errorRate: { ...policy.errorRate, bands } }
  if (rule === 'latency') return { ...policy, latency: { ...policy.latency, bands } }
  return { ...policy, capacity: { ...policy.capacity, [rule]: bands } }
}

/** Gives a fact another level. */
export function moveFact(policy: SeverityPolicy, fact: FactName, from: Severity, to: Severity): Candidate | undefined {
  const changed = sound(withFacts(policy, new Map([[fact, to]])))
  return changed === undefined ? undefined : { path: fact, from, to, policy: changed }
}

function sound(policy: SeverityPolicy): SeverityPolicy | undefined {
  try {
    return defineSeverityPolicy(policy)
  } catch (error) {
    if (error instanceof PolicyRefused || error instanceof InvalidInput) return undefined
    throw error
  }
}

/** The rule behind a reason, when it has bands. */
export function bandRuleOf({ rule, detail }: Reason): BandRule | undefined {
  if (rule === 'errorRate' || rule === 'latency') return rule
  if (rule !== 'capacity') return undefined
  return (['disk', 'memory', 'cpu', 'concurrency'] as const).find((resource) => resource === detail?.resource)
}

/** The fact behind a reason, when it is one. */
export function factNameOf({ rule, observed, threshold, detail }: Reason): FactName | undefined {
  switch (rule) {
    case 'outage':
      return observed === 'complete' ? 'outage.complete' : 'outage.partial'
    case 'checks':
      return detail?.passing === 0 ? 'checks.none' : 'checks.some'
    case 'dependency':
      return threshold === 'database' ? 'dependency.database' : 'dependency.other'
    case 'function':
      return threshold === 'critical' ? 'function.critical' : 'function.other'
    case 'crash':
      return threshold === 1 ? 'crash.fewer' : 'crash.repeated'
    case 'security':
    case 'warning':
      return rule
    default:
      return undefined
  }
}
