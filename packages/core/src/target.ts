/** A release as the platform lists it. A release of any status may be serving: a failed deploy stays where it got to. */
export interface Release {
  readonly id: string
  /** Rises per service; the "v42" people say. */
  readonly version: number
  /** Open set; `complete`, `running`, `failed`, `interrupted`, `pending` are known. Only `complete` can be a last good one. */
  readonly status: string
  /** Full reference as it was deployed. */
  readonly image: string
  /** The content's digest, `sha256:…`, when the platform tells it. Two releases with one digest are one image. */
  readonly digest?: string
  /** RFC 3339. */
  readonly createdAt: string
  /** RFC 3339; when the first unit took it, if the platform tells. */
  readonly liveAt?: string
  /** Who shipped it. */
  readonly by?: string
  readonly description?: string
  /**
   * What its author declared: `firebreak.migration` = `none` | `backward-compatible` | …, `firebreak.security` = `true`,
   * `firebreak.rollback` = `v<n>` on a release that was recorded by a rollback.
   */
  readonly labels: Readonly<Record<string, string>>
  /** Whether a command runs before it goes live (migrations live there); absent when the platform does not tell. */
  readonly hasReleaseCommand?: boolean
}

export interface UnitCheck {
  readonly name: string
  /** Only `service` and `readiness` checks take a unit out of the pool. */
  readonly kind: 'service' | 'readiness' | 'informational'
  readonly status: 'passing' | 'warning' | 'critical'
  readonly output?: string
}

export type UnitState =
  | 'starting'
  | 'started'
  | 'stopping'
  | 'stopped'
  | 'suspended'
  | 'updating'
  | 'failed'
  | 'gone'
  | 'unknown'

/** One thing that runs a release: a Fly machine, a pod, a process. With what it *really* runs, not what was ordered. */
export interface Unit {
  readonly id: string
  readonly region: string
  /** Process group or role; units of one group are interchangeable. */
  readonly group: string
  readonly state: UnitState
  readonly image: string
  readonly digest?: string
  /** The release this unit says it runs. */
  readonly release?: number
  /** Opaque; changes with every change of the unit. What `update` compares before it sets. */
  readonly revision: string
  readonly checks: readonly UnitCheck[]
  /** Taken out of the pool on purpose. */
  readonly cordoned: boolean
  /** Absent when ours to change; else why it must be left alone ("host unreachable", "not managed by fly deploy"). */
  readonly untouchable?: string
  /** Who holds a lock on it, when somebody does. Never stolen. */
  readonly lockedBy?: { readonly holder: string; readonly expiresAt: string }
  readonly host?: string
  /** RFC 3339; last change of state. */
  readonly changedAt?: string
}

/** A lock on a service, as plain data, so that it survives a restart of its holder. */
export interface Lock {
  readonly holder: string
  readonly nonce: string
  /** RFC 3339. */
  readonly expiresAt: string
  /** One nonce a unit, where the platform locks units. */
  readonly nonces?: Readonly<Record<string, string>>
}

/** What the platform should remember of a deploy that we made. */
export interface ReleaseRecord {
  readonly image: string
  readonly digest?: string
  readonly reason: string
  /** The version we go back to. */
  readonly rollbackTo?: number
  readonly status: 'running' | 'complete' | 'failed'
  /** The release recorded by an earlier call with `status: 'running'`, when its status is to be changed. */
  readonly release?: Release
}

export interface EffectContext {
  /** Aborts the call; the effect may have happened nevertheless. */
  readonly signal: AbortSignal
  /** The same for every repetition of one effect; URL-safe. */
  readonly idempotencyKey?: string
  readonly lock?: Lock
}

/** How many units may be changed to what size. Planned by the target, performed by the target. */
export interface ScaleRequest {
  readonly count?: number
  readonly group?: string
  readonly memoryMb?: number
  /** As a multiple of what each unit has now. */
  readonly memoryFactor?: number
  readonly cpus?: number
}

/** What the platform says about itself. */
export interface PlatformStatus {
  /** Incidents that may concern the service, one line each; empty: it reports none. */
  readonly incidents: readonly string[]
}

/**
 * Where a service runs. Every write is compare-and-set, and every write can be observed afterwards.
 * Methods reject with a `FirebreakError`; a lost race with `UnitChanged`.
 */
export interface DeployTarget {
  readonly service: string
  /** Newest first. Must include failed and running ones. `limit` defaults to 25. */
  releases(query: { limit?: number | undefined; signal: AbortSignal }): Promise<readonly Release[]>
  /** Can the image still be pulled? Must ask the registry each time: images get pruned. */
  available(release: Release, context: EffectContext): Promise<boolean>
  /** All units, the untouchable ones included. Must read what they run, not what was ordered. */
  units(context: EffectContext): Promise<readonly Unit[]>
  observe(unitId: string, context: EffectContext): Promise<Unit>
  /**
   * Gives the unit the release's image and nothing else: unknown configuration survives. Must be refused with
   * `UnitChanged` when `unit.revision` is no longer current. A stopped unit stays stopped.
   */
  update(unit: Unit, release: Release, context: EffectContext): Promise<Unit>
  /** Waits until the unit is started, stopped or failed and its checks are in; never longer than the signal allows. */
  settle(unit: Unit, context: EffectContext): Promise<Unit>
  /** Keeps other deploys away. Rejects with `LOCK_HELD`, naming the holder; never steals. */
  lock?(context: EffectContext): Promise<Lock>
  /** Extends; must keep the nonce. */
  renew?(lock: Lock, context: EffectContext): Promise<Lock>
  /** Idempotent; an expired lock is no error. */
  unlock?(lock: Lock, context: EffectContext): Promise<void>
  recordRelease?(release: ReleaseRecord, context: EffectContext): Promise<Release>
  restart?(unit: Unit, context: EffectContext): Promise<Unit>
  scale?(request: ScaleRequest, context: EffectContext): Promise<readonly Unit[]>
  /** Takes the unit out of the pool and leaves it running. Idempotent. */
  isolate?(unit: Unit, context: EffectContext): Promise<Unit>
  /** Puts it back. Idempotent. */
  rejoin?(unit: Unit, context: EffectContext): Promise<Unit>
  /** Does the platform report an incident of its own there? Rejects when it cannot be asked. */
  platform?(context: EffectContext): Promise<PlatformStatus>
  /**
   * While the platform does not answer: what a person pastes into a request to its support (names, figures, times in UTC).
   * From memory, at once: nobody can be asked now. `undefined`: it answers.
   */
  supportText?(): string | undefined
}
