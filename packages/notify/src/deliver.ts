import {
  retry,
  withDeadline,
  type Clock,
  type Notifier,
  type NotifyError,
  type Page,
  type Random,
  type Receipt,
  type RetryPolicy,
} from '@firebreak/core'
import { failureOf } from './failure.ts'
import { raced } from './raced.ts'
import { marked } from './repeated.ts'

export interface Delivery {
  readonly receipt: Receipt
  /** All attempts, the successful one included. */
  readonly attempts: number
  /** The page may have reached the target before, and says so. */
  readonly repeated: boolean
}

export interface DeliverOptions {
  readonly clock: Clock
  readonly random: Random
  readonly fetch: typeof globalThis.fetch
  readonly signal: AbortSignal
  readonly idempotencyKey: string
  readonly previous?: Receipt | undefined
  readonly retry?: Partial<RetryPolicy> | undefined
  /** Time limit of one attempt, in milliseconds. */
  readonly timeoutMs: number
  /** Somebody may have sent this before. */
  readonly mayBeRepeated?: boolean | undefined
  /** Told when an attempt leaves it open whether the page arrived; a later one may fail otherwise. */
  readonly onUncertain?: (() => void) | undefined
  /** Asked before each attempt; false stops. */
  readonly held?: (() => boolean) | undefined
}

/** Quick attempts that bridge a hiccup; what takes longer is planned anew by the desk, where others see it. */
const pageRetry: Partial<RetryPolicy> = {
  attempts: 4,
  baseMs: 1_000,
  maxMs: 8_000,
  jitter: 0.5,
  budgetMs: 25_000,
  maxRetryAfterMs: 10_000,
}

/**
 * Sends one page to one notifier, with retries. A repetition that the target cannot be asked to drop says that it may be
 * one. Rejects with a `NotifyError`, or with the signal's reason.
 */
export async function deliver(notifier: Notifier, page: Page, options: DeliverOptions): Promise<Delivery> {
  const { clock, random, fetch, signal, idempotencyKey, previous, timeoutMs, held } = options
  let uncertain = options.mayBeRepeated === true
  let attempts = 0
  const policy: Partial<RetryPolicy> = {
    ...pageRetry,
    ...options.retry,
    filter: (error) => worthRepeating(error as NotifyError, notifier, page) && (held?.() ?? true),
  }

  async function attempt(): Promise<Delivery> {
    attempts += 1
    const repeated = uncertain && notifier.deduplicates !== true
    const deadline = withDeadline(clock, timeoutMs, signal)
    try {
      const sent = repeated ? marked(page) : page
      const receipt = await raced(
        notifier.send(sent, { signal: deadline.signal, idempotencyKey, fetch, previous }),
        deadline.signal,
      )
      return { receipt, attempts, repeated }
    } catch (error) {
      signal.throwIfAborted()
      const failure = failureOf(error, notifier.name)
      if (failure.outcome === 'ambiguous') {
        uncertain = true
        options.onUncertain?.()
      }
      throw failure
    } finally {
      deadline.clear()
    }
  }
  return retry(attempt, { policy, clock, random, signal })
}

/** Twice is better than never for what wakes people; for the rest, what may have been taken is left alone. */
function worthRepeating({ outcome }: NotifyError, notifier: Notifier, { severity }: Page): boolean {
  if (outcome === 'permanent') return false
  return outcome !== 'ambiguous' || notifier.deduplicates === true || severity === 'P0' || severity === 'P1'
}
