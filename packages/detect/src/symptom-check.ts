import { InvalidInput, severities, type Burn, type Symptom } from '@firebreak/core'
import { numberIn, wholeIn } from './numbers.ts'

/** Refuses a symptom that cannot be judged rightly, naming the field. Gives it back when it can. */
export function checkSymptom(symptom: Symptom, field: string): Symptom {
  if (typeof symptom !== 'object' || symptom === null) throw new InvalidInput(field, 'must be a symptom')
  switch (symptom.kind) {
    case 'outage':
      oneOf(symptom.extent, ['complete', 'partial'], `${field}.extent`)
      break
    case 'security':
    case 'warning':
      text(symptom.detail, `${field}.detail`)
      break
    case 'dependency':
      text(symptom.name, `${field}.name`)
      oneOf(symptom.role, ['database', 'other'], `${field}.role`)
      break
    case 'function':
      text(symptom.name, `${field}.name`)
      oneOf(symptom.critical, [true, false], `${field}.critical`)
      break
    case 'errorRate':
      ratio(symptom.ratio, `${field}.ratio`)
      if (symptom.requests !== undefined) numberIn(symptom.requests, `${field}.requests`, 0)
      if (symptom.windowMs !== undefined) numberIn(symptom.windowMs, `${field}.windowMs`, 0)
      break
    case 'latency':
      numberIn(symptom.ms, `${field}.ms`, 0)
      numberIn(symptom.baselineMs, `${field}.baselineMs`, 0)
      if (symptom.samples !== undefined) numberIn(symptom.samples, `${field}.samples`, 0)
      break
    case 'checks':
      wholeIn(symptom.total, `${field}.total`, 0)
      wholeIn(symptom.passing, `${field}.passing`, 0, symptom.total)
      oneOf(symptom.intermittent, [true, false], `${field}.intermittent`)
      break
    case 'burnRate':
      numberIn(symptom.slo, `${field}.slo`, 0, 1)
      burn(symptom.long, `${field}.long`)
      burn(symptom.short, `${field}.short`)
      break
    case 'capacity':
      oneOf(symptom.resource, ['memory', 'cpu', 'disk', 'concurrency'], `${field}.resource`)
      ratio(symptom.used, `${field}.used`)
      break
    case 'crash':
      oneOf(symptom.oom, [true, false], `${field}.oom`)
      wholeIn(symptom.count, `${field}.count`, 0)
      numberIn(symptom.windowMs, `${field}.windowMs`, 0)
      break
    case 'stated':
      oneOf(symptom.severity, severities, `${field}.severity`)
      break
    default:
      throw new InvalidInput(
        `${field}.kind`,
        `is not a known kind of symptom: ${JSON.stringify(symptom)?.slice(0, 80)}`,
      )
  }
  return symptom
}

export function checkSymptoms(symptoms: readonly Symptom[], field: string): readonly Symptom[] {
  if (!Array.isArray(symptoms)) throw new InvalidInput(field, 'must be a list of symptoms')
  return symptoms.map((symptom, index) => checkSymptom(symptom, `${field}[${index}]`))
}

/** 0…1. The commonest mistake gets its own hint. */
export function ratio(value: number, field: string): number {
  if (typeof value === 'number' && value > 1 && value <= 100)
    throw new InvalidInput(field, `is ${value}, a ratio lies in 0…1: ${value} % is ${value / 100}`)
  return numberIn(value, field, 0, 1)
}

function burn(value: Burn, field: string): void {
  numberIn(value?.rate, `${field}.rate`, 0)
  numberIn(value?.windowMs, `${field}.windowMs`, 1)
}

function text(value: string, field: string): void {
  if (typeof value !== 'string' || value === '') throw new InvalidInput(field, 'must be a text')
}

function oneOf<T>(value: T, allowed: readonly T[], field: string): void {
  if (!allowed.includes(value))
    throw new InvalidInput(field, `must be one of ${allowed.join(', ')}, got ${String(value).slice(0, 40)}`)
}
