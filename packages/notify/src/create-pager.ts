import { defineCalendar, type BusinessCalendar } from '@firebreak/core/calendar'
import type { Desk, Incident, Link, Part, View } from '@firebreak/core'
import { deskPart } from './desk/desk-part.ts'
import type { NextStep, PageTemplate } from './page/page-options.ts'
import { pagerPart } from './pager/pager-part.ts'
import { rolesOf, type People } from './routes/people.ts'
import type { Routes } from './routes/routes.ts'
import { standardRoutes } from './routes/standard-routes.ts'
import { checkTimeZone } from './text/local-time.ts'

export interface PagerOptions {
  /**
   * Who is behind each role of the routes: 'manager', 'engineer', … and, for the feedback files, 'deployment-log' and
   * 'manager-log'. The same notifier may serve several roles.
   */
  readonly people: People
  /** Default `standardRoutes`. */
  readonly routes?: Routes | undefined
  /** IANA zone of the times in pages; default 'UTC'. */
  readonly timeZone?: string | undefined
  /** When people work; default Monday to Friday, 9 to 17, in `timeZone`. */
  readonly calendar?: BusinessCalendar | undefined
  /**
   * What other parts will do, for instance what a mitigator plans: pages promise it. When it throws, pages go
   * out without it. Must be pure.
   */
  readonly next?: ((incident: Readonly<Incident>, view: View) => readonly NextStep[]) | undefined
  /** Where to acknowledge, stop and look: rendered, never fetched. When it throws, pages go out without links. Must be pure. */
  readonly links?: ((incident: Readonly<Incident>) => readonly Link[]) | undefined
  /** Your own words; when it throws, the page goes out in ours. Must be pure. */
  readonly template?: PageTemplate | undefined
  readonly fetch?: typeof globalThis.fetch | undefined
}

/**
 * The two parts that page people: one decides who is to be told what and when, the other sends. Throws `RouteRefused` when
 * a route reaches nobody.
 */
export function createPager(options: PagerOptions): readonly [Part<Incident>, Part<Desk>] {
  const { people, routes = standardRoutes, next, links, template, fetch } = options
  const timeZone = checkTimeZone(options.timeZone ?? 'UTC')
  const calendar = options.calendar ?? defineCalendar({ timeZone })
  const roles = rolesOf(people, routes)
  return [
    pagerPart({ roles, routes, timeZone, calendar, next, links, template, fetch }),
    deskPart({ roles, routes, timeZone, calendar, fetch }),
  ]
}
