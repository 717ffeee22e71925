import { compareSeverity, severities, type Incident, type Severity } from '@firebreak/core'
import type { Roles } from '../routes/people.ts'
import type { Routes } from '../routes/routes.ts'
import { factsOf } from './facts.ts'
import type { News } from './updates.ts'

export interface RecordWanted extends Omit<News, 'kind' | 'because'> {
  readonly because?: string | undefined
  readonly kind: 'trigger' | 'update' | 'resolve'
  readonly to: string
  readonly severity: Severity
}

/** What the feedback files are given: the opening at once, every raise, what was verified, and the resolution that closes it. */
export function recordsOf(incident: Readonly<Incident>, routes: Routes, roles: Roles): readonly RecordWanted[] {
  return routes.records.flatMap(({ to, severities: levels }) => (roles.has(to) ? recordsFor(incident, to, levels) : []))
}

function recordsFor(incident: Readonly<Incident>, to: string, levels: readonly Severity[]): RecordWanted[] {
  const { worst, reopened, openedAt, status, resolvedAt } = incident
  if (worst === null) return []
  const relevant = severities.filter((level) => levels.includes(level) && compareSeverity(level, worst) >= 0)
  const wanted: RecordWanted[] = []
  const known = new Set(
    Array.from(incident.pages.values(), ({ request }) => (request.to === to ? factsOf(request).identity : undefined)),
  )
  const entry = `record/opened/${reopened}`
  const level = relevant[0]
  if (level === undefined) return []
  if (!known.has(entry)) {
    const again = reopened > 0
    const at = again ? Math.max(...Object.values(incident.raisedAt), openedAt) : openedAt
    const about = again ? { reason: 'reopened', because: 'it is back' } : { reason: 'opened' }
    wanted.push({ identity: entry, kind: 'trigger', at, to, severity: level, ...about })
  }
  const recorded = recordedLevel(incident, to, reopened)
  if (known.has(entry) && recorded !== undefined && compareSeverity(level, recorded) < 0) {
    const because = `raised from ${recorded} to ${level}`
    wanted.push({
      identity: `record/${level}/${reopened}`,
      kind: 'update',
      reason: 'raised',
      at: incident.raisedAt[level] ?? openedAt,
      because,
      to,
      severity: level,
    })
  }
  for (const { outcome, at, action } of incident.mitigations)
    if (outcome === 'verified')
      wanted.push({
        identity: `record/verified/${at}`,
        kind: 'update',
        reason: 'verified',
        at,
        because: `${action} verified`,
        to,
        severity: level,
      })
  if (status === 'resolved' && resolvedAt !== undefined)
    wanted.push({
      identity: `record/resolved/${reopened}`,
      kind: 'resolve',
      reason: 'resolved',
      at: resolvedAt,
      because: 'resolved',
      to,
      severity: level,
    })
  return wanted.filter(({ identity }) => !known.has(identity))
}

/** The worst level that this record has been told since the (re)opening. */
function recordedLevel({ pages }: Readonly<Incident>, to: string, reopened: number): Severity | undefined {
  let level: Severity | undefined
  for (const { request } of pages.values()) {
    const identity = factsOf(request).identity ?? ''
    if (request.to !== to || !identity.startsWith('record/') || !identity.endsWith(`/${reopened}`)) continue
    if (level === undefined || compareSeverity(request.severity, level) < 0) level = request.severity
  }
  return level
}
