import type { Clock, Random } from '@firebreak/core'
import type { Agenda } from '../agenda.ts'
import type { Faults } from '../faults/faults.ts'
import type { Ids } from '../ids.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { Timing } from '../options.ts'
import type { App, Organization } from './app.ts'
import type { Logs } from './logs.ts'
import type { Registry } from './registry.ts'
import type { Runtime } from './runtime.ts'
import type { Tokens } from './tokens.ts'
import type { Watchers } from './watchers.ts'

/** Everything that the simulated Fly.io consists of. Made by `createWorld`; changed by the rooms beside this file. */
export interface World {
  readonly clock: Clock
  readonly random: Random
  readonly agenda: Agenda
  readonly ids: Ids
  readonly timing: Timing
  readonly organizations: Map<string, Organization>
  readonly home: Organization
  readonly apps: Map<string, App>
  readonly registry: Registry
  readonly faults: Faults
  readonly logs: Logs
  readonly metrics: Metrics
  readonly tokens: Tokens
  readonly watchers: Watchers
  readonly runtime: Runtime
  /** Milliseconds since the epoch when the simulator was created; faults count from here. */
  readonly startedAt: number
  /** What Fly's own clocks say of now, or of another moment: the agenda's time, plus the skew of a fault. */
  stamp(at?: number): number
}

export function rfc3339(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}
