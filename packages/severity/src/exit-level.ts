import { severities, type Severity, type Symptom } from '@firebreak/core'
import { bandAt, entryOf } from './band.ts'
import type { Band, SeverityPolicy } from './policy.ts'
import { burnRateRuleOf, policyRates } from './rules/burn-rate.ts'

/**
 * The worst level that a figure is not yet calm for: it lies at or above the exit threshold, which is the entry threshold
 * times `exitFactor`. Taken at face value, however few the requests: lowering asks for less doubt than raising.
 */
export function exitLevel(symptom: Symptom, policy: SeverityPolicy): Severity | null {
  const { exitFactor } = policy.timing
  switch (symptom.kind) {
    case 'errorRate':
      return worstHeld(policy.errorRate.bands, symptom.ratio, exitFactor)
    case 'latency':
      return symptom.baselineMs === 0 || symptom.ms - symptom.baselineMs < policy.latency.minimumDifferenceMs
        ? null
        : worstHeld(policy.latency.bands, symptom.ms / symptom.baselineMs, exitFactor)
    case 'capacity':
      return worstHeld(policy.capacity[symptom.resource], symptom.used, exitFactor)
    case 'burnRate': {
      const rule = burnRateRuleOf(symptom, policy)
      const rates = policyRates(symptom, policy)
      if (rule === undefined || rates === undefined) return null
      return Math.min(rates.long, rates.short) >= exitOf(rule.factor, exitFactor) ? rule.level : null
    }
    case 'checks':
      if (symptom.total === 0) return null
      if (symptom.passing === 0) return policy.checks.none
      return symptom.passing < symptom.total || symptom.intermittent ? policy.checks.some : null
    case 'crash':
    case 'outage':
    case 'security':
    case 'dependency':
    case 'function':
    case 'warning':
    case 'stated':
      return null
  }
}

function worstHeld(bands: readonly Band[], value: number, exitFactor: number): Severity | null {
  for (const level of severities) {
    const band = bandAt(bands, level)
    if (band !== undefined && value >= exitOf(entryOf(band), exitFactor)) return level
  }
  return null
}

/** 0.8 of 0.1 is 0.08, and not 0.08000000000000002. */
function exitOf(entry: number, exitFactor: number): number {
  return Number((entry * exitFactor).toPrecision(12))
}

/** Figures need to be seen again before they raise; facts were confirmed by whoever states them. */
export function isFigure(rule: string): boolean {
  return figures.has(rule)
}

const figures = new Set<string>(['errorRate', 'latency', 'checks', 'capacity', 'burnRate'] satisfies Symptom['kind'][])
