import { InvalidInput } from '@firebreak/core'
import type { BurnRateRule } from './policy.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/** Share of the budget that a rule lets burn within its long window before it fires: the SRE workbook's, and Sloth's third. */
const shares = [
  { level: 'P1', share: 0.02, longMs: hour, shortMs: 5 * minute },
  { level: 'P1', share: 0.05, longMs: 6 * hour, shortMs: 30 * minute },
  { level: 'P2', share: 0.1, longMs: day, shortMs: 2 * hour },
  { level: 'P3', share: 0.1, longMs: 3 * day, shortMs: 6 * hour },
] as const

/**
 * Burn-rate rules for an objective over another period than 30 days, in milliseconds: over 28 days the factors are 13.44, 5.6,
 * 2.8 and 0.933. `defineSeverityPolicy({ ...standardPolicy, slo: 0.999, burnRate: burnRateRules(28 * 86_400_000) })`
 */
export function burnRateRules(periodMs: number = 30 * day): readonly BurnRateRule[] {
  if (!(typeof periodMs === 'number' && periodMs >= 3 * day && periodMs < Infinity))
    throw new InvalidInput('periodMs', `is ${periodMs}; it must be at least the longest window, 3 days in milliseconds`)
  return shares.map(({ level, share, longMs, shortMs }) => {
    const factor = Number(((share * periodMs) / longMs).toPrecision(12))
    return { level, factor, longMs, shortMs }
  })
}
