import type { Severity } from '@firebreak/core'

/**
 * The figures that have a level: from the lower bound up to the upper one. `from` and `to` include the bound, `above` and
 * `below` exclude it. The worst band of a rule has no upper bound; every other one ends where the next worse begins.
 */
export interface Band {
  readonly level: Severity
  readonly from?: number
  readonly above?: number
  readonly to?: number
  readonly below?: number
  /** Where the bound comes from, when the runbook does not state it. */
  readonly note?: string
}

/** What to judge a ratio by when so few requests failed that its face value may be chance. */
export interface FewRequests {
  /** So many failures are taken at face value. */
  readonly faceValueFrom: number
  /** So many failures are judged by the Wilson lower bound; fewer are inconclusive. */
  readonly boundFrom: number
  /** Standard normal quantile of the bound: 1.96 is 95 %. */
  readonly z: number
  /** The worst level that a bound may reach. */
  readonly atMost: Severity
  /** Wider and wider spans to ask for while a ratio is inconclusive, in milliseconds. */
  readonly windowsMs: readonly number[]
}

/** Fires when the budget burns faster than `factor` over both windows. */
export interface BurnRateRule {
  readonly level: Severity
  readonly factor: number
  readonly longMs: number
  readonly shortMs: number
}

/** By when somebody has to have looked. */
export type ResponseTime =
  | { readonly kind: 'elapsed'; readonly withinMs: number }
  | { readonly kind: 'businessHours'; readonly withinMs: number }
  /** One business day. */
  | { readonly kind: 'dailyReview' }

/** What the runbook orders, as a word that code can branch on; `text` is the runbook's own line. */
export interface PolicyAction {
  readonly does: 'notify' | 'rollback' | 'log' | 'investigate' | 'assess' | 'mitigate' | 'plan' | 'schedule'
  readonly text: string
}

export interface LevelPolicy {
  /** 'CRITICAL' */
  readonly title: string
  /** 'Page Immediately' */
  readonly summary: string
  readonly response: ResponseTime
  readonly actions: readonly PolicyAction[]
}

/** When an observation counts. All in milliseconds but the two numbers. */
export interface Timing {
  readonly evaluateEveryMs: number
  /** The spans over which a ratio is judged; the worst conclusive one wins. */
  readonly windowsMs: readonly number[]
  /** So many observations in a row raise to a level. Facts raise at once. */
  readonly raiseAfter: number
  /** Calm for so long lowers by one level. */
  readonly lowerAfterMs: number
  /** Calm is below this share of the current level's entry threshold, 0…1. */
  readonly exitFactor: number
  /** For signals that state no `staleAfterMs` of their own. Absent: those never go stale. */
  readonly staleAfterMs?: number
}

export type CapacityResource = 'memory' | 'cpu' | 'disk' | 'concurrency'

/** The whole judgement as data: serialisable, comparable, rendered to Markdown by `renderPolicy` and read back by `parsePolicy`. */
export interface SeverityPolicy {
  readonly name: string
  readonly levels: Readonly<Record<Severity, LevelPolicy>>
  readonly errorRate: { readonly bands: readonly Band[]; readonly fewRequests: FewRequests }
  /** Bands in multiples of the baseline. */
  readonly latency: {
    readonly bands: readonly Band[]
    readonly minimumDifferenceMs: number
    readonly minimumSamples: number
  }
  readonly outage: { readonly complete: Severity; readonly partial: Severity }
  readonly checks: { readonly none: Severity; readonly some: Severity }
  readonly security: Severity
  readonly dependency: { readonly database: Severity; readonly other: Severity }
  readonly function: { readonly critical: Severity; readonly other: Severity }
  /** `count` or more within `windowMs` on one machine; fewer have the milder level. */
  readonly crash: {
    readonly repeated: Severity
    readonly count: number
    readonly windowMs: number
    readonly fewer: Severity
  }
  readonly capacity: Readonly<Record<CapacityResource, readonly Band[]>>
  readonly warning: Severity
  /** Share of requests that must succeed, 0…1. Absent: burn rates are not judged. */
  readonly slo?: number
  readonly burnRate: readonly BurnRateRule[]
  readonly timing: Timing
}
