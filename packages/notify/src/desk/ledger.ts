import type { ActionState, Notifier, PageState, StreamId } from '@firebreak/core'
import { factsOf } from '../pager/facts.ts'
import type { DeskRules } from '../routes/routes.ts'
import { effectOf } from './effect.ts'
import type { Overview } from './overview.ts'
import { targetedAt } from './targeting.ts'

/** A request that one notifier has not answered yet. */
export interface Pending {
  readonly id: string
  readonly page: PageState
  readonly incident: StreamId
  /** From when on it may go: its due time, its turn among the channels, its retry. Milliseconds since the epoch. */
  readonly from: number
  readonly trigger: boolean
  readonly step: string
  /** How often it has failed here. */
  readonly failures: number
}

/** What one notifier has been given, and what it has not. */
export interface Ledger {
  readonly notifier: Notifier
  readonly pending: readonly Pending[]
  /** Requests that it has answered or is answering, triggers only. */
  readonly told: readonly PageState[]
  /** How many sendings were claimed: the next key's ordinal. */
  readonly sendings: number
  /** Incidents that a message is on its way about. */
  readonly underway: ReadonlySet<StreamId>
  /** It asked to be left alone until then. */
  readonly blockedUntil: number
  /** When each waking message began, newest last. */
  readonly wakes: readonly number[]
  /** Claims that were given back or are to be repeated: planned as they were recorded. */
  readonly again: readonly ActionState[]
  /** Messages that may have arrived, by the requests that they answer: the key under which they are sent again. */
  readonly uncertain: ReadonlyMap<string, string>
}

export function answering(requests: readonly string[]): string {
  return requests.toSorted().join('\n')
}

/** Reads the desk for one notifier. Pure. */
export function ledgerOf(
  overview: Overview,
  notifier: Notifier,
  notifiers: readonly Notifier[],
  rules: DeskRules,
): Ledger {
  const { name } = notifier
  const { desk } = overview
  const claims = Array.from(desk.actions.values()).flatMap((claim) => {
    const effect = effectOf(claim.effect)
    return effect?.do === 'send' && effect.notifier === name ? [{ claim, effect }] : []
  })
  const covered = new Set<string>()
  const underway = new Set<StreamId>()
  const again: ActionState[] = []
  const wakes: number[] = []
  for (const { claim, effect } of claims) {
    const outcome = claim.finished?.outcome
    if (outcome === 'released' || outcome === 'retry') again.push(claim)
    if (outcome === undefined || outcome === 'released' || outcome === 'retry') {
      for (const id of effect.requests) covered.add(id)
      for (const { incident } of effect.about) underway.add(incident)
    }
  }
  // What failed is asked for again by a later claim: the last one for a request is the one that arrived, if any did.
  const last = new Map(claims.flatMap((it) => it.effect.requests.map((id) => [id, it.claim] as const)))
  for (const { claim, effect } of claims) {
    const arrived = effect.requests.some((id) => last.get(id) === claim && isSentBy(desk.pages.get(id), name))
    if (effect.reach === 'wake' && (arrived || claim.finished === undefined)) wakes.push(claim.startedAt)
  }

  const uncertain = new Map<string, string>()
  for (const { claim, effect } of claims) {
    const failure = desk.pages.get(effect.requests[0] ?? '')?.failed.findLast((it) => it.notifier === name)
    if (claim.finished?.outcome !== 'done' || failure?.mayHaveArrived !== true) continue
    uncertain.set(answering(effect.requests), effect.repeats ?? claim.idempotencyKey)
  }

  const pending: Pending[] = []
  const told: PageState[] = []
  let blockedUntil = 0
  for (const [id, page] of desk.pages) {
    const { request, failed, withdrawn } = page
    const mine = failed.filter((it) => it.notifier === name)
    for (const { outcome, retryAt } of mine)
      if (outcome === 'throttled' && retryAt !== undefined) blockedUntil = Math.max(blockedUntil, Date.parse(retryAt))
    if (covered.has(id) || isSentBy(page, name)) {
      if (request.kind === 'trigger') told.push(page)
      continue
    }
    const failure = mine.at(-1)
    if (withdrawn !== undefined || (failure !== undefined && failure.retryAt === undefined)) continue
    const turn = targetedAt(page, notifier, notifiers, overview, rules)
    if (turn === undefined) continue
    pending.push({
      id,
      page,
      incident: request.incident,
      from: Math.max(turn, failure?.retryAt === undefined ? 0 : Date.parse(failure.retryAt)),
      trigger: request.kind === 'trigger',
      step: factsOf(request).step ?? request.reason,
      failures: mine.length,
    })
  }
  return { notifier, pending, told, sendings: claims.length, underway, blockedUntil, wakes, again, uncertain }
}

function isSentBy(page: PageState | undefined, name: string): boolean {
  return page?.sent.some(({ notifier }) => notifier === name) === true
}
