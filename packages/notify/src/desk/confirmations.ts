import type { Desk, EffectAction, Notifier } from '@firebreak/core'
import type { DeskRules } from '../routes/routes.ts'
import { effectOf, toEffect, type SendEffect } from './effect.ts'

/** Asks targets that only accepted a page whether it arrived, at growing distances until it would be too late anyway. */
export function confirmationsOf(
  desk: Readonly<Desk>,
  notifier: Notifier,
  rules: DeskRules,
  now: number,
): readonly EffectAction[] {
  if (notifier.confirm === undefined) return []
  return sentEffects(desk, notifier).flatMap(([sentAt, { requests, about, reach, page }]) => {
    if (reach !== 'wake') return []
    const sent = requests.flatMap((id) => desk.pages.get(id)?.sent ?? []).find((it) => it.notifier === notifier.name)
    if (sent === undefined || sent.receipt.state === 'delivered') return []
    const id = requests[0]!
    const asked = Array.from(desk.actions.values()).filter(({ key }) =>
      key.startsWith(`confirm/${notifier.name}/${id}/`),
    )
    if (asked.some(({ finished }) => finished === undefined) || hasFailed(desk, id, notifier.name)) return []
    const at = sentAt + rules.confirmAfterMs * (2 ** (asked.length + 1) - 1)
    if (at > sentAt + rules.fallBackMs) return []
    return [
      {
        key: `confirm/${notifier.name}/${id}/${asked.length + 1}`,
        why: `${notifier.name} only accepted "${page.title}": did it arrive?`,
        effect: toEffect({ do: 'confirm', notifier: notifier.name, receipt: sent.receipt, requests, about, reach }),
        ...(at > now ? { notBefore: at } : {}),
      },
    ]
  })
}

/** A failure after the receipt: the target took it and did not deliver. */
function hasFailed(desk: Readonly<Desk>, id: string, name: string): boolean {
  return (
    desk.pages.get(id)?.failed.some((failure) => failure.notifier === name && failure.retryAt === undefined) ?? false
  )
}

/** The messages that this notifier has taken, and when. */
function sentEffects(desk: Readonly<Desk>, { name }: Notifier): readonly (readonly [number, SendEffect])[] {
  return Array.from(desk.actions.values()).flatMap(({ effect, finished, finishedAt }) => {
    const sent = effectOf(effect)
    if (sent?.do !== 'send' || sent.notifier !== name) return []
    return finished?.outcome === 'done' && finishedAt !== undefined ? [[finishedAt, sent] as const] : []
  })
}
