import type { BusinessCalendar } from '@firebreak/core/calendar'
import { InvalidInput, type Desk, type Part } from '@firebreak/core'
import type { Roles } from '../routes/people.ts'
import type { Routes } from '../routes/routes.ts'
import { confirmationsOf } from './confirmations.ts'
import { effectOf } from './effect.ts'
import { overviewOf } from './overview.ts'
import { queueOf } from './queue.ts'
import { confirm, send } from './send.ts'
import { waitingDesks } from './waiting-desks.ts'

export interface DeskPartOptions {
  readonly roles: Roles
  readonly routes: Routes
  readonly timeZone: string
  readonly calendar: BusinessCalendar
  readonly fetch?: typeof globalThis.fetch | undefined
}

/** Turns what one role has been asked to read into messages: alone, in groups, in summaries; sends them and asks whether they arrived. */
export function deskPart({ roles, routes, timeZone, calendar, fetch }: DeskPartOptions): Part<Desk> {
  const rules = routes.desk
  return {
    name: 'desk',
    over: 'desk',
    plan(desk, { now }) {
      const notifiers = roles.get(desk.role) ?? []
      const overview = overviewOf(desk, rules.groupOnsetMs)
      return notifiers.flatMap((notifier) => [
        ...queueOf(overview, notifier, { notifiers, rules, timeZone, now }),
        ...confirmationsOf(desk, notifier, rules, now),
      ])
    },
    desks: (now) => waitingDesks(roles.keys(), calendar, now),
    async perform(action, context) {
      const effect = effectOf(action.effect)
      if (effect === undefined)
        throw new InvalidInput(action.key, 'is not an effect of a desk; it was recorded by something else')
      const notifier = roles.get(context.subject.role)?.find(({ name }) => name === effect.notifier)
      const options = { key: action.key, rules, context, fetch: fetch ?? globalThis.fetch }
      return effect.do === 'send' ? send(effect, notifier, options) : confirm(effect, notifier, options)
    },
  }
}
