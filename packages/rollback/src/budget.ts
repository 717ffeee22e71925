import type { ServiceRecord } from '@firebreak/core'
import { standardOrganisation, type Automation } from './automation.ts'
import type { Guard } from './plan.ts'
import { span } from './plain-text.ts'

/** What has been spent: by the service, and by all services together where that is known. */
export interface Spending {
  readonly service: Readonly<ServiceRecord>
  readonly organisation?: Readonly<ServiceRecord> | undefined
}

type Charge = ServiceRecord['charges'][number]

/**
 * Automatic rollbacks are counted in the store, over all responders and restarts. `own`: the prefix of keys that do not
 * count, for a rollback must not stand in its own way.
 */
export function budgetGuard(spending: Spending, automation: Automation, now: number, own?: string): Guard {
  const { budget } = automation
  const charges = rollbacksOf(spending.service, own)
  const hour = charges.filter(({ at }) => at > now - budget.hourMs).length
  const day = charges.filter(({ at }) => at > now - budget.dayMs).length
  const overall = overallGuard(spending, automation, now, own)
  const fine = hour < budget.perHour && day < budget.perDay
  const observed = `${hour} in ${span(budget.hourMs)}, ${day} in ${span(budget.dayMs)}`
  const needed = `fewer than ${budget.perHour} in ${span(budget.hourMs)} and ${budget.perDay} in ${span(budget.dayMs)}`
  if (fine && overall?.verdict === 'no') return overall
  return { guard: 'budget', verdict: fine ? 'ok' : 'no', observed, needed }
}

/** Over all services: one at a time, and few in an hour. Undefined where nothing is known of the others. */
function overallGuard(
  { organisation }: Spending,
  automation: Automation,
  now: number,
  own?: string,
): Guard | undefined {
  if (organisation === undefined) return undefined
  const { hourMs } = automation.budget
  const { atOnce, perHour } = limitsOf(automation)
  const hour = rollbacksOf(organisation, own).filter(({ at }) => at > now - hourMs)
  const others = underWay(organisation, automation, now, own)
  const names = others.map(({ incident = '' }) => incident.split('/')[1] ?? '')
  return {
    guard: 'budget',
    verdict: others.length < atOnce && hour.length < perHour ? 'ok' : 'no',
    observed: `${hour.length} over all services in ${span(hourMs)}${names.length === 0 ? '' : `, under way: ${names.join(', ')}`}`,
    needed: `fewer than ${perHour} over all services in ${span(hourMs)}, ${atOnce} at a time`,
  }
}

/** Another service's rollback is under way and leaves no room: it ends soon, and then there is. */
export function mustWait(
  { organisation }: Pick<Spending, 'organisation'>,
  automation: Automation,
  now: number,
  own: string,
) {
  const { atOnce } = limitsOf(automation)
  return organisation !== undefined && underWay(organisation, automation, now, own).length >= atOnce
}

/** One that has not been heard of for an hour is no longer waited for. */
function underWay(organisation: Readonly<ServiceRecord>, { budget }: Automation, now: number, own: string | undefined) {
  return rollbacksOf(organisation, own).filter(({ at, over }) => over !== true && at > now - budget.hourMs)
}

function limitsOf({ budget }: Automation) {
  return budget.organisation ?? standardOrganisation
}

function rollbacksOf({ charges }: Readonly<ServiceRecord>, own: string | undefined): readonly Charge[] {
  return charges.filter(
    ({ action, key }) => action.startsWith('rollback/') && (own === undefined || !key.startsWith(own)),
  )
}
