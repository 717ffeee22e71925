import type { Clock, Notifier, NotifyError, Page, Reach } from '@firebreak/core'

/** One page that arrived: what people got, and when. */
export interface Arrived {
  readonly at: number
  readonly role: string
  readonly channel: string
  readonly reach: Reach
  readonly key: string
  readonly page: Page
}

/** How a channel answers the n-th sending; `undefined`: it takes it. */
export type Answer = (sending: number) => NotifyError | undefined

export interface ChannelOptions {
  readonly role: string
  readonly name: string
  readonly reach: Reach
  readonly clock: Clock
  readonly arrived: Arrived[]
  readonly answer?: Answer | undefined
  /** Milliseconds that a sending takes. */
  readonly slowMs?: (() => number) | undefined
}

/** A channel to one role that records what it delivered; the same key twice is one message, as good targets do it. */
export function channel({ role, name, reach, clock, arrived, answer, slowMs }: ChannelOptions): Notifier {
  let sendings = 0
  return {
    name,
    reach,
    quiet: ['update', 'acknowledge', 'resolve'],
    deduplicates: true,
    async send(page, { idempotencyKey, signal }) {
      sendings += 1
      const refused = answer?.(sendings)
      const takes = slowMs?.() ?? 0
      if (takes > 0) await clock.sleep(takes, signal)
      if (refused !== undefined && refused.outcome !== 'ambiguous') throw refused
      if (!arrived.some((it) => it.role === role && it.channel === name && it.key === idempotencyKey))
        arrived.push({ at: clock.now(), role, channel: name, reach, key: idempotencyKey, page })
      if (refused !== undefined) throw refused
      return { state: 'delivered', id: idempotencyKey }
    },
  }
}
