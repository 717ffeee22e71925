/**
 * The incident log in memory, and what works on every log. SQLite is at `./sqlite`, Postgres at `./postgres`, the
 * conformance suite for a log of your own at `./testing`.
 */
export type { IncidentLogErrorCode } from './log-error.ts'
export type { MemoryLogOptions } from './memory-log.ts'
export type { Upcast, Upcasts } from './upcast.ts'
export type { KeptHead, LogVerdict, StreamProblem, StreamVerdict } from './verify.ts'
export type { ExportOptions } from './export.ts'
export type { CloudEvent } from './cloud-event.ts'
export type { Imported } from './import.ts'

export { IncidentLogError } from './log-error.ts'
export { memoryLog } from './memory-log.ts'
export { verifyLog, verifyStream } from './verify.ts'
export { exportEvents } from './export.ts'
export { importEvents } from './import.ts'
