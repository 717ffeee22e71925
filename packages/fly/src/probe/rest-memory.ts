import type { HealthSample } from '@firebreak/core'
import { restingFinding, type Finding } from './findings.ts'

export interface RestRules {
  /** Nothing runs for so long before anybody asks why. */
  readonly settleMs: number
  /** An app that woke when asked is left alone for so long: asking keeps it awake, which costs its owner money. */
  readonly wakeEveryMs: number
  readonly wake: ((context: { signal: AbortSignal }) => Promise<boolean>) | undefined
}

export interface Rest {
  readonly asleep: boolean
  readonly now: number
  readonly evidence: HealthSample | undefined
  readonly signal: AbortSignal
}

/** Watches for the time when no machine runs, and wakes the app once to judge by that. */
export function restMemory(app: string, { settleMs, wakeEveryMs, wake }: RestRules) {
  let since: number | undefined
  let wokenAt = Number.NEGATIVE_INFINITY
  let unanswered = 0
  return async function rest({ asleep, now, evidence, signal }: Rest): Promise<Finding | undefined> {
    since = asleep ? (since ?? now) : undefined
    if (since === undefined) {
      unanswered = 0
      return undefined
    }
    if (now - since < settleMs) return undefined
    if (wake !== undefined && now - wokenAt >= wakeEveryMs) {
      const answered = await wake({ signal }).catch((error: unknown) => {
        if (signal.aborted) throw error
        return undefined // nobody could ask: that says nothing
      })
      if (answered === true) wokenAt = now
      if (answered !== undefined) unanswered = answered ? 0 : unanswered + 1
    }
    return restingFinding(app, evidence, unanswered)
  }
}
