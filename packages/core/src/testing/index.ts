/** What tests need: a clock that stands still, secrets that must not leak, and the runner that a conformance suite is given. */
export type { Expectation, Runner } from './runner.ts'
export type { TestClock, TestClockOptions } from './test-clock.ts'
export { createTestClock } from './test-clock.ts'
export { canaries, findCanary } from './canaries.ts'
export { collect } from './collect.ts'
