import type { Release } from '@firebreak/core'

/** What one release is to this rollback. */
export type CandidateVerdict =
  /** Taken. */
  | 'yes'
  /** What we leave. */
  | 'leaving'
  /** The same image as a newer candidate, which was judged for both. */
  | 'same'
  /** Could be taken; there is not enough evidence, so a person decides. */
  | 'unproven'
  /** Could be taken, and another is better. */
  | 'spare'
  /** Never. */
  | 'no'

/** One release, and why it was or was not taken. */
export interface Candidate {
  readonly version: number
  readonly image: string
  readonly digest?: string
  readonly verdict: CandidateVerdict
  readonly reason: string
  /** RFC 3339. */
  readonly liveAt: string
}

export type GuardName =
  | 'target'
  | 'newer'
  | 'quarantine'
  | 'migration'
  | 'security'
  | 'floor'
  | 'lease'
  | 'budget'
  | 'hold'
  | 'mode'
  | 'secrets'
  | 'neverBelow'
  | 'flap'
  | 'units'
  | 'digest'
  | 'evidence'
  | 'severity'
  | 'suspicion'
  /** No release is recent enough to be asked about. */
  | 'noSuspect'
  | 'platform'
  | 'linked'
  | 'page'
  | 'approval'

/** One condition for a write. `no` stops it; `warn` is for a person to read. */
export interface Guard {
  readonly guard: GuardName
  readonly verdict: 'ok' | 'warn' | 'no'
  /** What was seen, with its number. */
  readonly observed: string
  /** What would have been fine. */
  readonly needed: string
}

/** What of one unit the plan needs. */
export interface PlannedUnit {
  readonly id: string
  readonly region: string
  readonly group: string
  readonly state: string
  /** `1/1`, or `-` without service checks. */
  readonly checks: string
  /** What it runs now. */
  readonly image: string
  readonly digest?: string
  readonly release?: number
  /** Started, and all its service and readiness checks pass. */
  readonly serving: boolean
  /** Gets the image and is not started. */
  readonly staysStopped: boolean
  /** The first one is judged before any other is touched. */
  readonly judged: boolean
  /** It runs the wanted image already. */
  readonly alreadyThere: boolean
}

/** A release as the plan names it. */
export interface PlannedRelease {
  readonly version: number
  readonly image: string
  readonly digest?: string
  readonly status: string
  /** RFC 3339; when it went live, or was created. */
  readonly liveAt: string
  readonly by?: string
  /** What users got from it, where that is known. */
  readonly figures?: {
    readonly requests: number | null
    readonly errorRatio: number | null
    readonly p95Ms: number | null
  }
}

/** How a rollback is judged: durations in milliseconds, ratios 0…1. */
export interface JudgeNumbers {
  /** Longest time to judge the first unit. */
  readonly judgeMs: number
  /** How often to look while judging and verifying. */
  readonly everyMs: number
  /** Fewer requests than this prove nothing. */
  readonly requests: number
  /** Own probes that stand in for requests. */
  readonly probes: number
  /** Longest time to verify the whole. */
  readonly verifyMs: number
  /** Below this error ratio it is well: the entry of P2. */
  readonly healthyRatio: number
}

/** What will be done, in full, before anything is. Plain data: store it, show it, compare it. */
export interface RollbackPlan {
  /** The first six digits of `digest`: what people type. */
  readonly id: string
  /**
   * SHA-256 over service, what is left, what is gone to, and the units. The same while the rollback itself goes on, so that
   * an approval stays bound to it; another release, image or unit gives another digest.
   */
  readonly digest: string
  readonly service: string
  readonly reason: string
  readonly by: 'person' | 'automation'
  readonly from: PlannedRelease
  readonly to: PlannedRelease
  /** `to` as the platform lists it: what the target is given. */
  readonly release: Release
  /** Is `to` proven by evidence? Automation never takes an unproven one. */
  readonly proven: boolean
  /** Why proven, or what is missing. */
  readonly evidence: readonly string[]
  readonly candidates: readonly Candidate[]
  /** In order: one first, then batches, stopped ones last. */
  readonly units: readonly PlannedUnit[]
  /** Left alone, and why. */
  readonly untouchable: readonly {
    readonly id: string
    readonly region: string
    readonly why: string
    readonly image: string
  }[]
  /** How many are changed at once after the first. */
  readonly batch: number
  /** Serving units that must remain, by group. */
  readonly floor: Readonly<Record<string, number>>
  readonly guards: readonly Guard[]
  readonly notUndone: readonly string[]
  readonly verify: JudgeNumbers
  /** Every unit runs the image already. */
  readonly nothingToDo: boolean
}
