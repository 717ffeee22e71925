import { compareSeverity } from '@firebreak/core'
import { checkPolicyShape } from './check-policy-shape.ts'
import { freeze } from './freeze.ts'
import { lintSeverityPolicy } from './lint-policy.ts'
import { PolicyRefused } from './policy-refused.ts'
import type { SeverityPolicy } from './policy.ts'

/**
 * A policy of one's own: `defineSeverityPolicy({ ...standardPolicy, slo: 0.999 })`. Frozen, and with its burn-rate rules worst
 * first. Throws `InvalidInput` for what is no policy, and `PolicyRefused`, which names the levels, for one that contradicts
 * itself: a gap, an overlap, unordered thresholds, a level without a response time, a burn-rate rule that can never fire.
 */
export function defineSeverityPolicy(policy: SeverityPolicy): SeverityPolicy {
  checkPolicyShape(policy)
  const [first, ...others] = lintSeverityPolicy(policy)
  if (first !== undefined) throw new PolicyRefused([first, ...others])
  const burnRate = policy.burnRate.toSorted((left, right) => compareSeverity(left.level, right.level))
  return freeze(structuredClone({ ...withoutUndefined(policy), burnRate }))
}

function withoutUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined)) as T
}
