/**
 * The incident log in memory, and what works on every log. SQLite is at `./sqlite`, Postgres at `./postgres`, the
 * conformance suite for a log of your own at `./testing`.
 */
export type { IncidentLogErrorCode } from './log-error.ts'
export { IncidentLogError } from './log-error.ts'
export type { MemoryLogOptions } from './memory-log.ts'
export { memoryLog } from './memory-log.ts'
export type { Upcast, Upcasts } from './upcast.ts'
