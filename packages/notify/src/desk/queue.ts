import type { EffectAction, Notifier, PageKind, StreamId } from '@firebreak/core'
import { factsOf } from '../pager/facts.ts'
import type { DeskRules } from '../routes/routes.ts'
import { capUntil, passesCap } from './cap.ts'
import { toEffect, type SendEffect } from './effect.ts'
import { answering, ledgerOf, type Ledger, type Pending } from './ledger.ts'
import { messageOf } from './message.ts'
import type { Overview } from './overview.ts'
import { readyAt } from './readiness.ts'

export interface QueueOptions {
  readonly notifiers: readonly Notifier[]
  readonly rules: DeskRules
  readonly timeZone: string
  readonly now: number
}

/** One message to be sent, not before a time. */
interface Planned {
  readonly at: number
  readonly requests: readonly Pending[]
  readonly kind?: PageKind
  readonly heldBack?: boolean
  readonly digest?: boolean
}

/** What one notifier of a role is to send, now and later: each notifier has a queue of its own. Pure. */
export function queueOf(overview: Overview, notifier: Notifier, options: QueueOptions): readonly EffectAction[] {
  const { notifiers, rules, timeZone, now } = options
  const ledger = ledgerOf(overview, notifier, notifiers, rules)
  const planned = plannedFor(ledger, overview, rules, now)
    .filter(({ requests }) => requests.length > 0)
    .toSorted((left, right) => left.at - right.at)
  const again = ledger.again.map(({ key, why, effect }): EffectAction => ({ key, why, effect }))
  return [
    ...again,
    ...planned.map(({ at, requests, ...rest }, index) => {
      let made: SendEffect | undefined
      const repeats = ledger.uncertain.get(answering(requests.map(({ id }) => id)))
      const message = () =>
        (made ??= messageOf(requests, { overview, notifier, timeZone, at: Math.max(at, now), repeats, ...rest }))
      // A plan is made after every event, and most of what it plans waits: only what is due or looked at is put into words.
      return {
        key: `send/${notifier.name}/${ledger.sendings + index + 1}`,
        get why() {
          return whyOf(message(), overview.desk.role)
        },
        get effect() {
          return toEffect(message())
        },
        ...(at > now ? { notBefore: at } : {}),
      }
    }),
  ]
}

function plannedFor(ledger: Ledger, overview: Overview, rules: DeskRules, now: number): Planned[] {
  const { pending, notifier } = ledger
  const reach = notifier.reach ?? 'read'
  if (reach === 'record') return recording(ledger)

  const digests = pending.filter(({ step }) => step === 'digest')
  const triggers = pending.filter((it) => it.trigger && it.step !== 'digest')
  const updates = pending.filter((it) => !it.trigger)
  const digest: Planned = {
    at: Math.max(ledger.blockedUntil, ...digests.map(({ from }) => from)),
    requests: digests,
    digest: true,
  }
  if (reach === 'read' && ledger.blockedUntil > 0 && isBacklog(ledger)) {
    // After a pause one current summary, not three old pages.
    const due = [...triggers, ...updates].filter(({ from }) => from <= Math.max(now, ledger.blockedUntil))
    const rest = [...triggers, ...updates].filter((it) => !due.includes(it))
    const summary: Planned = { at: ledger.blockedUntil, requests: due, heldBack: true }
    return [summary, digest, ...rest.map((request) => ({ at: request.from, requests: [request] }))]
  }
  return [
    ...waking(triggers, ledger, overview, rules, now),
    ...(reach === 'wake'
      ? quietly(updates, ledger, overview, now)
      : reading(updates, triggers, ledger, overview, rules, now)),
    digest,
  ]
}

/** One line after the other for each incident, so that a file reads in order. */
function recording({ pending, underway, blockedUntil }: Ledger): Planned[] {
  return Array.from(Map.groupBy(pending, ({ incident }) => incident)).flatMap(([incident, requests]) => {
    const first = requests.toSorted((left, right) => left.from - right.from)[0]
    return underway.has(incident) || first === undefined
      ? []
      : [{ at: Math.max(first.from, blockedUntil), requests: [first] }]
  })
}

/** Something waits that was asked for before the target asked for its pause to end. */
function isBacklog({ pending, blockedUntil }: Ledger): boolean {
  return pending.some(({ page }) => Date.parse(page.request.due) < blockedUntil)
}

/** Groups of what began together; over the cap everything in one. */
function waking(
  triggers: readonly Pending[],
  ledger: Ledger,
  overview: Overview,
  rules: DeskRules,
  now: number,
): Planned[] {
  const urgent = triggers.filter(({ page }) => page.request.reach === 'wake')
  const calm = triggers.filter(({ page }) => page.request.reach !== 'wake')
  const until = capUntil(ledger, rules)
  const capped: Pending[] = []
  const planned: Planned[] = []
  const plan = (ready: number, requests: readonly Pending[]) => {
    const at = Math.max(ready, ledger.blockedUntil)
    // What only waits for the channel to work again goes along with what tries it next.
    planned.push({ at, requests: requests.filter(({ from, failures }) => from <= Math.max(at, now) || failures > 0) })
  }
  for (const [cluster, requests] of Map.groupBy(urgent, ({ incident }) => overview.clusterOf(incident))) {
    const ready = readyAt(requests, cluster, ledger, overview, rules)
    if (ready < until && !passesCap(requests, ledger)) capped.push(...requests)
    else plan(ready, requests)
  }
  if (capped.length > 0) planned.push({ at: Math.max(until, ledger.blockedUntil), requests: capped, heldBack: true })
  // What only wants to be read, at an hour when people read, comes as one list.
  plan(Math.min(...calm.map(({ from }) => from)) + rules.gatherMs, calm)
  return planned
}

const crowd = 4

/** News, after what they are news about; of many incidents in one message. */
function reading(
  updates: readonly Pending[],
  triggers: readonly Pending[],
  { underway }: Ledger,
  overview: Overview,
  { gatherMs }: DeskRules,
  now: number,
): Planned[] {
  const waiting = new Set(triggers.map(({ incident }) => incident))
  const free = updates.filter(({ incident }) => !underway.has(incident) && !waiting.has(incident))
  return Array.from(Map.groupBy(free, ({ incident }) => overview.clusterOf(incident)).values()).flatMap((requests) => {
    const at = Math.min(...requests.map(({ from }) => from)) + gatherMs
    const due = requests.filter(({ from }) => from <= Math.max(at, now))
    const byIncident = Array.from(Map.groupBy(due, ({ incident }) => incident).values())
    return (byIncident.length >= crowd ? [due] : byIncident).map((some) => ({ at, requests: some }))
  })
}

/**
 * What a waking target takes without waking: its alert is acknowledged or closed. An alert that stands for several incidents
 * is closed when all of them are over.
 */
function quietly(updates: readonly Pending[], ledger: Ledger, overview: Overview, now: number): Planned[] {
  if (updates.length === 0) return []
  const mates = matesOf(ledger)
  return Array.from(Map.groupBy(updates, ({ incident }) => incident)).flatMap(([incident, requests]) => {
    const together = mates.get(incident) ?? []
    const known = mates.has(incident) || isToldOf(requests, ledger.notifier)
    if (!known || ledger.underway.has(incident) || [...together].some((mate) => !overview.isOver(mate))) return []
    const at = Math.max(Math.min(...requests.map(({ from }) => from)), ledger.blockedUntil)
    const due = requests.filter(({ from }) => from <= Math.max(at, now))
    return [{ at, requests: due, kind: due.at(-1)!.page.request.kind }]
  })
}

/** There is nothing to acknowledge or to close where no alert was opened, today or by yesterday's desk. */
function isToldOf(requests: readonly Pending[], { name }: Notifier): boolean {
  return requests.some(({ page }) => factsOf(page.request).toldBy?.includes(name) === true)
}

/** For each incident that this notifier was told of, the others that its messages were about. */
function matesOf({ told, notifier }: Ledger): ReadonlyMap<StreamId, ReadonlySet<StreamId>> {
  const incidents = new Map(told.map(({ request }) => [request.request, request.incident]))
  const mates = new Map<StreamId, Set<StreamId>>()
  for (const { request, sent } of told) {
    const own = mates.get(request.incident) ?? new Set<StreamId>()
    mates.set(request.incident, own)
    for (const message of sent) {
      if (message.notifier !== notifier.name) continue
      for (const id of message.requests ?? []) {
        const mate = incidents.get(id)
        if (mate !== undefined && mate !== request.incident) own.add(mate)
      }
    }
  }
  return mates
}

function whyOf({ page, kind, notifier, requests }: SendEffect, role: string): string {
  const many = requests.length === 1 ? '' : ` (answers ${requests.length} requests)`
  return `${kind} to ${role} by ${notifier}: ${page.title}${many}`
}
