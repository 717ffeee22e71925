import { Agent, request } from 'node:http'
import type { Clock } from '@firebreak/core'

/** Users: a steady, bounded stream of real requests. Counts what it got, so that the drill's figures can be checked. */
export interface Load {
  readonly sent: number
  readonly failed: number
  /** Milliseconds since the epoch; when a fifth of a second's requests were first answered with 500. What everything is measured from. */
  readonly faultAt: number | undefined
  stop(): Promise<void>
}

export interface LoadOptions {
  readonly url: string
  /** Requests a second; at most 200. */
  readonly perSecond: number
  /** Ends by itself after so many milliseconds. */
  readonly longestMs: number
  readonly clock: Clock
  /** Told once, when the users notice that something is wrong. */
  readonly onFault?: ((at: number) => void) | undefined
}

const mostInFlight = 64

/** What a bad release answers. A request that a deploy cut off, or that found no machine, is no sign of it. */
const answeredBadly = 500

export function startLoad({ url, perSecond, longestMs, clock, onFault }: LoadOptions): Load {
  const agent = new Agent({ keepAlive: true, maxSockets: mostInFlight })
  const stopping = new AbortController()
  const inFlight = new Set<Promise<void>>()
  const tally = { sent: 0, failed: 0 }
  const recent: { at: number; failed: boolean }[] = []
  let faultAt: number | undefined
  const intervalMs = 1_000 / Math.min(perSecond, 200)

  function notice(failed: boolean) {
    const at = clock.now()
    recent.push({ at, failed })
    while (recent[0] !== undefined && recent[0].at < at - 1_000) recent.shift()
    const failures = recent.filter((it) => it.failed)
    if (faultAt !== undefined || failures.length < 3 || failures.length * 5 < recent.length) return
    faultAt = failures[0]?.at
    onFault?.(faultAt ?? at)
  }

  async function run() {
    const startedAt = clock.now()
    for (let number = 0; !stopping.signal.aborted; number += 1) {
      const waitMs = startedAt + number * intervalMs - clock.now()
      if (waitMs > 0) await clock.sleep(waitMs, stopping.signal)
      if (clock.now() - startedAt > longestMs) return
      if (inFlight.size >= mostInFlight) continue
      const one: Promise<void> = once(url, agent).then((status) => {
        tally.sent += 1
        if (status >= 500) tally.failed += 1
        notice(status === answeredBadly)
        inFlight.delete(one)
      })
      inFlight.add(one)
    }
  }
  const running = run().catch(() => undefined)

  return {
    get sent() {
      return tally.sent
    },
    get failed() {
      return tally.failed
    },
    get faultAt() {
      return faultAt
    },
    async stop() {
      stopping.abort()
      await running
      await Promise.all(inFlight)
      agent.destroy()
    },
  }
}

/** The status that the user got; a connection that broke is a 599. */
function once(url: string, agent: Agent): Promise<number> {
  return new Promise((resolve) => {
    const outgoing = request(url, { agent, timeout: 5_000 }, (response) => {
      response.resume()
      response.on('end', () => resolve(response.statusCode ?? 599))
      response.on('error', () => resolve(599))
    })
    outgoing.on('timeout', () => outgoing.destroy())
    outgoing.on('error', () => resolve(599))
    outgoing.end()
  })
}
