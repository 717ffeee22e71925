import type { Json } from './json.ts'
import type { StreamId } from './recorded.ts'
import type { Severity } from './severity.ts'

/** What users felt so far. `null` where nothing could be measured. */
export interface ImpactEstimated {
  readonly service: string
  readonly requests: number | null
  readonly failedRequests: number | null
  /** Share of all traffic that failed in the span, 0…1. */
  readonly share: number | null
  readonly regions: readonly string[]
  /** RFC 3339. */
  readonly since: string
  readonly until: string
}

/** Saved before anything changes. Excerpts stay in a local file (mode 0600); the log keeps figures and digests. */
export interface EvidenceCaptured {
  readonly service: string
  readonly items: readonly { readonly kind: string; readonly summary: string; readonly digest?: string }[]
  readonly file?: string
  /** What could not be saved, and why. */
  readonly missing?: readonly string[]
}

export type SuspectTestName = 'time' | 'place' | 'change' | 'otherCause' | 'measured' | 'goodBefore'

/** One of the six questions a person can check half-asleep. */
export interface SuspectTest {
  readonly test: SuspectTestName
  readonly answer: 'yes' | 'no' | 'unknown'
  /** The sentence with its numbers. */
  readonly why: string
  readonly observed?: number | string
  readonly threshold?: number | string
}

export type SuspectVerdict = 'suspected' | 'possible' | 'not-suspected'

export interface ReleaseSuspected {
  readonly service: string
  readonly verdict: SuspectVerdict
  /** Absent when there is no release to suspect. */
  readonly release?: {
    readonly version: number
    readonly image: string
    readonly digest?: string
    readonly by?: string
  }
  readonly candidate?: {
    readonly version: number
    readonly image: string
    readonly digest?: string
    readonly proven: boolean
  }
  readonly tests: readonly SuspectTest[]
  /**
   * Where the release is undone without asking if the tests that lack only time come out so, and every guard says yes: at
   * these levels, not before this time (RFC 3339), and so many milliseconds after the page. Absent: it is not.
   */
  readonly automatic?: {
    readonly levels: readonly Severity[]
    readonly notBefore: string
    readonly afterPageMs: number
  }
  /** Which units are ill, as far as they can be told apart. */
  readonly illness?: Illness
  /** How many looks in a row have succeeded since one could not read the world; 0: this one. Absent: none has failed. */
  readonly reads?: number
  /** While it cannot be read: what to paste into a request to the platform's support. */
  readonly support?: string
}

/** One ill unit. `down`: does not run or fails its checks; `errors`: answers, and badly; `crash`: it exited by itself. */
export interface IllUnit {
  readonly unit: string
  readonly region: string
  readonly kind: 'down' | 'errors' | 'crash'
  /** The sentence with its number. */
  readonly why: string
  /** No other unit serves in its region. */
  readonly lastOfRegion: boolean
}

export interface Illness {
  readonly ill: readonly IllUnit[]
  /** Units that should serve, the ill and the isolated ones included. */
  readonly total: number
  /** How many of them have been taken out of the pool. */
  readonly isolated?: number
  /** RFC 3339; since when exactly these have been ill, as far as was looked. */
  readonly since: string
}

/** Automation never selects this image again, under whatever tag. */
export interface ReleaseQuarantined {
  readonly service: string
  readonly version: number
  readonly image: string
  readonly digest?: string
  readonly reason: string
  readonly incident?: StreamId
  /** A person took the image out of quarantine again: it was not the cause. */
  readonly lifted?: boolean
}

export interface GuardRefused {
  readonly service: string
  readonly guard: string
  readonly action: string
  readonly observed: string
  readonly needed: string
  /** What a person may do instead. */
  readonly next?: string
}

export interface ApprovalRequested {
  readonly service: string
  readonly approval: string
  readonly action: string
  /** Digest of the plan that is to be approved: another plan needs another approval. */
  readonly digest: string
  readonly why: string
  /** RFC 3339. */
  readonly expiresAt: string
  readonly plan?: Json
}

export interface ApprovalDecided {
  readonly service: string
  readonly approval: string
  readonly digest: string
  readonly by: string
  readonly reason?: string
}

export interface HoldPlaced {
  readonly hold: string
  /** Absent: everything. */
  readonly service?: string
  /** RFC 3339; absent: until released. */
  readonly until?: string
  readonly reason: string
  readonly by: string
}

export interface HoldReleased {
  readonly hold: string
  readonly service?: string
  readonly by: string
}

export interface RollbackPlanned {
  readonly service: string
  readonly plan: string
  readonly digest: string
  readonly from: { readonly version: number; readonly image: string; readonly digest?: string }
  readonly to: { readonly version: number; readonly image: string; readonly digest?: string }
  readonly units: readonly string[]
  readonly reason: string
  /** The plan in full, as the one who made it reads it back. */
  readonly document?: Json
  /** The approval that allowed it; absent when nobody had to be asked. */
  readonly approval?: string
}

export interface RollbackVerified {
  readonly service: string
  readonly plan: string
  readonly from?: { readonly version: number; readonly image: string }
  readonly to: { readonly version: number; readonly image: string }
  readonly errorRatio?: number | null
  readonly requests?: number | null
  readonly p95Ms?: number | null
}

export interface RollbackFailed {
  readonly service: string
  readonly plan: string
  readonly status: string
  readonly why: string
}

export interface UnitUpdated {
  readonly service: string
  /** The unit's id. */
  readonly unit: string
  readonly region?: string
  readonly image: string
  /** `waiting` and `reverted` are on the way: the platform asks us to wait, or put the old image back and is asked again. */
  readonly outcome: 'updated' | 'alreadyThere' | 'waiting' | 'reverted' | 'failed' | 'skipped'
  /** How many units of this rollback are settled, this one included. */
  readonly done: number
  readonly total: number
  readonly why?: string
  readonly plan?: string
  /** Does it serve since it settled? */
  readonly serving?: boolean
  /** The verdict on the unit that decides for the others. */
  readonly judged?: { readonly judgement: 'better' | 'worse' | 'inconclusive'; readonly why: string }
}

/** How a mitigation ended: verified well, known bad, or not known. */
export interface MitigationFinished {
  readonly service: string
  readonly action: string
  readonly outcome:
    | 'verified'
    | 'unverified'
    | 'partial'
    | 'regressed'
    | 'refuted'
    | 'aborted'
    | 'nothingToDo'
    | 'failed'
  readonly why: string
  readonly severity?: Severity
}

/** One automatic action counted against a budget. */
export interface LedgerCharged {
  readonly service: string
  readonly action: string
  readonly key: string
  readonly incident?: StreamId
}

/** What was begun under a budget has ended: the next may begin. `action` is the prefix of the keys that were charged. */
export interface LedgerSettled {
  readonly service: string
  readonly action: string
  readonly incident: StreamId
}
