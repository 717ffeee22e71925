import type { Desk, EffectAction, Notifier, PageKind, StreamId } from '@firebreak/core'
import { factsOf } from '../pager/facts.ts'
import type { DeskRules } from '../routes/routes.ts'
import { capUntil, passesCap } from './cap.ts'
import { clustersOf, isOver, type Cluster } from './clusters.ts'
import { effectOf, toEffect, type SendEffect } from './effect.ts'
import { ledgerOf, type Ledger, type Pending } from './ledger.ts'
import { messageOf } from './message.ts'
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
export function queueOf(desk: Readonly<Desk>, notifier: Notifier, options: QueueOptions): readonly EffectAction[] {
  const { notifiers, rules, timeZone, now } = options
  const ledger = ledgerOf(desk, notifier, notifiers, rules)
  const planned = plannedFor(ledger, desk, rules, now)
    .filter(({ requests }) => requests.length > 0)
    .toSorted((left, right) => left.at - right.at)
  const again = ledger.again.map(({ key, why, effect }): EffectAction => ({ key, why, effect }))
  return [
    ...again,
    ...planned.map(({ at, requests, ...rest }, index): EffectAction => {
      const effect = messageOf(requests, { desk, notifier, timeZone, at: Math.max(at, now), ...rest })
      return {
        key: `send/${notifier.name}/${ledger.sendings + index + 1}`,
        why: whyOf(effect, desk.role),
        effect: toEffect(effect),
        ...(at > now ? { notBefore: at } : {}),
      }
    }),
  ]
}

function plannedFor(ledger: Ledger, desk: Readonly<Desk>, rules: DeskRules, now: number): Planned[] {
  const { pending, notifier } = ledger
  const reach = notifier.reach ?? 'read'
  const clusters = clustersOf(desk, rules.groupOnsetMs)
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
    ...waking(triggers, ledger, clusters, desk, rules),
    ...(reach === 'wake' ? quietly(updates, ledger, desk) : reading(updates, triggers, ledger, clusters, rules)),
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
  clusters: ReadonlyMap<StreamId, Cluster>,
  desk: Readonly<Desk>,
  rules: DeskRules,
): Planned[] {
  const urgent = triggers.filter(({ page }) => page.request.reach === 'wake')
  const calm = triggers.filter(({ page }) => page.request.reach !== 'wake')
  const groups = Map.groupBy(urgent, ({ incident }) => clusters.get(incident)!)
  const until = capUntil(ledger, rules)
  const planned: Planned[] = []
  const capped: Pending[] = []
  for (const [cluster, requests] of groups) {
    const ready = readyAt(requests, cluster, ledger, desk, rules)
    if (ready < until && !passesCap(requests, ledger)) capped.push(...requests)
    else
      planned.push({ at: Math.max(ready, ledger.blockedUntil), requests: requests.filter(({ from }) => from <= ready) })
  }
  if (capped.length > 0) planned.push({ at: Math.max(until, ledger.blockedUntil), requests: capped, heldBack: true })
  // What only wants to be read, at an hour when people read, comes as one list.
  const at = Math.min(...calm.map(({ from }) => from)) + rules.gatherMs
  planned.push({ at: Math.max(at, ledger.blockedUntil), requests: calm.filter(({ from }) => from <= at) })
  return planned
}

const crowd = 4

/** News, after what they are news about; of many incidents in one message. */
function reading(
  updates: readonly Pending[],
  triggers: readonly Pending[],
  ledger: Ledger,
  clusters: ReadonlyMap<StreamId, Cluster>,
  rules: DeskRules,
): Planned[] {
  const waits = (incident: StreamId) =>
    ledger.underway.has(incident) || triggers.some((trigger) => trigger.incident === incident)
  const free = updates.filter(({ incident }) => !waits(incident))
  return Array.from(Map.groupBy(free, ({ incident }) => clusters.get(incident)!).values()).flatMap((requests) => {
    const at = Math.min(...requests.map(({ from }) => from)) + rules.gatherMs
    const due = requests.filter(({ from }) => from <= at)
    const byIncident = Array.from(Map.groupBy(due, ({ incident }) => incident).values())
    return (byIncident.length >= crowd ? [due] : byIncident).map((some) => ({ at, requests: some }))
  })
}

/**
 * What a waking target takes without waking: its alert is acknowledged or closed. An alert that stands for several incidents
 * is closed when all of them are over.
 */
function quietly(updates: readonly Pending[], ledger: Ledger, desk: Readonly<Desk>): Planned[] {
  return Array.from(Map.groupBy(updates, ({ incident }) => incident)).flatMap(([incident, requests]) => {
    const waiting = ledger.underway.has(incident) || matesOf(incident, ledger).some((mate) => !isOver(desk, mate))
    if (waiting || !wasTold(requests, incident, ledger)) return []
    const at = Math.min(...requests.map(({ from }) => from))
    const due = requests.filter(({ from }) => from <= at || from <= ledger.blockedUntil)
    const kind = due.at(-1)!.page.request.kind
    return [{ at: Math.max(at, ledger.blockedUntil), requests: due, kind }]
  })
}

/** There is nothing to acknowledge or to close where no alert was opened. */
function wasTold(requests: readonly Pending[], incident: StreamId, { told, notifier }: Ledger): boolean {
  if (told.some(({ request }) => request.incident === incident)) return true
  return requests.some(({ page }) => factsOf(page.request).toldBy?.includes(notifier.name) === true)
}

/** The other incidents that this notifier's messages about this one were about. */
function matesOf(incident: StreamId, { told, notifier }: Ledger): readonly StreamId[] {
  const ids = new Set<string>()
  for (const { request, sent } of told) {
    if (request.incident !== incident) continue
    for (const message of sent)
      if (message.notifier === notifier.name) for (const id of message.requests ?? []) ids.add(id)
  }
  const mates = told.filter(({ request }) => ids.has(request.request)).map(({ request }) => request.incident)
  return [...new Set(mates)].filter((mate) => mate !== incident)
}

function whyOf({ page, kind, notifier, requests }: SendEffect, role: string): string {
  const many = requests.length === 1 ? '' : ` (answers ${requests.length} requests)`
  return `${kind} to ${role} by ${notifier}: ${page.title}${many}`
}

/** The recorded effects of sendings that have been done, for those who ask whether they arrived. */
export function sentEffects(desk: Readonly<Desk>, notifier: Notifier): readonly (readonly [number, SendEffect])[] {
  return Array.from(desk.actions.values()).flatMap(({ key, effect, finished, finishedAt }) => {
    const sent = key.startsWith(`send/${notifier.name}/`) ? effectOf(effect) : undefined
    if (sent?.do !== 'send' || finished?.outcome !== 'done' || finishedAt === undefined) return []
    return [[finishedAt, sent] as const]
  })
}
