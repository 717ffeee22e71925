import { InvalidInput, severities } from '@firebreak/core'
import type { SeverityPolicy } from './policy.ts'

/** Refuses what is no policy at all, for those who read one from a file: names the field. */
export function checkPolicyShape(policy: SeverityPolicy): void {
  const { errorRate, latency, capacity, crash, burnRate, timing, slo } = object(policy, 'policy')
  line(policy.name, 'name')
  object(policy.levels, 'levels')
  for (const level of severities) checkLevel(object(policy.levels[level], `levels.${level}`), `levels.${level}`)
  object(errorRate, 'errorRate')
  checkBands(errorRate.bands, 'errorRate.bands', ratio)
  const { faceValueFrom, boundFrom, z, atMost, windowsMs } = object(errorRate.fewRequests, 'errorRate.fewRequests')
  whole(boundFrom, 'errorRate.fewRequests.boundFrom', 1)
  whole(faceValueFrom, 'errorRate.fewRequests.faceValueFrom', boundFrom)
  positive(z, 'errorRate.fewRequests.z')
  severity(atMost, 'errorRate.fewRequests.atMost')
  list(windowsMs, 'errorRate.fewRequests.windowsMs', positive)
  object(latency, 'latency')
  checkBands(latency.bands, 'latency.bands', positive)
  amount(latency.minimumDifferenceMs, 'latency.minimumDifferenceMs')
  whole(latency.minimumSamples, 'latency.minimumSamples', 0)
  for (const [rule, names] of facts) {
    const levels = object(policy[rule], rule) as Readonly<Record<string, unknown>>
    for (const name of names) severity(levels[name], `${rule}.${name}`)
  }
  severity(policy.security, 'security')
  severity(policy.warning, 'warning')
  object(crash, 'crash')
  whole(crash.count, 'crash.count', 1)
  positive(crash.windowMs, 'crash.windowMs')
  object(capacity, 'capacity')
  for (const resource of ['memory', 'cpu', 'disk', 'concurrency'] as const)
    checkBands(capacity[resource], `capacity.${resource}`, ratio)
  if (slo !== undefined && !(typeof slo === 'number' && slo > 0 && slo < 1))
    refuse('slo', slo, 'an objective between 0 and 1: write 99.9 % as 0.999')
  list(burnRate, 'burnRate', (rule: unknown, field) => {
    const { level, factor, longMs, shortMs } = object(rule, field) as Readonly<Record<string, unknown>>
    severity(level, `${field}.level`)
    positive(factor, `${field}.factor`)
    positive(longMs, `${field}.longMs`)
    positive(shortMs, `${field}.shortMs`)
  })
  checkTiming(object(timing, 'timing'))
}

const facts = [
  ['outage', ['complete', 'partial']],
  ['checks', ['none', 'some']],
  ['dependency', ['database', 'other']],
  ['function', ['critical', 'other']],
  ['crash', ['repeated', 'fewer']],
] as const

function checkLevel({ title, summary, response, actions }: SeverityPolicy['levels']['P0'], field: string): void {
  line(title, `${field}.title`)
  if (title.includes('(')) refuse(`${field}.title`, title, 'without brackets: they hold the summary')
  line(summary, `${field}.summary`)
  if (response !== undefined) {
    if (!['elapsed', 'businessHours', 'dailyReview'].includes(object(response, `${field}.response`).kind))
      refuse(`${field}.response.kind`, response.kind, 'elapsed, businessHours or dailyReview')
    if (response.kind !== 'dailyReview') positive(response.withinMs, `${field}.response.withinMs`)
  }
  list(actions, `${field}.actions`, (action: unknown, place) => {
    const { does, text } = object(action, place) as Readonly<Record<string, unknown>>
    line(does, `${place}.does`)
    line(text, `${place}.text`)
  })
}

function checkTiming(timing: SeverityPolicy['timing']): void {
  positive(timing.evaluateEveryMs, 'timing.evaluateEveryMs')
  list(timing.windowsMs, 'timing.windowsMs', positive)
  whole(timing.raiseAfter, 'timing.raiseAfter', 1)
  amount(timing.lowerAfterMs, 'timing.lowerAfterMs')
  if (!(typeof timing.exitFactor === 'number' && timing.exitFactor > 0 && timing.exitFactor <= 1))
    refuse('timing.exitFactor', timing.exitFactor, 'over 0 and at most 1')
  if (timing.staleAfterMs !== undefined) positive(timing.staleAfterMs, 'timing.staleAfterMs')
}

type Check = (value: unknown, field: string) => void

function checkBands(bands: unknown, field: string, bound: Check): void {
  list(bands, field, (value, place) => {
    const band = object(value, place) as Readonly<Record<string, unknown>>
    severity(band.level, `${place}.level`)
    if ((band.from === undefined) === (band.above === undefined)) refuse(place, value, 'one lower bound: from or above')
    if (band.to !== undefined && band.below !== undefined) refuse(place, value, 'one upper bound at most: to or below')
    for (const side of ['from', 'above', 'to', 'below'] as const)
      if (band[side] !== undefined) bound(band[side], `${place}.${side}`)
    if (band.note !== undefined) line(band.note, `${place}.note`)
  })
}

function list(value: unknown, field: string, check: Check): void {
  if (!Array.isArray(value)) refuse(field, value, 'a list')
  for (const [index, item] of value.entries()) check(item, `${field}[${index}]`)
}

function object<T>(value: T, field: string): T {
  if (typeof value !== 'object' || value === null) refuse(field, value, 'an object')
  return value
}

function line(value: unknown, field: string): void {
  if (
    typeof value !== 'string' ||
    value === '' ||
    value.length > 500 ||
    value !== value.trim() ||
    /[\p{Cc}\p{Zl}\p{Zp}]/u.test(value)
  )
    refuse(field, value, 'one line of text, at most 500 characters, without spaces around it')
}

function severity(value: unknown, field: string): void {
  if (!severities.some((level) => level === value)) refuse(field, value, severities.join(', '))
}

function ratio(value: unknown, field: string): void {
  if (!(typeof value === 'number' && value >= 0 && value <= 1)) refuse(field, value, 'a ratio in 0…1: 10 % is 0.1')
}

function positive(value: unknown, field: string): void {
  if (!(typeof value === 'number' && value > 0 && value < Infinity)) refuse(field, value, 'a finite number over 0')
}

function amount(value: unknown, field: string): void {
  if (!(typeof value === 'number' && value >= 0 && value < Infinity)) refuse(field, value, 'a finite number ≥ 0')
}

function whole(value: unknown, field: string, least: number): void {
  if (!(Number.isInteger(value) && Number(value) >= least)) refuse(field, value, `a whole number, ${least} or more`)
}

function refuse(field: string, value: unknown, needed: string): never {
  const shown = typeof value === 'object' ? 'not that' : JSON.stringify(value)?.slice(0, 60)
  throw new InvalidInput(field, `is ${shown ?? 'not set'}; it must be ${needed}`)
}
