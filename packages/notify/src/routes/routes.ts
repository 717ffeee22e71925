import type { Reach, Severity } from '@firebreak/core'

/** One rung of a ladder: whom to tell, how long after the raise. Times in milliseconds. */
export interface RouteStep {
  /** Part of each request's id: 'raise', 'remind', 'escalate', 'digest', … */
  readonly name: string
  /** After the raise to this severity. */
  readonly afterMs: number
  /** Not sooner than this after the opening: it may vanish or become worse. */
  readonly afterOpeningMs?: number
  /** After so much business time since the raise, instead of `afterMs`. */
  readonly afterBusinessMs?: number
  /** At the next opening of business, with whatever else there is, instead of `afterMs`. */
  readonly digest?: boolean
  readonly to: readonly string[]
  readonly reach: Reach
  /** `all`: every waking channel at once. `first`: in order, the next when one fails or is not confirmed. Default 'all'. */
  readonly channels?: 'all' | 'first'
  /** Waits while a mitigation is under way: one wake for a good rollback. It goes out when the mitigation fails. */
  readonly unlessMitigating?: boolean
  /** Waits while the signals flap; people get one notice instead. */
  readonly unlessFlapping?: boolean
  /** What a page promises about it: 'no acknowledgement: Engineer is paged'. */
  readonly says: string
}

/** What one severity means for people. */
export interface Route {
  readonly steps: readonly RouteStep[]
  /** After the last step, until somebody acknowledges, for ever. */
  readonly repeat?: Omit<RouteStep, 'afterMs'> & { readonly everyMs: number }
  /** Who is woken at once when this cannot be resolved. */
  readonly cannotResolve?: { readonly to: readonly string[] }
  /** Not mitigated so long after the raise counts as "cannot resolve", acknowledged or not. */
  readonly unmitigatedMs?: number
}

/** How one role's desk turns requests into messages. Times in milliseconds. */
export interface DeskRules {
  /** How long the first page of a group waits for others that fell ill in the same breath. */
  readonly gatherMs: number
  /** Incidents whose onsets lie within this belong together. */
  readonly groupOnsetMs: number
  /** A group's later pages go out when nothing has been added for so long, … */
  readonly groupQuietMs: number
  /** … or when the oldest has waited so long. */
  readonly groupMostMs: number
  /** How long a reminder waits for those of the other incidents of its group, whose raises lay a little later. */
  readonly followMostMs: number
  /** Waking messages a notifier sends within a time; what comes on top is summarised in the next one. */
  readonly cap: { readonly messages: number; readonly withinMs: number }
  /** When a receipt that only says `accepted` is first asked about; doubles. */
  readonly confirmAfterMs: number
  /** With `channels: 'first'`: not confirmed after this means the next channel. */
  readonly fallBackMs: number
  /** Quick attempts of one sending. */
  readonly retry: {
    readonly attempts: number
    readonly baseMs: number
    readonly maxMs: number
    readonly budgetMs: number
    readonly maxRetryAfterMs: number
  }
  /** Time limit of one attempt. */
  readonly timeoutMs: number
  /** Wait after the quick attempts failed; doubles up to `againMostMs`. */
  readonly againMs: number
  readonly againMostMs: number
}

/** Whom to tell, when and how: data, so that it can be shown, changed and scaled. */
export interface Routes {
  readonly severities: Readonly<Record<Severity, Route>>
  /** Roles that keep records: told of every incident of these levels, at opening, at each raise and at resolution. */
  readonly records: readonly { readonly to: string; readonly severities: readonly Severity[] }[]
  /** A refusal that is followed by a request for approval within this is none. */
  readonly refusalGraceMs: number
  /** Guards whose refusal is nobody's failure: somebody chose not to act, there was nothing to be refused, or nothing can be reached. */
  readonly quietGuards: readonly string[]
  /** So many changes of one signal within a time are flapping, until it has been quiet. */
  readonly flapping: { readonly changes: number; readonly withinMs: number; readonly quietMs: number }
  readonly desk: DeskRules
}
