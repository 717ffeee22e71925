/**
 * Step 4 of the runbook: plan a rollback by evidence, do it one machine first, judge, verify, and say how it went.
 * Also: is the release to blame, and who decides. Not exported: how units are ordered, locked and judged one by one.
 */

// vocabulary
export type { Automation, AutomationMode, ProofNumbers, SuspectNumbers } from './automation.ts'
export type { PastIncident, ProbeHistory } from './candidate-evidence.ts'
export type { CompareOptions, Comparison, Judgement } from './compare-samples.ts'
export type { JournalErrorCode, RefusalCode, RollbackErrorCode } from './errors.ts'
export type { DescribeOptions } from './describe-plan.ts'
export type { ExecuteRollbackOptions, RollbackProgress } from './execute-rollback.ts'
export type { UnitProbe } from './judge-unit.ts'
export type { NextSteps, RollbackState, UnitOutcome, UnitProgress } from './next-steps.ts'
export type { OutcomeUnit, RollbackOutcome, RollbackStatus } from './outcome.ts'
export type {
  Candidate,
  CandidateVerdict,
  Guard,
  GuardName,
  JudgeNumbers,
  PlannedRelease,
  PlannedUnit,
  RollbackPlan,
} from './plan.ts'
export type { PlanRollbackOptions } from './plan-rollback.ts'

export type { Deployability } from './assert-deployable.ts'
export type { GatherOptions, Neighbours, PlatformStatusSource } from './gather-suspect-facts.ts'
export type { MitigatorOptions } from './mitigator/options.ts'
export type { Neighbour, SourceSeen, SuspectFacts } from './suspect-facts.ts'

// a rollback, by hand or from a script
export { planRollback } from './plan-rollback.ts'
export { executeRollback } from './execute-rollback.ts'
export { describePlan } from './describe-plan.ts'
export { describeOutcome } from './describe-outcome.ts'
export { nextSteps } from './next-steps.ts'
export { compareSamples } from './compare-samples.ts'
export { fileJournal } from './file-journal.ts'
export { memoryJournal } from './memory-journal.ts'
export { assertDeployable } from './assert-deployable.ts'

// is the release to blame
export { suspectRelease } from './suspect-release.ts'
export { gatherSuspectFacts } from './gather-suspect-facts.ts'

// who decides
export { scaleAutomation, standardAutomation } from './automation.ts'
export { createMitigator } from './mitigator/create-mitigator.ts'

// errors
export { JournalError, NotDeployable, RollbackRefused } from './errors.ts'
