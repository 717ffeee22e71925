import type { RetryPolicy } from '@firebreak/core'
import { FlyError } from '../errors/fly-error.ts'
import type { CallOptions } from './call.ts'
import { checkedNumber } from './route.ts'

/**
 * What may be repeated without asking:
 * - `always`: reads, waits, lease refresh and release, metadata, cordon, uncordon, stop, delete
 * - `unsent`: only what certainly had no effect: 429, or nothing was sent
 * - `never`: whoever calls looks at the world before he repeats
 */
export type Repeat = 'always' | 'unsent' | 'never'

/** 4 attempts, 0.5 s doubling to 8 s, within 120 s; longer waits than 60 s are not taken on. */
const flyRetry: Omit<RetryPolicy, 'filter'> = {
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

const bounds = {
  attempts: [1, 1_000],
  baseMs: [0, 3_600_000],
  maxMs: [0, 3_600_000],
  jitter: [0, 1],
  budgetMs: [0, 86_400_000],
  maxRetryAfterMs: [0, 86_400_000],
} as const

/** The standard, changed by the client, by what the call needs, and by the caller; each number checked. */
export function retryPolicy(
  client: CallOptions['retry'],
  call: CallOptions['retry'],
  filter: RetryPolicy['filter'],
  needed: Partial<Omit<RetryPolicy, 'filter'>> = {},
): RetryPolicy {
  if ((call ?? client) === false) return { ...flyRetry, attempts: 1, filter }
  const policy = { ...flyRetry }
  for (const [name, [min, max]] of Object.entries(bounds)) {
    const key = name as keyof typeof bounds
    const given = (call || undefined)?.[key] ?? needed[key] ?? (client || undefined)?.[key]
    if (given !== undefined) Object.assign(policy, { [key]: checkedNumber(given, `retry.${key}`, min, max) })
  }
  return { ...policy, filter }
}
