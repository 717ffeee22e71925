import { InvalidInput, type Symptom } from '@firebreak/core'
import type { SeverityPolicy } from './policy.ts'
import { judgeBurnRate } from './rules/burn-rate.ts'
import { judgeCapacity } from './rules/capacity.ts'
import { judgeChecks } from './rules/checks.ts'
import { judgeCrash } from './rules/crash.ts'
import { judgeErrorRate } from './rules/error-rate.ts'
import { judgeFact } from './rules/facts.ts'
import { judgeLatency } from './rules/latency.ts'
import { standardPolicy } from './standard-policy.ts'
import { validateSymptom } from './validate-symptom.ts'
import { type Classification, type Findings, sortInconclusive, sortReasons } from './verdict.ts'

/**
 * How bad it is, and why. Pure, total over valid symptoms, deterministic; the order of the symptoms does not matter.
 * The worst level wins and every reason is kept. Symptoms that cannot be true (NaN, a ratio over 1, a percentage given for a
 * ratio) are refused with `InvalidInput`, which names the field: a guess would be a wrong severity.
 */
export function classify(symptoms: readonly Symptom[], policy: SeverityPolicy = standardPolicy): Classification {
  if (!Array.isArray(symptoms)) throw new InvalidInput('symptoms', 'is no list; pass an array of symptoms')
  if (!Object.isFrozen(symptoms) || !symptoms.every(Object.isFrozen)) return classifyAll(symptoms, policy)
  const known = judged.get(symptoms)
  if (known?.policy === policy) return known.verdict
  const verdict = frozen(classifyAll(symptoms, policy))
  judged.set(symptoms, { policy, verdict })
  return verdict
}

/** Intakes give the same frozen list to all signals that say the same: it is judged once. */
const judged = new WeakMap<readonly Symptom[], { readonly policy: SeverityPolicy; readonly verdict: Classification }>()

function frozen(verdict: Classification): Classification {
  Object.freeze(verdict.reasons)
  Object.freeze(verdict.inconclusive)
  return Object.freeze(verdict)
}

function classifyAll(symptoms: readonly Symptom[], policy: SeverityPolicy): Classification {
  const findings: Findings = { reasons: [], inconclusive: [] }
  for (let index = 0; index < symptoms.length; index += 1) {
    const symptom: Symptom = symptoms[index]!
    validateSymptom(symptom, index)
    judge(symptom, policy, findings)
  }
  const reasons = sortReasons(findings.reasons)
  return { severity: reasons[0]?.level ?? null, reasons, inconclusive: sortInconclusive(findings.inconclusive) }
}

function judge(symptom: Symptom, policy: SeverityPolicy, findings: Findings): void {
  switch (symptom.kind) {
    case 'errorRate':
      return judgeErrorRate(symptom, policy, findings)
    case 'latency':
      return judgeLatency(symptom, policy, findings)
    case 'checks':
      return judgeChecks(symptom, policy, findings)
    case 'crash':
      return judgeCrash(symptom, policy, findings)
    case 'capacity':
      return judgeCapacity(symptom, policy, findings)
    case 'burnRate':
      return judgeBurnRate(symptom, policy, findings)
    case 'outage':
    case 'security':
    case 'dependency':
    case 'function':
    case 'warning':
    case 'stated':
      return judgeFact(symptom, policy, findings)
  }
}
