import { InvalidInput, withDeadline, type Bus, type Clock, type IncidentLog, type Reach } from '@firebreak/core'

/** An outside dead-man's switch: it calls people when the beats stop. */
export interface HeartbeatOptions {
  /** Gets a POST each time. Healthchecks, Dead Man's Snitch, Cronitor, or your own. */
  readonly url: string | undefined
  /** Milliseconds; default 60,000. */
  readonly everyMs?: number | undefined
  readonly fetch?: typeof globalThis.fetch | undefined
}

export interface Heartbeat {
  /** The loop ran. */
  ran(): void
  /** How often the loop must run for this. */
  readonly everyMs: number
  /** Beats until the signal. */
  start(signal: AbortSignal): void
}

export interface HeartbeatHouse {
  readonly log: IncidentLog
  readonly bus: Bus
  readonly clock: Clock
  /** The last append that was tried failed: a write that leaves nothing behind needs no room on a full disk. */
  readonly refusing?: (() => boolean) | undefined
}

const timeoutMs = 10_000

/**
 * Beats only while the loop ran since the last beat, the log takes appends, and what was last sent to wake somebody
 * arrived: a process that merely exists does not count.
 */
export function createHeartbeat(
  { url, everyMs = 60_000, fetch = globalThis.fetch }: HeartbeatOptions,
  { log, bus, clock, refusing = () => false }: HeartbeatHouse,
): Heartbeat {
  const protocol = url !== undefined && URL.canParse(url) ? new URL(url).protocol : ''
  if (url === undefined || !/^https?:$/.test(protocol))
    throw new InvalidInput('heartbeat.url', 'is not an address: give the https:// address that expects the beats')
  if (!(everyMs >= 1_000)) throw new InvalidInput('heartbeat.everyMs', 'must be 1,000 milliseconds or more')
  const { username, password } = new URL(url)
  if (username !== '' || password !== '')
    throw new InvalidInput('heartbeat.url', 'holds a user or a password, which no beat can carry: leave them out of it')
  const address = url
  let loopRan = false
  /** How the last message of each notifier went. One that has only failed counts as one that should wake. */
  const channels = new Map<string, { readonly works: boolean; readonly reach: Reach }>()

  function wakes(): boolean {
    const waking = Array.from(channels.values()).filter(({ reach }) => reach === 'wake')
    return waking.length === 0 || waking.some(({ works }) => works)
  }

  /** A write without events: it goes the way of every append and leaves nothing behind. */
  async function logTakesAppends(): Promise<boolean> {
    try {
      await log.append([{ stream: 'service/*', events: [], expected: 'dedupe' }])
      return true
    } catch {
      return false
    }
  }

  async function beat(signal: AbortSignal) {
    while (!signal.aborted) {
      await clock.sleep(everyMs, signal)
      const alive = loopRan && wakes() && !refusing() && (await logTakesAppends())
      loopRan = false
      if (!alive) continue
      const deadline = withDeadline(clock, timeoutMs, signal)
      // A beat that is lost is what the switch is for: it is not repeated.
      await fetch(address, { method: 'POST', signal: deadline.signal, redirect: 'error' })
        .then(async (response) => response.body?.cancel())
        .catch(() => undefined)
      deadline.clear()
    }
  }

  return {
    everyMs,
    ran() {
      loopRan = true
    },
    start(signal) {
      const sent = bus.on('page.sent', ({ notifier, reach }) => void channels.set(notifier, { works: true, reach }))
      const failed = bus.on('page.failed', ({ notifier }) => {
        channels.set(notifier, { works: false, reach: channels.get(notifier)?.reach ?? 'wake' })
      })
      beat(signal)
        .catch(() => undefined)
        .finally(() => {
          sent()
          failed()
        })
    },
  }
}
