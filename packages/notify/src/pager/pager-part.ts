import type { Action, Incident, Link, Part, RecordAction, View } from '@firebreak/core'
import type { BusinessCalendar } from '@firebreak/core/calendar'
import { lapseOf } from '../ladder/acknowledgement.ts'
import { capitalized, ladder, type Rung } from '../ladder/ladder.ts'
import { word } from '../page/numbers.ts'
import type { NextStep, PageTemplate } from '../page/page-options.ts'
import type { Roles } from '../routes/people.ts'
import type { Routes } from '../routes/routes.ts'
import { soundAlarm } from './alarm.ts'
import { numberingOf } from './numbering.ts'
import { recordsOf } from './records.ts'
import { requestAction, type Rendering, type Wanted } from './request.ts'
import { unreachable } from './unreachable.ts'
import { isPaged, newsOf, toldRoles } from './updates.ts'
import { withdrawalsOf } from './withdrawals.ts'

export interface PagerPartOptions {
  readonly roles: Roles
  readonly routes: Routes
  readonly timeZone: string
  readonly calendar: BusinessCalendar
  readonly next?: ((incident: Readonly<Incident>, view: View) => readonly NextStep[]) | undefined
  readonly links?: ((incident: Readonly<Incident>) => readonly Link[]) | undefined
  readonly template?: PageTemplate | undefined
  readonly fetch?: typeof globalThis.fetch | undefined
}

/** Decides who is to be told what, and when. Pure: every action is a record; the desks send. */
export function pagerPart(options: PagerPartOptions): Part<Incident> {
  return {
    name: 'pager',
    plan: (incident, view) => planPages(incident, view, options),
    alarm: (alarm, context) =>
      soundAlarm(alarm, options.roles, context, {
        fetch: options.fetch ?? globalThis.fetch,
        timeoutMs: options.routes.desk.timeoutMs,
      }),
  }
}

/** What stands beside a page, and cannot be had, costs the page that and never the page. */
function orNone<T>(ask: () => readonly T[] | undefined): readonly T[] {
  try {
    return ask() ?? []
  } catch {
    return []
  }
}

function planPages(incident: Readonly<Incident>, view: View, options: PagerPartOptions): readonly Action[] {
  const { routes, roles, calendar } = options
  const rungs = ladder(incident, routes, { now: view.now, service: view.service, calendar }).map((rung) =>
    reaching(rung, routes, roles),
  )
  const all = [...rungs, ...unreachable(incident, rungs, routes, roles)]
  const numbering = numberingOf(incident)
  let next: readonly NextStep[] | undefined
  const rendering: Rendering = {
    now: view.now,
    timeZone: options.timeZone,
    // Most plans ask nobody for anything, and need no promises.
    next: () => (next ??= [...orNone(() => options.next?.(incident, view)), ...promises(all)].toSorted(byTime)),
    links: orNone(() => options.links?.(incident)),
    template: options.template,
  }
  const unasked = ({ to, identity }: Pick<Wanted, 'to' | 'identity'>) => numbering.asked(to, identity) === undefined
  const request = (wanted: Omit<Wanted, 'id'>): RecordAction =>
    requestAction(incident, { ...wanted, id: numbering.next(wanted.to, wanted.severity, wanted.step) }, rendering)

  return [
    ...withdrawalsOf(incident),
    ...recordsOf(incident, routes, roles)
      .filter(unasked)
      .map((record) =>
        request({
          ...record,
          step: record.reason,
          reach: 'record',
          channels: 'all',
          dueAt: record.at,
          why: `for the record: ${record.reason}`,
        }),
      ),
    ...all.filter(unasked).map((rung) => request({ ...rung, kind: 'trigger', why: whyOf(rung) })),
    ...news(incident, view, all, options).filter(unasked).map(request),
    ...exhausted(incident, rungs),
    ...lapse(incident),
  ]
}

function byTime(left: NextStep, right: NextStep): number {
  return left.at - right.at
}

/** Somebody asked for a role that nobody has: whoever is called in such cases is called instead. */
function reaching(rung: Rung, { severities }: Routes, roles: Roles): Rung {
  if (roles.has(rung.to)) return rung
  const instead = severities.P0.cannotResolve?.to[0] ?? severities.P0.steps[0]!.to[0]!
  return { ...rung, to: instead, because: `${rung.because ?? rung.says} (asked for ${word(rung.to)}, which nobody is)` }
}

function whyOf({ severity, says, because, step }: Rung): string {
  return `${severity}: ${step.startsWith('call') ? (because ?? says) : says}`
}

/** What the next pages will be, each said once. */
function promises(rungs: readonly Rung[]): NextStep[] {
  const said = new Set<string>()
  return rungs.flatMap(({ says, dueAt }) => {
    if (said.has(says)) return []
    said.add(says)
    return [{ at: dueAt, what: says }]
  })
}

function news(
  incident: Readonly<Incident>,
  view: View,
  rungs: readonly Rung[],
  options: PagerPartOptions,
): Omit<Wanted, 'id'>[] {
  const { routes, roles } = options
  const items = newsOf(incident, view.service, routes, view.now)
  if (items.length === 0) return []
  const told = toldRoles(incident, new Set(routes.records.map(({ to }) => to)))
  const { severity, worst } = incident
  return items.flatMap((item) =>
    Array.from(told)
      .filter(([to, since]) => roles.has(to) && item.at >= since && !isPaged(incident, rungs, to, item))
      .map(([to]) => ({
        identity: item.identity,
        step: item.reason,
        to,
        // What closes an alert names the level that opened it.
        severity: (item.kind === 'resolve' ? worst : severity) ?? worst ?? 'P3',
        kind: item.kind,
        reason: item.reason,
        reach: 'read' as const,
        channels: 'all' as const,
        dueAt: item.at,
        why: `news for ${capitalized(to)}: ${item.because}`,
        because: item.because,
      })),
  )
}

/** Everybody on the route has been told and nobody answered: recorded once, and the pages go on. */
function exhausted(incident: Readonly<Incident>, rungs: readonly Rung[]): RecordAction[] {
  const first = rungs.find(({ identity }) => identity.endsWith('/repeat/1'))
  if (first === undefined) return []
  const tried = [...new Set(rungs.map(({ to }) => to))]
  const data = { service: incident.service, severity: first.severity, tried }
  return [
    {
      key: `escalation/exhausted/${first.identity}`,
      notBefore: first.dueAt,
      why: `${tried.map(capitalized).join(' and ')} have been paged and nobody answered`,
      record: { events: [{ type: 'escalation.exhausted', actor: 'pager', data }] },
    },
  ]
}

function lapse(incident: Readonly<Incident>): RecordAction[] {
  const { acknowledgement, status, service } = incident
  if (acknowledgement === undefined || acknowledgement.lapsed === true || status === 'resolved') return []
  const { by, severity, at } = acknowledgement
  return [
    {
      key: `acknowledgement/${new Date(at).toISOString()}/lapsed`,
      notBefore: lapseOf(incident),
      why: `the acknowledgement by ${by} lapses without a note or an action`,
      record: { events: [{ type: 'incident.acknowledgementLapsed', actor: 'pager', data: { service, by, severity } }] },
    },
  ]
}
