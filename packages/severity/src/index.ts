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
export type { PolicyProblem, PolicyProblemCode } from './policy-refused.ts'
export type { DocumentLine, ParsedLevel, ParsedPolicy } from './parse-policy.ts'
export type { Condition } from './document/conditions.ts'
export type { Contradiction } from './contradictions.ts'
export type { PastIncident } from './past-incident.ts'
export type { Backtest, ChangedIncident } from './backtest.ts'
export type { PolicyProposal, PolicyReview } from './propose-policy-changes.ts'

// one look
export { classify } from './classify.ts'
export { describeReason } from '@firebreak/core'
export { wilsonLowerBound } from './wilson.ts'

// over time
export { assessSeverity, resumeSeverity } from './assess-severity.ts'
export { condenseSeverity } from './condense-severity.ts'
export { respondBy } from './respond-by.ts'

// the policy
export { standardPolicy } from './standard-policy.ts'
export { defineSeverityPolicy } from './define-severity-policy.ts'
export { lintSeverityPolicy } from './lint-policy.ts'
export { PolicyRefused } from './policy-refused.ts'
export { burnRateRules } from './burn-rate-rules.ts'
export { policyDigest } from './policy-digest.ts'
export { scalePolicyTimes } from './scale-policy-times.ts'

// the policy as a document
export { renderPolicy } from './render-policy.ts'
export { parsePolicy } from './parse-policy.ts'

// the policy against the past
export { pastIncident } from './past-incident.ts'
export { backtest } from './backtest.ts'
export { proposePolicyChanges } from './propose-policy-changes.ts'
