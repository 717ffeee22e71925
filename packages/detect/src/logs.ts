/** Error patterns over a log, safe against lines that are written to make patterns slow. */

export type { LineBuffer, LineSource, LogLine } from './logs/line-source.ts'
export type { LogPattern, LogProbeOptions } from './logs/log-probe.ts'

export { logProbe } from './logs/log-probe.ts'
export { lineBuffer } from './logs/line-source.ts'
