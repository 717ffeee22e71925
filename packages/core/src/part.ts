import type { Clock } from './clock.ts'
import type { Desk } from './desk.ts'
import type { Incident } from './incident.ts'
import type { Json } from './json.ts'
import type { Random } from './random.ts'
import type { NewEvent, RecordedEvent, StreamId } from './recorded.ts'
import type { ServiceRecord } from './service.ts'
import type { Severity } from './severity.ts'

/** What a part can be about. */
export type Subject = Incident | Desk

/** One duty of a responder: paging, mitigating, resolving, … */
export interface Part<S extends Subject = Incident> {
  readonly name: string
  /** Default 'incident'. */
  readonly over?: 'incident' | 'desk'
  /**
   * Must be pure: the same subject and view give the same actions, in production, in a forecast and in a simulation.
   * Plans the future too (`notBefore`). Must keep planning an action until it has no use any more: the loop drops the keys
   * that are finished. A key that may recur carries an ordinal (`page/manager/2`).
   */
  plan(subject: Readonly<S>, view: View): readonly Action[]
  /**
   * Of a part over desks: where something may wait though no open incident says so, by name. Each is read at a start, however
   * long the past is: a few days of each role. Must be pure.
   */
  desks?(now: number): readonly StreamId[]
  /** Performs a claimed effect. Must look before it repeats: `context.takeover` says that somebody may have been here. */
  perform?(action: EffectAction, context: PerformContext<S>): Promise<Outcome>
  /**
   * Reaches people when the log cannot be written and nothing else can: by every waking channel, from memory. Must be
   * harmless when repeated with the same key.
   */
  alarm?(alarm: Alarm, context: { readonly clock: Clock; readonly signal: AbortSignal }): Promise<void>
}

/** What is told when the log is down: a level that was seen, and that automation is off. */
export interface Alarm {
  readonly service: string
  readonly severity: Severity
  readonly title: string
  readonly text: string
  readonly idempotencyKey: string
}

export interface View {
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly service: Readonly<ServiceRecord>
  /** The record of `service/*`: what is counted over all services. Absent: it is not known here. */
  readonly organisation?: Readonly<ServiceRecord> | undefined
}

export type Action = RecordAction | EffectAction

interface ActionBase {
  /** Unique in the subject. Finished keys are never performed again. */
  readonly key: string
  /** Milliseconds since the epoch; absent: now. */
  readonly notBefore?: number
  /** One sentence: why this action, with its number. `forecast` and `explain` print it. */
  readonly why: string
}

/** A decision: one append, nothing to perform. */
export interface RecordAction extends ActionBase {
  readonly record: Outcome
}

/** An effect on the world: claimed first; the claim also charges the budgets in `charge`, in the same append. */
export interface EffectAction extends ActionBase {
  /** What `perform` needs, recorded with the claim: a takeover performs the recorded effect, never a re-planned one. */
  readonly effect: Json
  /** How long a claim holds without renewal; default 12 s. */
  readonly leaseMs?: number
  /** Streams of services; `service/*` counts over all of them. */
  readonly charge?: StreamId | readonly StreamId[]
}

/** What is recorded, here and in other streams, in one append. */
export interface Outcome {
  readonly events: readonly NewEvent[]
  readonly tell?: readonly { readonly to: StreamId; readonly event: NewEvent & { readonly id: string } }[]
}

export interface PerformContext<S extends Subject = Incident> {
  /** As folded when the claim was won. */
  readonly subject: Readonly<S>
  readonly service: Readonly<ServiceRecord>
  /** The record of `service/*`. Absent: it is not known here. */
  readonly organisation?: Readonly<ServiceRecord> | undefined
  /** 1 for the first performer. What a hold or a stop put off was no try and is not counted. */
  readonly attempt: number
  /** Another performer claimed this before and did not finish: look before you act. */
  readonly takeover: boolean
  readonly idempotencyKey: string
  readonly clock: Clock
  readonly random: Random
  readonly signal: AbortSignal
  /**
   * Is the claim still ours and, for parts over incidents, nothing on hold? Read synchronously right before each effect on
   * the world. A hold never stops a desk: it stops acting, not paging.
   */
  held(): boolean
  /** Records progress while the claim is ours; rejects with `CLAIM_LOST` otherwise. */
  record(events: readonly NewEvent[]): Promise<void>
  /** The recorded events of the subject so far. */
  history(): AsyncIterable<RecordedEvent>
}
