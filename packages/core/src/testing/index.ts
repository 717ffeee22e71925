export type { Runner } from './runner.ts'
export type { TestClock } from './test-clock.ts'
export { createTestClock } from './test-clock.ts'
