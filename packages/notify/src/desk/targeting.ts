import type { Notifier, PageState, Reach } from '@firebreak/core'
import { factsOf } from '../pager/facts.ts'
import type { DeskRules } from '../routes/routes.ts'
import type { Overview } from './overview.ts'

/** Does this request go to this notifier, and from when on? `undefined`: not at all. Milliseconds since the epoch. */
export function targetedAt(
  page: PageState,
  notifier: Notifier,
  notifiers: readonly Notifier[],
  overview: Overview,
  rules: DeskRules,
): number | undefined {
  const { request } = page
  const due = Date.parse(request.due)
  const reach = notifier.reach ?? 'read'
  if (reach !== 'wake') return due
  if (request.reach === 'record') return undefined
  if (request.kind !== 'trigger') return notifier.quiet?.includes(request.kind) === true ? due : undefined
  if (request.reach === 'wake')
    return factsOf(request).channels === 'first'
      ? turnOf(page, notifier, notifiers, overview, rules)
      : isTaken(page, notifier, overview.pagesOf(request.incident))
        ? undefined
        : due
  // A reminder in business hours for somebody who reads nothing: better by a waking channel than not at all.
  return notifiers.every((other) => (other.reach ?? 'read') === 'wake')
    ? turnOf(page, notifier, notifiers, overview, rules)
    : undefined
}

/** Waking channels in order: each when the ones before it failed, or were not confirmed in time. */
function turnOf(
  page: PageState,
  notifier: Notifier,
  notifiers: readonly Notifier[],
  overview: Overview,
  { fallBackMs }: DeskRules,
): number | undefined {
  const due = Date.parse(page.request.due)
  let turn = due
  for (const other of notifiers) {
    if (other === notifier) return turn
    if (other.reach !== 'wake') continue
    const sent = page.sent.find((it) => it.notifier === other.name)
    const failed = page.failed.some((it) => it.notifier === other.name)
    if (sent?.receipt.state === 'delivered' && !failed) return undefined
    if (failed) continue
    if (isAnswered(page, overview.pagesOf(page.request.incident))) return undefined
    turn = Math.max(turn, due + fallBackMs)
  }
  return undefined
}

/**
 * Nobody needs to be woken by this channel any more: the page has been withdrawn, or another channel has woken somebody who
 * has it. An alert that may stand at a target which remembers its key is still opened under it, to be closed in its time.
 */
export function isTaken(page: PageState, { name, deduplicates }: Notifier, others: readonly PageState[]): boolean {
  const mayStand = page.failed.some((it) => it.notifier === name && it.mayHaveArrived === true)
  if (mayStand && deduplicates === true) return false
  return page.withdrawn !== undefined || (page.sent.some(({ reach }) => reach === 'wake') && isAnswered(page, others))
}

/** `others`: what has been asked for about the same incident. */
function isAnswered({ request }: PageState, others: readonly PageState[]): boolean {
  return others.some(
    ({ request: { kind, due } }) => (kind === 'acknowledge' || kind === 'resolve') && due >= request.due,
  )
}

/** What a message of this kind counts as when it goes by this notifier. */
export function reachOf({ reach = 'read' }: Notifier, kind: PageState['request']['kind']): Reach {
  return reach === 'wake' && kind !== 'trigger' ? 'read' : reach
}
