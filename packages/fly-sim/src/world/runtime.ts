import type { CheckResult } from './checks.ts'
import type { ConfiguredCheck } from './config.ts'
import type { Machine } from './machine.ts'

/**
 * What machines are made of. Virtual ones are computed, others are real servers. The platform above (states, leases,
 * releases) does not know which.
 */
export interface Runtime {
  /** Brings the process up and calls back when it listens; does not call back when it was stopped meanwhile. */
  start(machine: Machine, listening: () => void): void
  /** The process is gone: asked to end, it finishes what it is doing; `abrupt`, it does not. Idempotent. */
  stop(machine: Machine, abrupt: boolean): void
  /** State, checks, cordon or behaviour changed: traffic may flow otherwise from now on. */
  changed(machine: Machine): void
  /** A real check, where there is something to ask; without it results are computed. */
  readonly probe?: ((machine: Machine, check: ConfiguredCheck) => Promise<CheckResult>) | undefined
  close(): Promise<void>
}
