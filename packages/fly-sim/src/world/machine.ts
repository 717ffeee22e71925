import type { JsonObject } from '@firebreak/core'
import type { Appointment } from '../agenda.ts'
import type { Overlay } from '../behaviour.ts'
import type { Image } from './registry.ts'

export type MachineState =
  | 'created'
  | 'starting'
  | 'started'
  | 'stopping'
  | 'stopped'
  | 'suspending'
  | 'suspended'
  | 'restarting'
  | 'replacing'
  | 'failed'
  | 'destroying'
  | 'destroyed'

export interface Machine {
  readonly id: string
  readonly name: string
  readonly app: string
  readonly region: string
  /** Four hex characters, as metrics label it. */
  readonly host: string
  readonly privateIp: string
  readonly createdAt: number
  updatedAt: number
  state: MachineState
  cordoned: boolean
  /** What runs, or would run if it were started. The newest is last. */
  version: MachineVersion
  readonly versions: MachineVersion[]
  /** Newest first. */
  events: MachineEvent[]
  checks: CheckState[]
  lease: Lease | undefined
  process: Process | undefined
  /** Laid over the image's behaviour by whoever breaks this machine. */
  overlay: Overlay | undefined
  /** Rises with every transition; an appointment that was made before is void. */
  epoch: number
  /** Rises whenever the checks begin anew; runs of an earlier turn are void. */
  checkTurn: number
  /** What nobody may touch while its host does not answer. */
  hostStatus: 'ok' | 'unreachable'
  restarts: number
  /** The answer to GET, until something changes. */
  json: string | undefined
}

export interface MachineVersion {
  /** ULID; the machine's `instance_id` while this version is the current one. */
  readonly id: string
  config: JsonObject
  readonly image: Image
  /** The reference as it was ordered. */
  readonly reference: string
  readonly createdAt: number
}

/** A running process. */
export interface Process {
  readonly startedAt: number
  readonly image: Image
  /** When it is going to end by itself, if it is. */
  exit?: Appointment | undefined
}

export interface MachineEvent {
  readonly id: string
  readonly type: string
  readonly status: string
  readonly source: 'user' | 'flyd' | 'proxy'
  /** Milliseconds since the epoch. */
  readonly timestamp: number
  readonly request?: JsonObject
}

export interface CheckState {
  readonly name: string
  status: 'passing' | 'warning' | 'critical'
  output: string
  /** Last change of status, not last run. */
  updatedAt: number
}

export interface Lease {
  readonly nonce: string
  readonly owner: string
  readonly description: string
  expiresAt: number
  ttlMs: number
}

/** Changes nothing visible to a reader without making the cached answer anew. */
export function touch(machine: Machine, now: number): void {
  machine.updatedAt = now
  machine.json = undefined
}
