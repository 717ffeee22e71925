/** Where a machine stands. The set is open: a state that this list lacks is passed on as it came. */
export type MachineState =
  | 'created'
  | 'creating'
  | 'starting'
  | 'started'
  | 'restarting'
  | 'stopping'
  | 'stopped'
  | 'suspending'
  | 'suspended'
  | 'updating'
  | 'replacing'
  | 'failed'
  | 'launch_failed'
  | 'destroying'
  | 'destroyed'
  | 'replaced'
  | 'migrated'
  | (string & {})

/** A machine as Fly tells it, in Fly's own names; fields that are not listed here are kept. */
export interface Machine {
  readonly id: string
  readonly name: string
  readonly state: MachineState
  readonly region: string
  /** The version: changes with every update. What an update is compared with. Empty in a summary. */
  readonly instance_id: string
  readonly image_ref?: ImageRef | undefined
  readonly private_ip?: string | undefined
  readonly created_at?: string | undefined
  readonly updated_at?: string | undefined
  /** Absent when the host cannot be reached, and in a summary. */
  readonly config?: MachineConfig | undefined
  /** What is known of the configuration of a machine on a host that is not ok; not fit to be written back. */
  readonly incomplete_config?: MachineConfig | undefined
  readonly host_status?: 'ok' | 'unknown' | 'unreachable' | (string & {}) | undefined
  readonly cordoned?: boolean | undefined
  /** Newest first; starts anew with every update. */
  readonly events: readonly MachineEvent[]
  /** The platform's own compatibility checks are left out. */
  readonly checks: readonly CheckResult[]
  /** Only right after a create or update with a lease. */
  readonly nonce?: string | undefined
  /** Only when asked for with `includeLeases`. */
  readonly lease?: { readonly owner?: string; readonly expires_at?: number; readonly description?: string } | undefined
  readonly [field: string]: unknown
}

export interface ImageRef {
  readonly registry?: string | undefined
  readonly repository?: string | undefined
  readonly tag?: string | undefined
  readonly digest?: string | undefined
  readonly labels?: Readonly<Record<string, string>> | undefined
}

/** A machine's configuration. Written back whole: what is left out is dropped by Fly. */
export interface MachineConfig {
  readonly image?: string
  readonly env?: Readonly<Record<string, string>>
  readonly metadata?: Readonly<Record<string, string>>
  readonly services?: readonly MachineService[]
  readonly checks?: Readonly<Record<string, MachineCheck>>
  readonly guest?: Guest
  readonly mounts?: readonly Readonly<Record<string, unknown>>[]
  readonly standbys?: readonly string[]
  readonly [field: string]: unknown
}

export interface Guest {
  readonly cpu_kind?: 'shared' | 'performance' | (string & {})
  readonly cpus?: number
  readonly memory_mb?: number
  readonly [field: string]: unknown
}

export interface MachineService {
  readonly protocol?: string
  readonly internal_port?: number
  readonly checks?: readonly MachineCheck[]
  readonly autostart?: boolean
  /** Answers carry booleans: off is false, stop is true. */
  readonly autostop?: boolean | string
  readonly min_machines_running?: number
  readonly [field: string]: unknown
}

export interface MachineCheck {
  readonly type?: string
  readonly kind?: 'informational' | 'readiness' | (string & {})
  /** A Go duration ("15s") or nanoseconds. */
  readonly interval?: string | number
  readonly timeout?: string | number
  readonly grace_period?: string | number
  readonly [field: string]: unknown
}

export interface CheckResult {
  readonly name: string
  readonly status: 'passing' | 'warning' | 'critical' | (string & {})
  readonly output?: string | undefined
  /** RFC 3339; the last change of the status, not the last run. */
  readonly updated_at?: string | undefined
}

export interface MachineEvent {
  readonly id?: string | undefined
  readonly type: string
  readonly status: string
  readonly source?: string | undefined
  /** Milliseconds since the epoch. */
  readonly timestamp: number
  readonly request?: Readonly<Record<string, unknown>> | undefined
}
