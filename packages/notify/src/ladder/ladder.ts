import { compareSeverity, type Incident, type Reach, type ServiceRecord, type Severity } from '@firebreak/core'
import type { BusinessCalendar } from '@firebreak/core/calendar'
import { span } from '../page/numbers.ts'
import type { Route, RouteStep, Routes } from '../routes/routes.ts'
import { causesOf, type Cause } from './causes.ts'
import { coverOf } from './acknowledgement.ts'
import { dueOf } from './due.ts'
import { epochOf, type Epoch } from './epoch.ts'
import { flappingOf } from './flapping.ts'
import { isMitigating } from './mitigating.ts'
import { elapsedOn, pausedSince, pausesOf, timeOn } from './pauses.ts'

/** One page to one role that is due at some time, past or future, if nothing changes. */
export interface Rung {
  /** Unique for the role in the incident, and the same in every plan: a rung that was requested is not requested again. */
  readonly identity: string
  readonly step: string
  readonly to: string
  readonly severity: Severity
  readonly reach: Reach
  readonly channels: 'all' | 'first'
  readonly dueAt: number
  readonly reason: string
  /** What a page before it promises. */
  readonly says: string
  /** What the page itself says first. */
  readonly because?: string
}

export interface LadderView {
  readonly now: number
  readonly service: Readonly<ServiceRecord>
  readonly calendar: BusinessCalendar
}

/**
 * Everybody who is to be told of an incident at its present severity, when and why, if nothing changes: overdue, due and
 * future, earliest first. Pure: what was requested already is in it too, under the same identity.
 */
export function ladder(incident: Readonly<Incident>, routes: Routes, view: LadderView): readonly Rung[] {
  const { severity, status } = incident
  if (severity === null || status === 'resolved') return []
  const causes = causesOf(incident, routes, severity)
  const epoch = epochOf(incident, severity, causes, view.now)
  return [
    ...climb(incident, routes, view, severity, epoch),
    ...calls(incident, routes, view, severity, causes, epoch),
  ].toSorted((left, right) => left.dueAt - right.dueAt || left.to.localeCompare(right.to))
}

/** When it opened, or reopened the last time. */
function roundOf({ openedAt, reopened, raisedAt }: Readonly<Incident>): number {
  return reopened === 0 ? openedAt : Math.min(...Object.values(raisedAt))
}

/** The steps of the route, and the repetition after the last. */
function climb(
  incident: Readonly<Incident>,
  routes: Routes,
  view: LadderView,
  severity: Severity,
  epoch: Epoch,
): Rung[] {
  const route = routes.severities[severity]
  const pauses = pausesOf(incident)
  const { start } = epoch
  const paused = pausedSince(start, view.now, pauses)
  const flapping = flappingOf(incident, view.service, routes, view.now)
  const mitigating = isMitigating(incident)
  const rungs: Rung[] = []

  for (const [index, step] of route.steps.entries()) {
    if (step.unlessMitigating === true && mitigating) continue
    const nominal = dueOf(step, { start, openedAt: roundOf(incident), pauses, calendar: view.calendar })
    // What has been verified needs nobody; but that it happened is told, when nobody had been.
    if (paused !== undefined && (index > 0 || nominal > paused)) continue
    const dueAt = step.unlessFlapping === true && flapping !== undefined ? Math.max(nominal, flapping.until) : nominal
    const calm = step.afterBusinessMs !== undefined || step.digest === true
    const elapsedMs = calm ? undefined : step.afterMs
    const identity = `${start}/${step.name}`
    rungs.push(...rungsOf(step, { severity, epoch, dueAt, identity, first: index === 0, elapsedMs }))
  }
  if (route.repeat !== undefined && paused === undefined)
    rungs.push(...repeats(route, route.repeat, { view, severity, epoch, pauses }))
  return rungs.filter(({ to, dueAt }) => Number.isFinite(dueAt) && !toldWorse(incident, to, severity, start))
}

/** The latest repetition that is overdue, and the next one: what was missed while nobody looked is one page, not twenty. */
function repeats(
  { steps }: Route,
  repeat: NonNullable<Route['repeat']>,
  {
    view,
    severity,
    epoch,
    pauses,
  }: { view: LadderView; severity: Severity; epoch: Epoch; pauses: ReturnType<typeof pausesOf> },
): Rung[] {
  const last = Math.max(...steps.map(({ afterMs }) => afterMs))
  const passed = Math.max(0, Math.floor((elapsedOn(epoch.start, view.now, pauses) - last) / repeat.everyMs))
  return [passed, passed + 1]
    .filter((number) => number >= 1)
    .flatMap((number) =>
      rungsOf(repeat, {
        severity,
        epoch,
        dueAt: timeOn(epoch.start, last + number * repeat.everyMs, pauses),
        identity: `${epoch.start}/${repeat.name}/${number}`,
        first: false,
        elapsedMs: last + number * repeat.everyMs,
      }),
    )
}

function rungsOf(
  { name, to, reach, channels = 'all', says }: Omit<RouteStep, 'afterMs'>,
  {
    severity,
    epoch,
    dueAt,
    identity,
    first,
    elapsedMs,
  }: {
    severity: Severity
    epoch: Epoch
    dueAt: number
    identity: string
    first: boolean
    elapsedMs: number | undefined
  },
): Rung[] {
  const waited = elapsedMs === undefined ? undefined : `no acknowledgement for ${span(elapsedMs)}`
  const because = first ? epoch.because : waited
  const reason = first && epoch.reason !== 'raise' ? epoch.reason : name
  return to.map((role) => ({
    identity,
    step: name,
    to: role,
    severity,
    reach,
    channels,
    dueAt,
    reason,
    says,
    ...(because === undefined ? {} : { because }),
  }))
}

/** A level that was lowered goes on from what people were told at the worse one. */
function toldWorse({ pages }: Readonly<Incident>, to: string, severity: Severity, since: number): boolean {
  for (const { request, requestedAt, withdrawn } of pages.values()) {
    if (request.to !== to || request.kind !== 'trigger' || withdrawn !== undefined || requestedAt < since) continue
    if (request.reach === 'wake' && compareSeverity(request.severity, severity) < 0) return true
  }
  return false
}

/** Whoever is called because this cannot be resolved here: at once, and again until somebody takes it on. */
function calls(
  incident: Readonly<Incident>,
  routes: Routes,
  view: LadderView,
  severity: Severity,
  causes: readonly Cause[],
  epoch: Epoch,
): Rung[] {
  const { cannotResolve, repeat } = routes.severities[severity]
  const cover = coverOf(incident, severity)
  const raisedAt = incident.raisedAt[severity] ?? incident.openedAt
  return causes.flatMap((cause) => {
    const { name, reason, at, because, to } = cause
    // What happened before a level that wakes was reached is in its pages already.
    if (!cause.cannotResolve || (at < raisedAt && reason !== 'escalated')) return []
    const roles = to === undefined ? (cannotResolve?.to ?? []) : [to]
    // An acknowledgement afterwards ends the repetition; the ladder, where it runs, repeats by itself.
    const alone = repeat !== undefined && epoch.acknowledged && (cover === undefined || at > cover.at)
    const passed = alone ? Math.max(0, Math.floor((view.now - at) / repeat.everyMs)) : 0
    const numbers = alone ? [...new Set([0, passed, passed + 1])] : [0]
    return roles.flatMap((role) =>
      numbers.map((number): Rung => ({
        identity: number === 0 ? name : `${name}/again/${number}`,
        step: number === 0 ? 'call' : 'call-again',
        to: role,
        severity,
        reach: 'wake',
        channels: 'all',
        dueAt: at + number * (repeat?.everyMs ?? 0),
        reason,
        says: `${reason === 'unmitigated' ? 'not mitigated' : 'cannot be resolved'}: ${capitalized(role)} is paged at once`,
        because,
      })),
    )
  })
}

export function capitalized(role: string): string {
  return role.slice(0, 1).toUpperCase() + role.slice(1)
}
