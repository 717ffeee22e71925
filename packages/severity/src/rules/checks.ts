import type { Symptom } from '@firebreak/core'
import type { SeverityPolicy } from '../policy.ts'
import type { Findings } from '../verdict.ts'

type Checks = Extract<Symptom, { kind: 'checks' }>

export function judgeChecks(symptom: Checks, { checks }: SeverityPolicy, { reasons, inconclusive }: Findings): void {
  const { passing, total, intermittent } = symptom
  if (total === 0) {
    inconclusive.push({
      rule: 'checks',
      observed: '0 of 0',
      why: 'no check was seen; none is not all',
      settledBy: 'a machine with a service or readiness check, or a probe of our own',
    })
    return
  }
  const detail = { passing, total, intermittent }
  if (passing === 0) reasons.push({ level: checks.none, rule: 'checks', observed: 0, threshold: 0, detail })
  else if (passing < total || intermittent)
    reasons.push({ level: checks.some, rule: 'checks', observed: passing, threshold: total, detail })
}
