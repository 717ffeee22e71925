import { redact, type Symptom } from '@firebreak/core'
import { oneLine, withoutEscapes } from './plain-text.ts'

const longestRead = 16_384
const longestKept = 500

/** A symptom that somebody told: its texts without secrets and personal data, on one line. */
export function cleanSymptom(symptom: Symptom): Symptom {
  if (symptom.kind === 'security' || symptom.kind === 'warning') return { ...symptom, detail: clean(symptom.detail) }
  if (symptom.kind === 'dependency' || symptom.kind === 'function') return { ...symptom, name: clean(symptom.name) }
  return symptom
}

function clean(text: string): string {
  return oneLine(redact(withoutEscapes(text.slice(0, longestRead).toWellFormed())), longestKept)
}
