import type { Clock, StreamId } from '@firebreak/core'
import { createListeners } from '../listeners.ts'
import type { PgClientLike, Query } from './pool.ts'
import type { Names } from './schema.ts'
import type { Session } from './session.ts'
import type { Store } from './store.ts'

/** The server's limit is 8,000 bytes. */
const longestPayload = 7_900

/** By how much the clocks of machines that append may differ. Whoever listens is told of so much more in the beginning. */
const clockSkewMs = 60_000

export interface SubscriptionOptions {
  readonly session: Session
  readonly store: Store
  readonly query: Query
  readonly names: Names
  readonly clock: Clock
  readonly pollEveryMs: number
  readonly ready: () => Promise<void>
  /** Tells our own notifications from those of others. */
  readonly self: string
}

interface Message {
  readonly from: string
  /** Missing where they are too many: whoever hears it looks. */
  readonly streams?: readonly StreamId[]
}

/**
 * Hears of appends by NOTIFY, and looks now and then for what went unheard. Notifications are sent after the append and
 * several at a time: within it, they would make all appends of the server wait for each other.
 */
export function createSubscription(options: SubscriptionOptions) {
  const { session, store, query, names, clock, pollEveryMs, ready, self } = options
  const listeners = createListeners(adjust)
  const unsent = new Set<StreamId>()
  const listening = new WeakSet<PgClientLike>()
  let sending: Promise<void> | undefined
  let polling: AbortController | undefined
  let seen: number | undefined
  /** Since when somebody listens. */
  let since = 0

  function adjust(count: number) {
    if (count > 0 && polling === undefined) {
      polling = new AbortController()
      seen = undefined
      since = clock.now()
      void poll(polling.signal)
      ready()
        .then(async () => listen(await session.current()))
        .catch(() => undefined)
    } else if (count === 0) {
      polling?.abort()
      polling = undefined
    }
  }

  async function listen(client: PgClientLike): Promise<void> {
    if (listening.has(client)) return
    listening.add(client)
    client.on('notification', ({ channel, payload }: { channel: string; payload?: string }) => {
      if (channel === names.channel && payload !== undefined) hear(payload)
    })
    await client.query(`LISTEN "${names.channel}"`)
    void look()
  }

  function hear(payload: string) {
    const { from, streams } = parse(payload)
    if (from === self) return
    if (streams === undefined) void look()
    else listeners.tell(streams)
  }

  async function poll(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await look()
      await clock.sleep(pollEveryMs, signal).catch(() => undefined)
    }
  }

  /** A look that fails is made up for by the next one. */
  async function look(): Promise<void> {
    try {
      await ready()
      const from = seen
      if ((await store.given()) === from) return
      const upTo = await store.settled()
      // The first look comes later than whoever asked for it, and what was appended between them counts.
      if (from === undefined) listeners.tell(await store.streamsRecordedSince(since - clockSkewMs, upTo))
      else listeners.tell(await store.streamsBetween(from, upTo))
      seen = Math.max(seen ?? 0, upTo)
    } catch {
      // Whoever appends or reads is told what is wrong with the server.
    }
  }

  async function send(): Promise<void> {
    while (unsent.size > 0) {
      const message: Message = { from: self, streams: [...unsent] }
      unsent.clear()
      const text = JSON.stringify(message)
      const payload = Buffer.byteLength(text) > longestPayload ? JSON.stringify({ from: self }) : text
      await query('SELECT pg_notify($1, $2)', [names.channel, payload]).catch(() => undefined)
    }
    sending = undefined
  }

  return {
    subscribe: (listener: (streams: readonly StreamId[]) => void) => listeners.add(listener),
    /** After an append of our own. */
    tell(streams: readonly StreamId[]): void {
      if (streams.length === 0) return
      listeners.tell(streams)
      for (const stream of streams) unsent.add(stream)
      sending ??= send()
    },
    /** On a new connection. */
    async begin(client: PgClientLike): Promise<void> {
      if (polling !== undefined) await listen(client)
    },
    async close(): Promise<void> {
      listeners.close()
      await sending
    },
  }
}

/** Anybody who may connect may notify: what is not ours means only that there may be something to look at. */
function parse(payload: string): { from?: unknown; streams?: readonly StreamId[] | undefined } {
  try {
    const { from, streams } = JSON.parse(payload) as { from?: unknown; streams?: unknown }
    return Array.isArray(streams) && streams.every((it) => typeof it === 'string') ? { from, streams } : { from }
  } catch {
    return {}
  }
}
