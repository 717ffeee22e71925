import type { Link } from './signal.ts'
import type { Severity } from './severity.ts'

/** What a person is told. Rendered before it reaches a notifier: adapters only fit it to their target's limits. */
export interface Page {
  /** The incident's stream, or `''` when there is none (a page from a script). */
  readonly incident: string
  /** The four characters that people type: `7K42`. */
  readonly code?: string
  readonly service: string
  readonly severity: Severity
  readonly kind: 'trigger' | 'update' | 'acknowledge' | 'resolve'
  /** One line; the first 110 characters carry level, service, figure and since. */
  readonly title: string
  /** Plain text, without markup. */
  readonly text: string
  /** The same for targets that render Markdown; everything untrusted in it is escaped already. */
  readonly markdown: string
  readonly links: readonly Link[]
  /** RFC 3339. */
  readonly at?: string
  /** Who is meant: 'manager', 'engineer', … */
  readonly to?: string
  /** Why it is sent now: 'raise', 'remind', 'escalate', … A target may treat a reminder unlike a new page. */
  readonly reason?: string
}

export interface SendContext {
  /** Aborts the sending; the page may have gone out nevertheless. */
  readonly signal: AbortSignal
  /** URL-safe, globally unique, the same for every repetition of one page. Hand it to targets that deduplicate. */
  readonly idempotencyKey: string
  /** The one to use: tests and proxies replace it. */
  readonly fetch: typeof globalThis.fetch
  /** The receipt of the page that this one updates, acknowledges or resolves. */
  readonly previous?: Receipt | undefined
}

/** The target took it. A 2xx that is not a delivery is not a receipt: throw a `NotifyError`. */
export interface Receipt {
  /** `accepted`: the target will try. `delivered`: it is where the person reads. */
  readonly state: 'accepted' | 'delivered'
  /** The target's id of the message, when it gives one. */
  readonly id?: string
  /** What a later page needs to update this one or to continue its thread. */
  readonly thread?: string
}

/** Files record, chat is read, SMS and PagerDuty wake. */
export type Reach = 'record' | 'read' | 'wake'

/** Sends one page. `reach` says what a delivery means: a file records, chat is read, SMS and PagerDuty wake. */
export interface Notifier {
  /** Names the target in logs and receipts; unique among one person's notifiers. */
  readonly name: string
  /** Default 'read'. */
  readonly reach?: Reach
  /**
   * Of a notifier that wakes: the kinds it passes on without waking anybody. Default none: it gets triggers only.
   */
  readonly quiet?: readonly Page['kind'][]
  /** The target drops a repetition with the same key. Default false: a repetition is marked as one in its text. */
  readonly deduplicates?: boolean
  /**
   * Must reject with a `NotifyError` when the target did not take it. Must not retry (the pager does), must stop at
   * `context.signal`, and must be harmless when repeated with the same key where the target allows it.
   */
  send(page: Page, context: SendContext): Promise<Receipt>
  /** Was it really delivered, read, acknowledged? Called some time after `send` with its receipt. */
  confirm?(receipt: Receipt, context: SendContext): Promise<Receipt>
}
