import type { RetryPolicy } from '@firebreak/core'
import { FlyError } from '../errors/fly-error.ts'

/**
 * What may be repeated without asking (fly.md §10):
 * - `always`: reads, waits, lease refresh and release, metadata, cordon, uncordon, stop, delete
 * - `unsent`: only what certainly had no effect: 429, or nothing was sent
 * - `never`: whoever calls looks at the world before he repeats
 */
export type Repeat = 'always' | 'unsent' | 'never'

/** 4 attempts, 0.5 s doubling to 8 s, within 120 s; longer waits than 60 s are not taken on. */
export const flyRetry: Omit<RetryPolicy, 'filter'> = {
  attempts: 4,
  baseMs: 500,
  maxMs: 8_000,
  jitter: 0.5,
  budgetMs: 120_000,
  maxRetryAfterMs: 60_000,
}

export function mayRepeat(repeat: Repeat, error: unknown): boolean {
  if (!FlyError.isInstance(error) || !error.retryable || repeat === 'never') return false
  return repeat === 'always' || !error.ambiguous
}

/** 408, 429, 5xx and network failures: what another attempt may cure. */
export function isTransient(error: unknown): boolean {
  return FlyError.isInstance(error) && error.retryable
}
