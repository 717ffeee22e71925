/**
 * An assembled responder: intake, the loop that keeps promises, claims, and an HTTP handler. `standardRunbook` picks the
 * parts; a part of your own is an object with `plan` and `perform`. Not exported: the loop's rooms, which have no use alone.
 */
export type { ResponderOptions } from './options.ts'
export type { Responder } from './responder.ts'
export type { AnyPart } from './loop/plan.ts'
export type { Acknowledgement, By, HoldRequest, Operations, SilenceRequest } from './operate/operate.ts'
export type { OperateErrorCode } from './operate/find.ts'
export type { Explanation } from './operate/explain.ts'
export type { Forecast } from './operate/forecast.ts'
export type { HeartbeatOptions } from './heartbeat.ts'
export type { Answer } from './http/answer.ts'
export type { Hooks, HttpOptions, Intake, Scope, Token } from './http/options.ts'
export type { RunbookOptions } from './standard-runbook.ts'
export type { Logger } from './logger.ts'
export type { EvidenceCollector, EvidenceItem, EvidenceVault, InvestigateOptions } from './parts/investigate.ts'
export type { BakeMs } from './parts/resolver.ts'

export { createResponder } from './responder.ts'
export { standardRunbook } from './standard-runbook.ts'
export { OperateError } from './operate/find.ts'

// the parts of the standard runbook that live here
export { createInvestigator } from './parts/investigate.ts'
export { evidenceFiles } from './parts/evidence-file.ts'
export { createResolver, standardBake } from './parts/resolver.ts'
export { createScribe } from './parts/scribe.ts'
