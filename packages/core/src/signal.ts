import type { Severity } from './severity.ts'

/** A place to look. Rendered, never fetched: the address may come from an attacker. */
export interface Link {
  readonly title: string
  readonly url: string
}

/** One observation about a service, from any source. Immutable. */
export interface Signal {
  /** The same id twice counts once. */
  readonly id: string
  /** Same problem, same key: a check's name, an Alertmanager fingerprint. Unique within a service. */
  readonly key: string
  /** Who says so: 'fly-checks', 'http', 'prometheus', 'alertmanager', 'report', … */
  readonly source: string
  /** Read by ourselves. Only measured signals are evidence for a write; what others tell us opens and pages. */
  readonly measured: boolean
  /** What is affected; on Fly, the app's name. */
  readonly service: string
  readonly status: 'firing' | 'resolved'
  /** RFC 3339. When it was observed, at the observer. */
  readonly at: string
  /** One sentence with the figure in it. Untrusted: every renderer escapes it. */
  readonly summary: string
  readonly symptoms: readonly Symptom[]
  readonly labels: Readonly<Record<string, string>>
  readonly links: readonly Link[]
  /** Milliseconds without repetition after which the signal is unknown, neither firing nor healthy. */
  readonly staleAfterMs?: number
  /** How far in the future `at` was when it arrived, in milliseconds; `at` has been clamped to the arrival. */
  readonly clockSkewMs?: number
}

/** How fast an error budget is used up: 1 spends exactly the budget over the SLO's period. */
export interface Burn {
  readonly rate: number
  readonly windowMs: number
}

/** A fact that has a severity. Ratios lie in 0…1, durations are milliseconds, counts are whole numbers ≥ 0. */
export type Symptom =
  | { readonly kind: 'outage'; readonly extent: 'complete' | 'partial' }
  | { readonly kind: 'security'; readonly detail: string }
  | { readonly kind: 'dependency'; readonly name: string; readonly role: 'database' | 'other' }
  | { readonly kind: 'function'; readonly name: string; readonly critical: boolean }
  | { readonly kind: 'errorRate'; readonly ratio: number; readonly requests?: number; readonly windowMs?: number }
  | {
      readonly kind: 'latency'
      readonly ms: number
      readonly baselineMs: number
      readonly samples?: number
      readonly windowMs?: number
    }
  | { readonly kind: 'checks'; readonly passing: number; readonly total: number; readonly intermittent: boolean }
  | { readonly kind: 'burnRate'; readonly slo: number; readonly long: Burn; readonly short: Burn }
  | {
      readonly kind: 'capacity'
      readonly resource: 'memory' | 'cpu' | 'disk' | 'concurrency'
      readonly used: number
    }
  | {
      readonly kind: 'crash'
      readonly oom: boolean
      readonly exitCode?: number
      readonly count: number
      readonly windowMs: number
    }
  | { readonly kind: 'warning'; readonly detail: string }
  /** Somebody else's verdict, already capped by the intake that let it in. */
  | { readonly kind: 'stated'; readonly severity: Severity }

export type SymptomKind = Symptom['kind']

/**
 * Why a symptom has its level: plain data, so that it can be stored, compared and rendered in any language.
 * `observed` and `threshold` are in the unit of the rule (ratio 0…1, milliseconds, a multiple, a count).
 */
export interface Reason {
  readonly level: Severity
  /** The policy's rule: 'errorRate', 'latency', 'outage', 'checks', 'stated', … */
  readonly rule: string
  readonly observed: number | string
  readonly threshold: number | string
  /** What the sentence needs besides: numerator and denominator, the window, the name of a dependency. */
  readonly detail?: Readonly<Record<string, string | number | boolean>>
}

/** What could not be judged, and what would settle it. */
export interface Inconclusive {
  readonly rule: string
  readonly observed: number | string
  readonly why: string
  readonly settledBy: string
}
