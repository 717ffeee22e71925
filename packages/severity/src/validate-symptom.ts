import { InvalidInput, severities, type Symptom } from '@firebreak/core'

/** Refuses a symptom that cannot be true. `index` is its place in the list, for the message. */
export function validateSymptom(symptom: Symptom, index: number): void {
  if (typeof symptom !== 'object' || symptom === null)
    throw new InvalidInput(`symptoms[${index}]`, `is ${show(symptom)}; a symptom is an object with a kind`)
  switch (symptom.kind) {
    case 'errorRate':
      ratio(symptom.ratio, index, 'ratio')
      if (symptom.requests !== undefined) amount(symptom.requests, index, 'requests')
      if (symptom.windowMs !== undefined) amount(symptom.windowMs, index, 'windowMs')
      return
    case 'latency':
      amount(symptom.ms, index, 'ms')
      amount(symptom.baselineMs, index, 'baselineMs')
      if (symptom.samples !== undefined) amount(symptom.samples, index, 'samples')
      if (symptom.windowMs !== undefined) amount(symptom.windowMs, index, 'windowMs')
      return
    case 'checks':
      count(symptom.passing, index, 'passing')
      count(symptom.total, index, 'total')
      if (symptom.passing > symptom.total)
        refuse(index, 'passing', `is ${symptom.passing} of only ${symptom.total}; passing checks are part of the total`)
      flag(symptom.intermittent, index, 'intermittent')
      return
    case 'capacity':
      oneOf(symptom.resource, resources, index, 'resource')
      ratio(symptom.used, index, 'used')
      return
    case 'crash':
      flag(symptom.oom, index, 'oom')
      if (symptom.exitCode !== undefined) finite(symptom.exitCode, index, 'exitCode')
      count(symptom.count, index, 'count')
      amount(symptom.windowMs, index, 'windowMs')
      return
    case 'burnRate':
      if (!(typeof symptom.slo === 'number' && symptom.slo > 0 && symptom.slo < 1))
        refuse(index, 'slo', `is ${show(symptom.slo)}; an objective lies between 0 and 1: write 99.9 % as 0.999`)
      burn(symptom.long, index, 'long')
      burn(symptom.short, index, 'short')
      return
    case 'outage':
      oneOf(symptom.extent, extents, index, 'extent')
      return
    case 'dependency':
      text(symptom.name, index, 'name')
      oneOf(symptom.role, roles, index, 'role')
      return
    case 'function':
      text(symptom.name, index, 'name')
      flag(symptom.critical, index, 'critical')
      return
    case 'security':
    case 'warning':
      text(symptom.detail, index, 'detail')
      return
    case 'stated':
      oneOf(symptom.severity, severities, index, 'severity')
      return
    default:
      refuse(index, 'kind', `is ${show((symptom as { kind?: unknown }).kind)}; known kinds: ${kinds.join(', ')}`)
  }
}

const resources = ['memory', 'cpu', 'disk', 'concurrency']
const extents = ['complete', 'partial']
const roles = ['database', 'other']
const kinds: readonly Symptom['kind'][] = [
  'outage',
  'security',
  'dependency',
  'function',
  'errorRate',
  'latency',
  'checks',
  'burnRate',
  'capacity',
  'crash',
  'warning',
  'stated',
]

function refuse(index: number, field: string, message: string): never {
  throw new InvalidInput(`symptoms[${index}].${field}`, message)
}

function ratio(value: unknown, index: number, field: string): void {
  if (typeof value === 'number' && value >= 0 && value <= 1) return
  const percentage = typeof value === 'number' && value > 1 && value <= 100
  const hint = percentage ? `looks like a percentage: write ${value} % as ${percentAsRatio(value)}` : 'is no ratio'
  refuse(index, field, `${show(value)} ${hint}; a ratio lies in 0…1`)
}

function percentAsRatio(value: number): number {
  return Number(`${value}e-2`)
}

function amount(value: unknown, index: number, field: string): void {
  if (typeof value === 'number' && value >= 0 && value < Infinity) return
  refuse(index, field, `is ${show(value)}; it must be a finite number ≥ 0`)
}

function count(value: unknown, index: number, field: string): void {
  if (typeof value === 'number' && value >= 0 && Number.isInteger(value)) return
  refuse(index, field, `is ${show(value)}; it must be a whole number ≥ 0`)
}

function finite(value: unknown, index: number, field: string): void {
  if (!Number.isFinite(value)) refuse(index, field, `is ${show(value)}; it must be a finite number`)
}

function flag(value: unknown, index: number, field: string): void {
  if (typeof value !== 'boolean') refuse(index, field, `is ${show(value)}; it must be true or false`)
}

function text(value: unknown, index: number, field: string): void {
  if (typeof value !== 'string') refuse(index, field, `is ${show(value)}; it must be a text`)
}

function oneOf(value: unknown, allowed: readonly unknown[], index: number, field: string): void {
  if (!allowed.includes(value)) refuse(index, field, `is ${show(value)}; it must be one of ${allowed.join(', ')}`)
}

function burn(value: unknown, index: number, field: string): void {
  if (typeof value !== 'object' || value === null)
    refuse(index, field, `is ${show(value)}; it must be { rate, windowMs }`)
  const { rate, windowMs } = value as { rate?: unknown; windowMs?: unknown }
  amount(rate, index, `${field}.rate`)
  amount(windowMs, index, `${field}.windowMs`)
}

/** Untrusted, so bounded and without control characters. */
function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 40))
  if (typeof value === 'number' || typeof value === 'boolean' || value === null || value === undefined)
    return String(value)
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`
}
