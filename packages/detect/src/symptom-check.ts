import { InvalidInput, severities, type Burn, type Symptom } from '@firebreak/core'
import { numberIn, wholeIn } from './numbers.ts'

/** Refuses a symptom that cannot be judged rightly, naming the field. What it gives back holds the known fields and no others. */
export function checkSymptom(symptom: Symptom, field: string): Symptom {
  if (typeof symptom !== 'object' || symptom === null) throw new InvalidInput(field, 'must be a symptom')
  const at = (name: string) => `${field}.${name}`
  const { kind } = symptom
  switch (kind) {
    case 'outage':
      return { kind, extent: oneOf(symptom.extent, ['complete', 'partial'], at('extent')) }
    case 'security':
    case 'warning':
      return { kind, detail: text(symptom.detail, at('detail')) }
    case 'dependency':
      return {
        kind,
        name: text(symptom.name, at('name')),
        role: oneOf(symptom.role, ['database', 'other'], at('role')),
      }
    case 'function':
      return { kind, name: text(symptom.name, at('name')), critical: flag(symptom.critical, at('critical')) }
    case 'errorRate': {
      const requests = optional(symptom.requests, (value) => ({ requests: wholeIn(value, at('requests'), 0) }))
      const windowMs = optional(symptom.windowMs, (value) => ({ windowMs: above0(value, at('windowMs')) }))
      return { kind, ratio: ratio(symptom.ratio, at('ratio')), ...requests, ...windowMs }
    }
    case 'latency': {
      const samples = optional(symptom.samples, (value) => ({ samples: wholeIn(value, at('samples'), 0) }))
      const baselineMs = above0(symptom.baselineMs, at('baselineMs'))
      return { kind, ms: numberIn(symptom.ms, at('ms'), 0), baselineMs, ...samples }
    }
    case 'checks': {
      const total = wholeIn(symptom.total, at('total'), 0)
      const passing = wholeIn(symptom.passing, at('passing'), 0, total)
      return { kind, passing, total, intermittent: flag(symptom.intermittent, at('intermittent')) }
    }
    case 'burnRate':
      if (!(symptom.slo > 0 && symptom.slo < 1))
        throw new InvalidInput(at('slo'), `must lie between 0 and 1 (99.9 % is 0.999), got ${show(symptom.slo)}`)
      return { kind, slo: symptom.slo, long: burn(symptom.long, at('long')), short: burn(symptom.short, at('short')) }
    case 'capacity':
      return {
        kind,
        resource: oneOf(symptom.resource, ['memory', 'cpu', 'disk', 'concurrency'], at('resource')),
        used: ratio(symptom.used, at('used')),
      }
    case 'crash': {
      const lowest = -2_147_483_648
      const exitCode = optional(symptom.exitCode, (value) => ({ exitCode: wholeIn(value, at('exitCode'), lowest) }))
      const count = wholeIn(symptom.count, at('count'), 0)
      return {
        kind,
        oom: flag(symptom.oom, at('oom')),
        count,
        windowMs: above0(symptom.windowMs, at('windowMs')),
        ...exitCode,
      }
    }
    case 'stated':
      return { kind, severity: oneOf(symptom.severity, severities, at('severity')) }
    default:
      throw new InvalidInput(at('kind'), `is not a known kind of symptom: ${show(kind)}`)
  }
}

export function checkSymptoms(symptoms: readonly Symptom[], field: string): readonly Symptom[] {
  if (!Array.isArray(symptoms) || symptoms.length > 32)
    throw new InvalidInput(field, 'must be a list of at most 32 symptoms')
  return symptoms.map((symptom, index) => checkSymptom(symptom, `${field}[${index}]`))
}

/** 0…1. The commonest mistake gets its own hint. */
export function ratio(value: number, field: string): number {
  if (typeof value === 'number' && value > 1 && value <= 100)
    throw new InvalidInput(field, `is ${value}, a ratio lies in 0…1: ${value} % is ${Number(`${value}e-2`)}`)
  return numberIn(value, field, 0, 1)
}

function optional<T, Found extends object>(value: T | undefined, read: (value: T) => Found): Found | {} {
  return value === undefined ? {} : read(value)
}

function burn(value: Burn, field: string): Burn {
  return { rate: numberIn(value?.rate, `${field}.rate`, 0), windowMs: above0(value?.windowMs, `${field}.windowMs`) }
}

function above0(value: number, field: string): number {
  return numberIn(value, field, Number.MIN_VALUE)
}

function text(value: string, field: string): string {
  if (typeof value !== 'string' || value === '') throw new InvalidInput(field, 'must be a text')
  return value
}

function flag(value: boolean, field: string): boolean {
  return oneOf(value, [true, false], field)
}

function oneOf<T>(value: T, allowed: readonly T[], field: string): T {
  if (allowed.includes(value)) return value
  throw new InvalidInput(field, `must be one of ${allowed.join(', ')}, got ${show(value)}`)
}

function show(value: unknown): string {
  return typeof value === 'object' && value !== null ? 'an object' : String(value).slice(0, 40)
}
