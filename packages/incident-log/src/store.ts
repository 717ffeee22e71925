/**
 * For authors of a log of their own: the rules that every log has in common, so that a store only keeps rows. Check the
 * result with the conformance suite at `./testing`; `examples/custom-log` is a whole one.
 */
export type { Decision, Head, LogView } from './decide.ts'
export type { PreparedEvent, PreparedWrite } from './prepare.ts'
export type { CommonLogOptions, LogRules } from './rules.ts'
export type { StoredEvent } from './stored.ts'
export type { CheckedQuery } from './query.ts'
export { emptyHead } from './decide.ts'
export { createLogRules } from './rules.ts'
export { closedError } from './log-error.ts'
export { checkQuery, newestFirst } from './query.ts'
export { parsePosition } from './position.ts'
