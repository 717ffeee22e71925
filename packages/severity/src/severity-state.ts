import type { Inconclusive, Reason, Severity, Signal } from '@firebreak/core'

/** What is remembered of one signal key between two assessments. */
export interface KeyState {
  readonly key: string
  /** Id, time and count of the last observation taken in: the same again is no new one. */
  readonly id: string
  readonly at: string
  readonly count: number
  readonly staleAfterMs?: number | undefined
  /** When it becomes so, in milliseconds since the epoch. */
  readonly staleAt?: number | undefined
  /** Observations in a row at or above each level. */
  readonly runs: Readonly<Record<Severity, number>>
  /** What this key supports while it is fresh. */
  readonly level: Severity | null
  /** The level that it keeps from being lowered: its facts, and its figures above the exit thresholds. */
  readonly holds: Severity | null
  /** Whether the last observation said anything. */
  readonly conclusive: boolean
  readonly reasons: readonly Reason[]
  readonly inconclusive: readonly Inconclusive[]
}

/** Severity over time: plain data, so that it can be stored. */
export interface SeverityState {
  /** Never below the pin. `null`: nothing is wrong. */
  readonly severity: Severity | null
  /** When it became so, in milliseconds since the epoch. */
  readonly since: number
  /** Non-empty exactly when `severity` is not `null`; worst first. */
  readonly reasons: readonly Reason[]
  readonly inconclusive: readonly Inconclusive[]
  readonly keys: readonly KeyState[]
  /** Keys of which nothing else is remembered than the level that a fact of theirs holds. Only after `condenseSeverity`. */
  readonly facts?: Readonly<Partial<Record<Severity, readonly string[]>>>
  /** What the signals alone say, without the pin. */
  readonly measured: Severity | null
  /** Since when everything is calm enough to lower, in milliseconds. */
  readonly calmSince?: number
  /** When to assess again although no signal came: a lowering falls due. Milliseconds. */
  readonly nextAt?: number
}

export interface AssessmentInput {
  /** Milliseconds since the epoch. */
  readonly now: number
  /** The last word on every key, and how often it was said: an incident's `signals.values()` fits. Left out is forgotten. */
  readonly signals: Iterable<{ readonly signal: Signal; readonly count: number }>
  /** A person's pin: the severity is never below it, and may be above. */
  readonly pinned?: Severity | undefined
}
