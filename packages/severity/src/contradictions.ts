import { describeReason, type Severity } from '@firebreak/core'
import { classify } from './classify.ts'
import { witnesses } from './document/witnesses.ts'
import type { ParsedLevel } from './parse-policy.ts'
import type { SeverityPolicy } from './policy.ts'

/** An example that a policy judges otherwise than the runbook does. */
export interface Contradiction {
  readonly line: number
  readonly text: string
  readonly stated: Severity
  readonly judged: Severity | null
  readonly why: string
}

export function contradictionsOf(
  { severity, examples }: ParsedLevel,
  policy: SeverityPolicy,
): readonly Contradiction[] {
  return examples.flatMap(({ line, text, condition }) => {
    for (const symptom of witnesses(condition, policy)) {
      const { severity: judged, reasons } = classify([symptom], policy)
      if (judged === severity) continue
      const why = reasons.map(describeReason).join('; ') || 'no rule gives it a level'
      return [{ line, text, stated: severity, judged, why }]
    }
    return []
  })
}
