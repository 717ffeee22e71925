/** The conformance suite of an incident log: one named case per obligation of the port, seeded, without sleeps. */
import type { Runner } from '@firebreak/core/testing'
import { appendCases } from './append-cases.ts'
import { idCases } from './id-cases.ts'
import { withKit, type Case, type LogCapabilities, type LogFactory } from './kit.ts'
import { keepingCases } from './keeping-cases.ts'
import { readCases } from './read-cases.ts'
import { describeScripts } from './script-cases.ts'
import { sharedCases } from './shared-cases.ts'
import { validationCases } from './validation-cases.ts'

export type { LogCapabilities, LogContext, LogFactory } from './kit.ts'

const groups: readonly (readonly [string, readonly Case[]])[] = [
  ['append', appendCases],
  ['ids', idCases],
  ['read and list', readCases],
  ['refusals', validationCases],
  ['keeping', keepingCases],
  ['sharing', sharedCases],
]

/**
 * Registers every case that applies to a log with these capabilities. The runner is vitest's, jest's or any that fits. The
 * name is for the report, and may be left out.
 */
export function describeIncidentLog(
  ...given:
    | [name: string, factory: LogFactory, capabilities: LogCapabilities, runner: Runner]
    | [factory: LogFactory, capabilities: LogCapabilities, runner: Runner]
): void {
  const [name, factory, capabilities, runner] = given.length === 4 ? given : (['it', ...given] as const)
  const { describe, test, expect } = runner
  describe(`${name} is an incident log`, () => {
    describe('scripts', () => describeScripts(factory, capabilities, runner))
    let count = 0
    for (const [group, cases] of groups) {
      describe(group, () => {
        for (const { title, needs = [], run } of cases) {
          if (needs.some((need) => capabilities[need] !== true)) continue
          count += 1
          const store = `case_${count}`
          test(title, () => withKit(factory, store, expect, run))
        }
      })
    }
  })
}
