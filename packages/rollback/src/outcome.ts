import type { HealthFigures } from '@firebreak/core'
import type { Judgement } from './compare-samples.ts'
import type { UnitOutcome } from './next-steps.ts'

/**
 * - `verified`: every machine was asked and runs it, and users' figures are well
 * - `unverified`: every machine runs it; whether users are well could not be told
 * - `partial`: some machines do not run it; the service is mixed
 * - `regressed`: every machine runs it, and users are ill (again)
 * - `refuted`: the first machine is as ill on the other image; nothing else was touched
 * - `aborted`: stopped by a hold, an abort or a lost lock
 * - `nothingToDo`: every machine ran it already
 */
export type RollbackStatus = 'verified' | 'unverified' | 'partial' | 'regressed' | 'refuted' | 'aborted' | 'nothingToDo'

export interface OutcomeUnit {
  readonly id: string
  readonly region: string
  /** What it runs, as observed last. */
  readonly image: string
  readonly digest?: string
  readonly outcome: UnitOutcome | 'untouched'
  readonly why?: string
}

/** How it ended. Plain data. */
export interface RollbackOutcome {
  /** True for `verified` and `nothingToDo` only. */
  readonly ok: boolean
  readonly status: RollbackStatus
  readonly why: string
  readonly service: string
  /** The plan's id and digest. */
  readonly plan: string
  readonly digest: string
  readonly from: { readonly version: number; readonly image: string; readonly digest?: string }
  readonly to: { readonly version: number; readonly image: string; readonly digest?: string }
  readonly units: readonly OutcomeUnit[]
  /** Left alone, why, and what they went on running. */
  readonly untouchable: readonly { readonly id: string; readonly why: string; readonly image: string }[]
  readonly judgement?: { readonly judgement: Judgement; readonly why: string }
  /** The release that was recorded for this rollback. */
  readonly recorded?: { readonly version: number; readonly status: string }
  /** What users got at the end. */
  readonly figures: HealthFigures | null
  /** RFC 3339. */
  readonly startedAt: string
  readonly finishedAt: string
  /** Went on after a crash. */
  readonly resumed: boolean
  /** What went wrong besides, and did not change the status. */
  readonly notes: readonly string[]
}
