import { InvalidInput, type Severity, severities } from '@firebreak/core'
import { freeze } from './freeze.ts'
import type { LevelPolicy, ResponseTime, SeverityPolicy } from './policy.ts'

/**
 * The same judgement on a faster or slower clock: every time in the policy times `factor` (a drill takes 1/60). Thresholds,
 * counts and the milliseconds of latency stay as they are.
 */
export function scalePolicyTimes(policy: SeverityPolicy, factor: number): SeverityPolicy {
  if (!(typeof factor === 'number' && factor > 0 && factor < Infinity))
    throw new InvalidInput('factor', `is ${factor}; it must be a finite number over 0`)
  const scale = (milliseconds: number) => milliseconds * factor
  const { errorRate, crash, timing } = policy
  return freeze({
    ...policy,
    levels: scaleLevels(policy.levels, scale),
    errorRate: {
      ...errorRate,
      fewRequests: { ...errorRate.fewRequests, windowsMs: errorRate.fewRequests.windowsMs.map(scale) },
    },
    crash: { ...crash, windowMs: scale(crash.windowMs) },
    burnRate: policy.burnRate.map((rule) => ({ ...rule, longMs: scale(rule.longMs), shortMs: scale(rule.shortMs) })),
    timing: {
      ...timing,
      evaluateEveryMs: scale(timing.evaluateEveryMs),
      windowsMs: timing.windowsMs.map(scale),
      lowerAfterMs: scale(timing.lowerAfterMs),
      ...(timing.staleAfterMs === undefined ? {} : { staleAfterMs: scale(timing.staleAfterMs) }),
    },
  })
}

type Levels = Readonly<Record<Severity, LevelPolicy>>

function scaleLevels(levels: Levels, scale: (milliseconds: number) => number): Levels {
  const response = (time: ResponseTime): ResponseTime =>
    time.kind === 'dailyReview' ? time : { ...time, withinMs: scale(time.withinMs) }
  const scaled = { ...levels }
  for (const level of severities) scaled[level] = { ...levels[level], response: response(levels[level].response) }
  return scaled
}
