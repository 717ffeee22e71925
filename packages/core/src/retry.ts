import { assertNotNegative, assertPositive } from './bounds.ts'
import { systemClock, type Clock } from './clock.ts'
import { systemRandom, type Random } from './random.ts'

/** When and how often to try again: a value, so that it can be shown, compared and overridden. */
export interface RetryPolicy {
  /** All attempts, the first included. */
  readonly attempts: number
  /** Wait before the second attempt, in milliseconds; doubles, up to `maxMs`. */
  readonly baseMs: number
  readonly maxMs: number
  /** Share of each wait that is random, 0…1. */
  readonly jitter: number
  /** No attempt begins later than so many milliseconds after the first. */
  readonly budgetMs: number
  /** Longest wait a target may ask for; a longer one ends the retrying. */
  readonly maxRetryAfterMs: number
  /** Which errors are worth another attempt; default `isWorthRetrying`. */
  readonly filter: (error: unknown) => boolean
}

export const defaultRetry: RetryPolicy = {
  attempts: 4,
  baseMs: 500,
  maxMs: 8_000,
  jitter: 0.5,
  budgetMs: 60_000,
  maxRetryAfterMs: 60_000,
  filter: isWorthRetrying,
}

/** What nobody has ruled out: not bad input, not an abort, not what says of itself that repeating is no use or no good. */
export function isWorthRetrying(error: unknown): boolean {
  const { retryable, isRetryable, outcome, code } = (error ?? {}) as Readonly<Record<string, unknown>>
  if (retryable === false || isRetryable === false) return false
  if (outcome === 'permanent' || outcome === 'ambiguous') return false
  return code !== 'INVALID_INPUT' && code !== 'ABORTED'
}

export interface RetryOptions {
  readonly policy?: Partial<RetryPolicy> | undefined
  readonly clock?: Clock | undefined
  readonly random?: Random | undefined
  readonly signal?: AbortSignal | undefined
  /** Told before each wait. */
  readonly onRetry?: ((retry: { attempt: number; error: unknown; waitMs: number }) => void) | undefined
}

/**
 * Tries until it works. Order of authority: abort, then what the target asks for (`error.retryAfterMs`), then the policy.
 * Rejects with the last real error, which then carries `attempts`.
 */
export async function retry<T>(attempt: (attempt: number) => Promise<T>, options: RetryOptions = {}): Promise<T> {
  const { clock = systemClock, random = systemRandom, signal, onRetry } = options
  const policy = { ...defaultRetry, ...options.policy }
  assertPolicy(policy)
  const startedAt = clock.now()
  for (let number = 1; ; number += 1) {
    signal?.throwIfAborted()
    try {
      return await attempt(number)
    } catch (error) {
      signal?.throwIfAborted()
      const waitMs = waitFor(error, number, policy, random)
      const over =
        waitMs === undefined || number >= policy.attempts || clock.now() + waitMs - startedAt > policy.budgetMs
      if (over || !policy.filter(error)) throw counted(error, number)
      onRetry?.({ attempt: number, error, waitMs })
      await clock.sleep(waitMs, signal)
    }
  }
}

function assertPolicy({ attempts, baseMs, maxMs, budgetMs, jitter }: RetryPolicy): void {
  assertPositive(attempts, 'attempts')
  assertNotNegative(baseMs, 'baseMs')
  assertNotNegative(maxMs, 'maxMs')
  assertNotNegative(budgetMs, 'budgetMs')
  assertNotNegative(jitter, 'jitter')
}

/** How long to wait before the next attempt; `undefined`: longer than the policy allows. */
export function waitFor(error: unknown, attempt: number, policy: RetryPolicy, random: Random): number | undefined {
  const asked = (error as { retryAfterMs?: unknown } | null)?.retryAfterMs
  const exponential = Math.min(policy.maxMs, policy.baseMs * 2 ** (attempt - 1))
  const jittered = exponential * (1 - policy.jitter * random())
  if (typeof asked !== 'number' || Number.isNaN(asked)) return jittered
  return asked > policy.maxRetryAfterMs ? undefined : Math.max(asked, jittered)
}

function counted(error: unknown, attempts: number): unknown {
  if (typeof error === 'object' && error !== null && Object.isExtensible(error)) Object.assign(error, { attempts })
  return error
}
