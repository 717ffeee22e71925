import type { Severity, Symptom } from '@firebreak/core'
import type { SeverityPolicy } from '../policy.ts'
import type { Findings } from '../verdict.ts'

/** Facts carry their level; there is no figure to compare. */
export type Fact = Extract<Symptom, { kind: 'outage' | 'security' | 'dependency' | 'function' | 'warning' | 'stated' }>

export function judgeFact(symptom: Fact, policy: SeverityPolicy, { reasons }: Findings): void {
  switch (symptom.kind) {
    case 'outage':
      reasons.push(fact(policy.outage[symptom.extent], 'outage', symptom.extent, symptom.extent))
      return
    case 'security':
      reasons.push({
        ...fact(policy.security, 'security', 'reported', 'any'),
        detail: { detail: bounded(symptom.detail) },
      })
      return
    case 'dependency': {
      const { role } = symptom
      const name = bounded(symptom.name)
      reasons.push({ ...fact(policy.dependency[role], 'dependency', 'unavailable', role), detail: { name, role } })
      return
    }
    case 'function': {
      const { critical } = symptom
      const name = bounded(symptom.name)
      const importance = critical ? 'critical' : 'other'
      const level = policy.function[importance]
      reasons.push({ ...fact(level, 'function', 'broken', importance), detail: { name, critical } })
      return
    }
    case 'warning':
      reasons.push({
        ...fact(policy.warning, 'warning', 'reported', 'any'),
        detail: { detail: bounded(symptom.detail) },
      })
      return
    case 'stated':
      reasons.push(fact(symptom.severity, 'stated', symptom.severity, symptom.severity))
  }
}

function fact(level: Severity, rule: string, observed: string, threshold: string) {
  return { level, rule, observed, threshold }
}

/** Reasons are stored and repeated: a megabyte of somebody's text must not be. */
function bounded(text: string): string {
  return text.length > 500 ? `${text.slice(0, 499)}…` : text
}
