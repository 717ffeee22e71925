import type { Incident, Notifier, PageState } from '@firebreak/core'
import { capitalized, type Rung } from '../ladder/ladder.ts'
import type { Roles } from '../routes/people.ts'
import type { Routes } from '../routes/routes.ts'

/**
 * A role that cannot be woken at all (every waking notifier refused for good) is not waited for: whoever is next on the
 * ladder is paged at once.
 */
export function unreachable(
  incident: Readonly<Incident>,
  rungs: readonly Rung[],
  { severities }: Routes,
  roles: Roles,
): readonly Rung[] {
  const { severity, status } = incident
  if (severity === null || status === 'resolved') return []
  const others = severities[severity].cannotResolve?.to ?? []
  const calls: Rung[] = []
  for (const page of incident.pages.values()) {
    const { to, severity: level, reach, request } = page.request
    if (level !== severity || reach !== 'wake' || !isLost(page, roles.get(to) ?? [])) continue
    for (const role of others) {
      if (role === to || rungs.some((rung) => rung.to === role && rung.dueAt <= page.requestedAt)) continue
      calls.push({
        identity: `unreachable/${to}/${severity}/${incident.raisedAt[severity] ?? 0}`,
        step: 'call',
        to: role,
        severity,
        reach: 'wake',
        channels: 'all',
        dueAt: page.requestedAt,
        reason: 'unreachable',
        says: `${capitalized(to)} cannot be reached: ${capitalized(role)} is paged at once`,
        because: `${capitalized(to)} cannot be reached (${request.split('/').at(-2) ?? 'page'} failed on every channel)`,
      })
    }
    if (calls.length > 0) return calls
  }
  return calls
}

function isLost({ sent, failed }: PageState, notifiers: readonly Notifier[]): boolean {
  const waking = notifiers.filter(({ reach }) => reach === 'wake')
  if (waking.length === 0 || sent.some(({ reach }) => reach === 'wake')) return false
  return waking.every(({ name }) =>
    failed.some((failure) => failure.notifier === name && failure.retryAt === undefined),
  )
}
