/**
 * zod schemas of the vocabulary, and the one gate for signals from outside. Apart from the index because one import of zod
 * would put all of it into every bundle.
 */
export type { ParseSignalOptions } from './parse-signal.ts'
export { parseSignal } from './parse-signal.ts'
export { parseInput } from './parse-input.ts'
export { timestampSchema } from './timestamp.ts'
export { linkSchema, signalSchema } from './signal.ts'
export { symptomSchema } from './symptom.ts'
export { severitySchema } from './severity.ts'
export { pageSchema } from './page.ts'
export { newEventSchema } from './new-event.ts'
