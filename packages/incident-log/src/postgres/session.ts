import type { Clock } from '@firebreak/core'
import type { PgClientLike } from './pool.ts'

/** After a connection broke: soon, then more and more slowly, in milliseconds. */
const pause = { first: 50, longest: 2_000 }

export interface SessionOptions {
  readonly connect: () => Promise<PgClientLike>
  readonly clock: Clock
  /** What the connection is for: called on each new one, before it is `current`. */
  readonly begin: (client: PgClientLike) => Promise<void>
}

/** One connection that is kept open, for what lives as long as a connection: a session's locks, what it listens to. */
export interface Session {
  /** Begins at the first call; the connection, as soon as there is one. Rejects when it is stopped before. */
  current(): Promise<PgClientLike>
  /** The connection, if there is one now. */
  connected(): PgClientLike | undefined
  /** Gives the connection up, and with it all that lived in it. */
  stop(): Promise<void>
}

export function createSession({ connect, clock, begin }: SessionOptions): Session {
  const stopping = new AbortController()
  let waiting = Promise.withResolvers<PgClientLike>()
  let running: Promise<void> | undefined
  let connected: PgClientLike | undefined

  async function run(): Promise<void> {
    let wait = pause.first
    while (!stopping.signal.aborted) {
      const client = await connect().catch(() => undefined)
      if (client !== undefined) {
        const ended = endOf(client)
        const began = await begin(client).then(
          () => true,
          () => false,
        )
        if (began) {
          wait = pause.first
          connected = client
          waiting.resolve(client)
          await Promise.race([ended, aborted(stopping.signal)])
          connected = undefined
          waiting = Promise.withResolvers()
          waiting.promise.catch(() => undefined)
        }
        client.release(true)
      }
      if (stopping.signal.aborted) break
      await clock.sleep(wait, stopping.signal).catch(() => undefined)
      wait = Math.min(wait * 2, pause.longest)
    }
    waiting.reject(stopping.signal.reason)
  }

  return {
    current() {
      if (running === undefined) {
        waiting.promise.catch(() => undefined)
        running = run()
      }
      return waiting.promise
    },
    connected: () => connected,
    async stop() {
      stopping.abort()
      await running
    },
  }
}

function endOf(client: PgClientLike): Promise<void> {
  return new Promise((resolve) => {
    client.on('error', () => resolve())
    client.on('end', () => resolve())
  })
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
