/** A test runner's own functions, so that a conformance suite depends on no runner: vitest's and jest's fit. */
export interface Runner {
  readonly describe: (name: string, body: () => void) => void
  readonly test: (name: string, body: () => Promise<void> | void) => void
  readonly expect: (value: unknown, message?: string) => Expectation
}

export interface Expectation {
  toBe(expected: unknown): void
  toEqual(expected: unknown): void
  toContain(expected: unknown): void
  toMatch(expected: RegExp): void
  readonly not: Omit<Expectation, 'not'>
}
