import type { ActionFinished } from './events.ts'
import { FirebreakError } from './errors.ts'
import type { Random } from './random.ts'
import { redact } from './redact.ts'
import { waitFor, type RetryPolicy } from './retry.ts'

/** How an attempt that threw ended. */
export interface FailureVerdict {
  readonly outcome: 'retry' | 'failed' | 'uncertain'
  /** With `retry`: how long to wait, in milliseconds. */
  readonly waitMs: number
}

/**
 * Pure but for the jitter. `ambiguous` may have happened and cannot be repeated blindly: a person has to look. `permanent`,
 * an error that says `retryable: false`, and the last attempt of the policy are failures. All else is tried again.
 */
export function judgeFailure(error: unknown, attempt: number, policy: RetryPolicy, random: Random): FailureVerdict {
  const { outcome } = (error ?? {}) as { outcome?: unknown }
  if (outcome === 'ambiguous') return { outcome: 'uncertain', waitMs: 0 }
  const waitMs = waitFor(error, attempt, policy, random)
  if (waitMs === undefined || attempt >= policy.attempts || !policy.filter(error))
    return { outcome: 'failed', waitMs: 0 }
  return { outcome: 'retry', waitMs }
}

/** What is recorded of an error: its code and its message, with secrets and personal data taken out. */
export function describeError(error: unknown): NonNullable<ActionFinished['error']> {
  const message = redact(error instanceof Error ? error.message : String(error)).slice(0, 2_000)
  return FirebreakError.isInstance(error) ? { code: error.code, message } : { message }
}
