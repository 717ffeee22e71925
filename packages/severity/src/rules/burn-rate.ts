import type { Symptom } from '@firebreak/core'
import type { BurnRateRule, SeverityPolicy } from '../policy.ts'
import type { Findings } from '../verdict.ts'

type BurnRate = Extract<Symptom, { kind: 'burnRate' }>

/** Judged only where the policy states an objective; both windows must be over, so that it clears with the short one. */
export function judgeBurnRate(symptom: BurnRate, policy: SeverityPolicy, { reasons, inconclusive }: Findings): void {
  const { slo, long, short } = symptom
  const rule = burnRateRuleOf(symptom, policy)
  const rates = policyRates(symptom, policy)
  if (rule === undefined || rates === undefined) {
    const why =
      rates === undefined ? 'the policy states no objective (slo)' : 'the policy has no rule for these windows'
    const settledBy = rates === undefined ? 'an slo in the policy' : 'a burn-rate rule with these two windows'
    inconclusive.push({ rule: 'burnRate', observed: long.rate, why, settledBy })
    return
  }
  if (!(rates.long > rule.factor && rates.short > rule.factor)) return
  reasons.push({
    level: rule.level,
    rule: 'burnRate',
    observed: Math.min(rates.long, rates.short),
    threshold: rule.factor,
    detail: {
      slo: policy.slo ?? slo,
      long: rates.long,
      longMs: long.windowMs,
      short: rates.short,
      shortMs: short.windowMs,
    },
  })
}

export function burnRateRuleOf({ long, short }: BurnRate, policy: SeverityPolicy): BurnRateRule | undefined {
  return policy.burnRate.find((rule) => rule.longMs === long.windowMs && rule.shortMs === short.windowMs)
}

/** The same errors against the policy's own objective, when they were measured against another. */
export function policyRates({ slo, long, short }: BurnRate, policy: SeverityPolicy) {
  if (policy.slo === undefined) return undefined
  const scale = policy.slo === slo ? 1 : (1 - slo) / (1 - policy.slo)
  return { long: long.rate * scale, short: short.rate * scale }
}
