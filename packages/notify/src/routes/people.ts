import { InvalidInput, severities, type Notifier } from '@firebreak/core'
import { RouteRefused } from '../page-errors.ts'
import type { RouteStep, Routes } from './routes.ts'

/** Who is behind a role: one notifier or several, waking ones in the order in which they are tried. */
export type People = Readonly<Record<string, Notifier | readonly Notifier[] | undefined>>

export type Roles = ReadonlyMap<string, readonly Notifier[]>

/**
 * Checks that the routes reach somebody. A role that is unset, or a waking step whose role has no waking notifier, is
 * refused with `RouteRefused`: better now than at 3 a.m. Roles that keep records may be left out.
 */
export function rolesOf(people: People, routes: Routes): Roles {
  const roles = new Map<string, readonly Notifier[]>()
  for (const [role, notifiers] of Object.entries(people)) {
    if (notifiers === undefined || notifiers === null) continue
    if (!/^[\w.-]{1,64}$/.test(role))
      throw new InvalidInput(
        `people.${role.slice(0, 64)}`,
        'is no name of a role; use letters, digits, dots and dashes',
      )
    const all = Array.isArray(notifiers) ? (notifiers as readonly Notifier[]) : [notifiers as Notifier]
    checkNotifiers(role, all)
    roles.set(role, all)
  }
  for (const severity of severities) {
    for (const step of stepsOf(routes, severity)) for (const role of step.to) checkRole(role, step, severity, roles)
  }
  return roles
}

/** Everything a route may ask for, in one list. */
function stepsOf(
  routes: Routes,
  severity: keyof Routes['severities'],
): readonly Pick<RouteStep, 'name' | 'to' | 'reach'>[] {
  const { steps, repeat, cannotResolve } = routes.severities[severity]
  return [
    ...steps,
    ...(repeat === undefined ? [] : [repeat]),
    ...(cannotResolve === undefined ? [] : [{ name: 'cannot resolve', to: cannotResolve.to, reach: 'wake' as const }]),
  ]
}

function checkRole(
  role: string,
  { name, reach }: Pick<RouteStep, 'name' | 'reach'>,
  severity: string,
  roles: Roles,
): void {
  const notifiers = roles.get(role) ?? []
  if (notifiers.length === 0)
    throw new RouteRefused(
      'ROLE_UNSET',
      role,
      `${severity} "${name}" tells ${role}, and nobody is ${role}; set people.${role}, or take the role out of the routes`,
    )
  if (reach === 'wake' && notifiers.every((notifier) => notifier.reach !== 'wake'))
    throw new RouteRefused(
      'NO_WAKING_NOTIFIER',
      role,
      `${severity} "${name}" must wake ${role}, and ${notifiers.map((notifier) => notifier.name).join(', ')} cannot; add a notifier with reach 'wake' (PagerDuty, SMS, Pushover, a webhook with reach: 'wake')`,
    )
}

const reaches: readonly unknown[] = ['record', 'read', 'wake', undefined]

function checkNotifiers(role: string, notifiers: readonly Notifier[]): void {
  const names = new Set<string>()
  for (const [index, notifier] of notifiers.entries()) {
    const { name, send, reach } = ((notifier as Notifier | null | undefined) ?? {}) as Partial<Notifier>
    if (typeof name !== 'string' || name.trim() === '')
      throw new InvalidInput(`people.${role}[${index}]`, 'has no name; a notifier needs one for logs and receipts')
    if (typeof send !== 'function')
      throw new InvalidInput(`people.${role}[${index}]`, `is ${name}, which has no function send: it could tell nobody`)
    if (!reaches.includes(reach))
      throw new InvalidInput(
        `people.${role}[${index}].reach`,
        `is ${String(reach).slice(0, 40)}; it is 'record', 'read' or 'wake'`,
      )
    if (names.has(name))
      throw new InvalidInput(
        `people.${role}[${index}]`,
        `is the second one named ${name}; give one of them another name`,
      )
    names.add(name)
  }
}
