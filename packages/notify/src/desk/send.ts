import {
  ClaimLost,
  type Desk,
  type NewEvent,
  type Notifier,
  type NotifyError,
  type Outcome,
  type PageFailed,
  type PageSent,
  type PerformContext,
} from '@firebreak/core'
import { deliver } from '../deliver.ts'
import { failureOf } from '../failure.ts'
import type { DeskRules } from '../routes/routes.ts'
import type { About, ConfirmEffect, SendEffect } from './effect.ts'
import { isTaken } from './targeting.ts'

export interface SendOptions {
  readonly key: string
  readonly rules: DeskRules
  readonly fetch: typeof globalThis.fetch
  readonly context: PerformContext<Desk>
}

/** Longer waits than this are not believed. */
const longestWaitMs = 3_600_000
/** What is only to be read is given up after so many rounds; pages that wake, and records, are not. */
const mostRounds = 6
/** What is to wake somebody waits no longer than this for its channel to come back. */
const wakeAgainMostMs = 60_000

/** Sends the recorded message, and records what became of it, here and with every incident that it is about. */
export async function send(effect: SendEffect, notifier: Notifier | undefined, options: SendOptions): Promise<Outcome> {
  const { context, rules, fetch, key } = options
  const { clock, random, signal, takeover } = context
  if (notifier === undefined) return failed(effect, options, unknownNotifier(effect.notifier))
  if (!context.held()) throw new ClaimLost(key)
  let mayHaveArrived = takeover || effect.repeats !== undefined
  // Somebody took it on after the claim. An alert that may stand at its target is still opened under its key, to be closed.
  const needless = () =>
    !(mayHaveArrived && notifier.deduplicates === true) && isNeedless(effect, notifier, context.subject)
  if (needless()) return { events: [] }
  try {
    const { receipt, repeated } = await deliver(notifier, effect.page, {
      clock,
      random,
      fetch,
      signal,
      idempotencyKey: effect.repeats ?? context.idempotencyKey,
      previous: effect.previous,
      retry: rules.retry,
      timeoutMs: rules.timeoutMs,
      mayBeRepeated: mayHaveArrived,
      onUncertain: () => void (mayHaveArrived = true),
      held: () => context.held() && !needless(),
    })
    const { notifier: name, kind, reach, requests, page } = effect
    const sent = (about: About): PageSent => ({
      ...about,
      to: context.subject.role,
      notifier: name,
      reach,
      kind,
      receipt,
      requests,
      delayMs: Math.max(0, clock.now() - Date.parse(effect.due)),
      title: page.title,
      ...(repeated ? { repeated } : {}),
    })
    const digest = {
      to: context.subject.role,
      incidents: effect.about.map(({ incident }) => incident),
      notifier: name,
      receipt,
    }
    const also: NewEvent[] = effect.digest === true ? [{ type: 'digest.sent', actor: 'desk', data: digest }] : []
    return told('page.sent', effect.about, sent, options, also)
  } catch (error) {
    signal.throwIfAborted()
    if (!context.held()) throw new ClaimLost(key)
    return failed(effect, options, failureOf(error, notifier.name), mayHaveArrived)
  }
}

/** Somebody has taken on all that it was to wake him for. */
function isNeedless({ reach, requests }: SendEffect, notifier: Notifier, { pages }: Readonly<Desk>): boolean {
  if (reach !== 'wake') return false
  return requests.every((id) => {
    const page = pages.get(id)
    const others = () => Array.from(pages.values()).filter(({ request }) => request.incident === page?.request.incident)
    return page !== undefined && isTaken(page, notifier, others())
  })
}

/** Asks whether it arrived. Not knowing is no answer: it is asked again later. */
export async function confirm(
  effect: ConfirmEffect,
  notifier: Notifier | undefined,
  options: SendOptions,
): Promise<Outcome> {
  const { context, fetch } = options
  if (notifier?.confirm === undefined) return { events: [] }
  try {
    const receipt = await notifier.confirm(effect.receipt, {
      signal: context.signal,
      idempotencyKey: context.idempotencyKey,
      fetch,
    })
    if (receipt.state !== 'delivered') return { events: [] }
    const delivered = ({ incident, service }: About) => ({
      incident,
      service,
      to: context.subject.role,
      notifier: notifier.name,
      receipt: { ...effect.receipt, ...receipt },
    })
    return told('page.delivered', effect.about, delivered, options)
  } catch (error) {
    context.signal.throwIfAborted()
    const failure = failureOf(error, notifier.name)
    return failure.outcome === 'permanent' ? failed({ ...effect, failures: 0 }, options, failure) : { events: [] }
  }
}

type Tried = Pick<SendEffect, 'notifier' | 'requests' | 'about' | 'reach' | 'failures'>

function failed(
  effect: Tried,
  options: SendOptions,
  { outcome, message, retryAfterMs }: Pick<NotifyError, 'outcome' | 'message'> & { retryAfterMs?: number },
  mayHaveArrived = false,
): Outcome {
  const { context, rules } = options
  const { notifier, requests, reach, failures } = effect
  const mostMs = reach === 'wake' ? Math.min(rules.againMostMs, wakeAgainMostMs) : rules.againMostMs
  const waitMs = retryAfterMs ?? Math.min(mostMs, rules.againMs * 2 ** Math.min(failures, 20))
  const over = outcome === 'permanent' || (reach === 'read' && failures + 1 >= mostRounds)
  const retryAt = new Date(context.clock.now() + Math.min(waitMs, longestWaitMs)).toISOString()
  const data = (about: About): PageFailed => ({
    ...about,
    to: context.subject.role,
    notifier,
    outcome,
    error: message.slice(0, 500),
    requests,
    ...(mayHaveArrived ? { mayHaveArrived } : {}),
    ...(over ? {} : { retryAt }),
  })
  return told('page.failed', effect.about, data, options)
}

function unknownNotifier(name: string) {
  return {
    outcome: 'permanent' as const,
    message: `there is no notifier ${name} any more; give one of the role's notifiers this name, or let the next page go by the others`,
  }
}

/** One event for the desk, and its copy for each incident, under ids of their own. */
function told<Type extends 'page.sent' | 'page.delivered' | 'page.failed'>(
  type: Type,
  about: readonly About[],
  dataFor: (about: About) => NewEvent<Type>['data'],
  { key, context }: SendOptions,
  also: readonly NewEvent[] = [],
): Outcome {
  const id = `${context.subject.stream}/${key}/${context.attempt}/${type}`
  const [first] = about
  if (first === undefined) return { events: also }
  return {
    events: [{ id, type, actor: 'desk', data: dataFor(first) }, ...also],
    tell: about.map((one) => ({ to: one.incident, event: { id, type, actor: 'desk', data: dataFor(one) } })),
  }
}
