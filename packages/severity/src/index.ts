/**
 * From symptoms to a level that explains itself, and the level over time. Everything is a pure function of its arguments;
 * the policy is data. Not exported: the single rules, which are reached through `classify`.
 */

export type { Classification } from './verdict.ts'
export type { AssessmentInput, KeyState, SeverityState } from './severity-state.ts'
export type {
  Band,
  BurnRateRule,
  CapacityResource,
  FewRequests,
  LevelPolicy,
  PolicyAction,
  ResponseTime,
  SeverityPolicy,
  Timing,
} from './policy.ts'

// one look
export { classify } from './classify.ts'
export { describeReason } from '@firebreak/core'
export { wilsonLowerBound } from './wilson.ts'

// over time
export { assessSeverity, resumeSeverity } from './assess-severity.ts'

// the policy
export { standardPolicy } from './standard-policy.ts'
export { policyDigest } from './policy-digest.ts'
export { scalePolicyTimes } from './scale-policy-times.ts'
