import { InvalidInput, severities, type Severity } from '@firebreak/core'
import { addBusinessTime, type BusinessCalendar, defineCalendar } from '@firebreak/core/calendar'
import type { SeverityPolicy } from './policy.ts'
import { standardPolicy } from './standard-policy.ts'

/**
 * By when somebody has to have looked, in milliseconds since the epoch. P0 and P1 count real time; P2 counts business time; a
 * daily review is due one business day later. `calendar` is needed only where business time counts.
 */
export function respondBy(
  severity: Severity,
  raisedAt: number | string | Date,
  calendar?: BusinessCalendar,
  policy: SeverityPolicy = standardPolicy,
): number {
  if (!severities.includes(severity))
    throw new InvalidInput('severity', `is ${String(severity)}; it must be one of ${severities.join(', ')}`)
  const at = instant(raisedAt)
  const { response } = policy.levels[severity]
  if (response.kind === 'elapsed') return at + response.withinMs
  if (calendar === undefined)
    throw new InvalidInput('calendar', `is not set; ${severity} is answered in business time, which needs one`)
  const checked = defineCalendar(calendar)
  return addBusinessTime(at, response.kind === 'dailyReview' ? businessDayMs(checked) : response.withinMs, checked)
}

function instant(at: number | string | Date): number {
  const milliseconds = typeof at === 'string' ? Date.parse(at) : Number(at)
  if (!Number.isFinite(milliseconds))
    throw new InvalidInput('raisedAt', `is ${String(at)}; give milliseconds since the epoch or an RFC 3339 time`)
  return milliseconds
}

function businessDayMs({ from, until }: BusinessCalendar): number {
  return minutes(until) - minutes(from)
}

function minutes(time: string): number {
  const [hour, minute] = time.split(':').map(Number)
  return ((hour ?? 0) * 60 + (minute ?? 0)) * 60_000
}
