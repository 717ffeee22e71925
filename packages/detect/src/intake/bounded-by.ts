import { compareSeverity, type Severity, type Symptom, type SymptomKind } from '@firebreak/core'

/** How bad each kind of symptom can become under the runbook; a fact by what it says, a figure at its worst. */
const worstOf: { readonly [Kind in SymptomKind]: (symptom: Extract<Symptom, { kind: Kind }>) => Severity } = {
  outage: ({ extent }) => (extent === 'complete' ? 'P0' : 'P1'),
  security: () => 'P0',
  dependency: ({ role }) => (role === 'database' ? 'P0' : 'P2'),
  function: ({ critical }) => (critical ? 'P0' : 'P2'),
  errorRate: () => 'P0',
  latency: () => 'P1',
  checks: () => 'P0',
  burnRate: () => 'P1',
  capacity: () => 'P1',
  crash: () => 'P1',
  warning: () => 'P3',
  stated: ({ severity }) => severity,
}

/** Holds told symptoms to what their source may say: one that could become worse is told as stated, at the cap. */
export function boundedBy(symptoms: readonly Symptom[], maxSeverity: Severity): readonly Symptom[] {
  return symptoms.map((symptom) => {
    const worst = (worstOf[symptom.kind] as (symptom: Symptom) => Severity)(symptom)
    return compareSeverity(worst, maxSeverity) < 0 ? { kind: 'stated', severity: maxSeverity } : symptom
  })
}
