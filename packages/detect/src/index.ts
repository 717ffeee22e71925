/**
 * Step 1 of the runbook: from the outside world to signals. Probes look, `watch` runs them; figures become baselines,
 * burn rates and flap scores. Prometheus, log streams and each webhook intake are subpaths, so that nobody loads what
 * he does not use.
 */

export type { Watch, WatchOptions } from './watch.ts'
export type { FactProbeOptions, ProbeOptions } from './probe-options.ts'
export type { HttpExpectation, HttpProbeOptions } from './http-probe.ts'
export type { TcpProbeOptions } from './tcp-probe.ts'
export type { CommandProbeOptions } from './command-probe.ts'
export type { AskWhenUnsureOptions } from './ask-when-unsure.ts'
export type { Report } from './report-signal.ts'
export type { Baseline, BaselineFigures, BaselineOptions, BaselineState, BaselineVerdict } from './baseline.ts'
export type { FlapDetector, FlapOptions, FlapState, FlapVerdict } from './flap-detector.ts'
export type { BurnRate, BurnRateOptions, BurnRateState, BurnWindows, RequestCounters } from './burn-rate.ts'
export type { DetectErrorCode } from './detect-error.ts'

export { watch } from './watch.ts'
export { httpProbe } from './http-probe.ts'
export { tcpProbe } from './tcp-probe.ts'
export { commandProbe } from './command-probe.ts'
export { askWhenUnsure } from './ask-when-unsure.ts'
export { reportSignal } from './report-signal.ts'
export { baseline } from './baseline.ts'
export { flapDetector, flapScore } from './flap-detector.ts'
export { burnRate } from './burn-rate.ts'
export { DetectError } from './detect-error.ts'
