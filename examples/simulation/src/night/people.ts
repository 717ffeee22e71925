import { NotifyError, type Clock, type Notifier, type Reach } from '@firebreak/core'
import type { Arrived } from '../channels.ts'
import type { Gate } from './gate.ts'
import type { ChannelTrouble } from './story.ts'

/** The channels of one night. They outlive the processes that use them. */
export interface Channels {
  readonly arrived: readonly Arrived[]
  /** What a channel took and dropped: its name and the key. */
  readonly swallowed: ReadonlySet<string>
  /** What a channel delivered and said that it had not. */
  readonly denied: ReadonlySet<string>
  /** What a channel delivered and said that it had not, or that it may not have: nobody can count it. */
  readonly unadmitted: ReadonlySet<string>
  trouble(channel: string, trouble: ChannelTrouble, forMs: number): void
  /** As one process uses it. */
  channel(gate: Gate, role: string, name: string, reach: Reach): Notifier
}

export interface ChannelsOptions {
  /** False: a repetition with the same key is a second message. */
  readonly deduplicate?: boolean | undefined
}

export function createChannels(clock: Clock, { deduplicate = true }: ChannelsOptions = {}): Channels {
  const arrived: Arrived[] = []
  const known = new Set<string>()
  const swallowed = new Set<string>()
  const denied = new Set<string>()
  const unadmitted = new Set<string>()
  const troubles: { channel: string; trouble: ChannelTrouble; until: number }[] = []

  return {
    arrived,
    swallowed,
    denied,
    unadmitted,
    trouble: (channel, trouble, forMs) => void troubles.push({ channel, trouble, until: clock.now() + forMs }),
    channel(gate, role, name, reach) {
      const send: Notifier['send'] = async (page, { idempotencyKey, signal }) => {
        const trouble = troubles.find((it) => it.channel === name && it.until > clock.now())?.trouble
        if (trouble === 'throttled') throw refusal('throttled', 5_000)
        if (trouble === 'transient') throw refusal('transient')
        if (trouble === 'slow') await clock.sleep(4_000, signal)
        if (trouble === 'hangs') await clock.sleep(30_000, signal)
        const message = `${name} ${idempotencyKey}`
        if (trouble === 'swallows' && !known.has(message)) {
          swallowed.add(message)
          return { state: 'accepted', id: idempotencyKey }
        }
        if (!deduplicate || !known.has(message))
          arrived.push({ at: clock.now(), role, channel: name, reach, key: idempotencyKey, page })
        known.add(message)
        if (trouble === 'denies' || trouble === 'ambiguous') {
          unadmitted.add(message)
          if (trouble === 'denies') denied.add(message)
          throw refusal(trouble === 'denies' ? 'transient' : 'ambiguous')
        }
        unadmitted.delete(message)
        return { state: 'delivered', id: idempotencyKey }
      }
      return {
        name,
        reach,
        quiet: ['update', 'acknowledge', 'resolve'],
        deduplicates: true,
        send: (page, context) => gate.through(() => send(page, context), 'send'),
      }
    },
  }
}

function refusal(outcome: NotifyError['outcome'], retryAfterMs?: number): NotifyError {
  return new NotifyError({
    outcome,
    message: `the channel is ${outcome}`,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  })
}
