import type { Json } from './json.ts'
import type { Reach, Receipt } from './notifier.ts'
import type { StreamId } from './recorded.ts'
import type { Severity } from './severity.ts'

/** Why somebody is told, which decides whether he is woken. */
export type PageKind = 'trigger' | 'update' | 'acknowledge' | 'resolve'

/**
 * An incident asks the desk of one role for a page. The event's id carries the severity, so that a raise is a new request.
 * The desk decides when and how: alone, in a group, in a summary.
 */
export interface PageRequested {
  readonly request: string
  readonly incident: StreamId
  readonly code: string
  readonly service: string
  readonly severity: Severity
  readonly to: string
  readonly kind: PageKind
  /** 'raise', 'remind', 'escalate', 'verified', 'approval', … */
  readonly reason: string
  /** What the page must reach to count. */
  readonly reach: Reach
  /** RFC 3339; not before. */
  readonly due: string
  /** RFC 3339; the onset, so that the desk can group what began together. */
  readonly onsetAt: string
  /** One line per fact, rendered when requested: what the desk sends is what was known then. */
  readonly title: string
  readonly text: string
  readonly markdown?: string
  /** What renderers need besides (next steps with their times, links). */
  readonly facts?: Json
}

export interface PageWithdrawn {
  readonly request: string
  readonly incident: StreamId
  readonly to: string
  readonly why: string
}

export interface PageSent {
  readonly incident: StreamId
  readonly service: string
  readonly severity: Severity
  readonly to: string
  readonly notifier: string
  readonly reach: Reach
  readonly kind: PageKind
  readonly receipt: Receipt
  /** All requests that this one message answers: a group page names several. */
  readonly requests?: readonly string[]
  /** Milliseconds from when it was due to the receipt. */
  readonly delayMs?: number
  readonly title?: string
  /** A repetition that the target could not be asked to deduplicate; the text says so. */
  readonly repeated?: boolean
}

export interface PageDelivered {
  readonly incident: StreamId
  readonly service: string
  readonly to: string
  readonly notifier: string
  readonly receipt: Receipt
}

export interface PageFailed {
  readonly incident: StreamId
  readonly service: string
  readonly severity: Severity
  readonly to: string
  readonly notifier: string
  /** Of the last attempt. */
  readonly outcome: 'throttled' | 'transient' | 'ambiguous' | 'permanent'
  /** An attempt left it open whether it arrived, whatever a later one said. */
  readonly mayHaveArrived?: true
  /** Redacted. */
  readonly error: string
  /** RFC 3339; absent when it is not tried again. */
  readonly retryAt?: string
  readonly requests?: readonly string[]
}

export interface DigestSent {
  readonly to: string
  readonly incidents: readonly StreamId[]
  readonly notifier?: string
  readonly receipt?: Receipt
}

/** Everybody on the route has been told and nobody answered; the pages go on. */
export interface EscalationExhausted {
  readonly service: string
  readonly severity: Severity
  readonly tried: readonly string[]
}
