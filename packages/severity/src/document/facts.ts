import type { Severity } from '@firebreak/core'
import type { SeverityPolicy } from '../policy.ts'
import type { FactName } from './draft.ts'

/** Facts by name, so that a table, a document and a proposal can point at one. */
export function factOf(policy: SeverityPolicy, fact: FactName): Severity {
  const { outage, checks, dependency, crash } = policy
  const levels: Readonly<Record<FactName, Severity>> = {
    'outage.complete': outage.complete,
    'outage.partial': outage.partial,
    'checks.none': checks.none,
    'checks.some': checks.some,
    security: policy.security,
    'dependency.database': dependency.database,
    'dependency.other': dependency.other,
    'function.critical': policy.function.critical,
    'function.other': policy.function.other,
    'crash.repeated': crash.repeated,
    'crash.fewer': crash.fewer,
    warning: policy.warning,
  }
  return levels[fact]
}

export const factNames: readonly FactName[] = [
  'outage.complete',
  'outage.partial',
  'checks.none',
  'checks.some',
  'security',
  'dependency.database',
  'dependency.other',
  'function.critical',
  'function.other',
  'crash.repeated',
  'crash.fewer',
  'warning',
]

/** The policy with some facts at other levels. */
export function withFacts(policy: SeverityPolicy, changes: ReadonlyMap<FactName, Severity>): SeverityPolicy {
  const level = (fact: FactName) => changes.get(fact) ?? factOf(policy, fact)
  return {
    ...policy,
    outage: { complete: level('outage.complete'), partial: level('outage.partial') },
    checks: { none: level('checks.none'), some: level('checks.some') },
    security: level('security'),
    dependency: { database: level('dependency.database'), other: level('dependency.other') },
    function: { critical: level('function.critical'), other: level('function.other') },
    crash: { ...policy.crash, repeated: level('crash.repeated'), fewer: level('crash.fewer') },
    warning: level('warning'),
  }
}
