/**
 * Step 1 of the runbook: from the outside world to signals. Probes look, `watch` runs them; figures become baselines,
 * burn rates and flap scores. Prometheus, log streams and each webhook intake are subpaths, so that nobody loads what
 * he does not use.
 */

export type { Watch, WatchOptions } from './watch.ts'
export type { FactProbeOptions, ProbeOptions } from './probe-options.ts'
export type { HttpExpectation, HttpProbeOptions } from './http-probe.ts'
export type { Report } from './report-signal.ts'
export type { Baseline, BaselineFigures, BaselineOptions, BaselineState, BaselineVerdict } from './baseline.ts'
export type { DetectErrorCode } from './detect-error.ts'

export { watch } from './watch.ts'
export { httpProbe } from './http-probe.ts'
export { reportSignal } from './report-signal.ts'
export { baseline } from './baseline.ts'
export { DetectError } from './detect-error.ts'
