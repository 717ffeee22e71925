import { InvalidInput, withDeadline, type Clock } from '@firebreak/core'

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
  /** The log took an append, or was read. */
  logWorked(): void
  stop(): void
}

/** Beats only while the loop ran and the log answered since the last beat: a process that merely exists does not count. */
export function startHeartbeat(
  { url, everyMs = 60_000, fetch = globalThis.fetch }: HeartbeatOptions,
  clock: Clock,
  check: () => Promise<boolean>,
): Heartbeat {
  if (url === undefined || !URL.canParse(url)) throw new InvalidInput('heartbeat.url', 'is not an address')
  const address = url
  const stopping = new AbortController()
  let loopRan = false
  let logAnswered = false

  async function beat() {
    while (!stopping.signal.aborted) {
      await clock.sleep(everyMs, stopping.signal)
      const alive = loopRan && (logAnswered || (await check()))
      loopRan = false
      logAnswered = false
      if (!alive) continue
      const deadline = withDeadline(clock, 10_000, stopping.signal)
      // A beat that is lost is what the switch is for: it is not repeated.
      await fetch(address, { method: 'POST', signal: deadline.signal, redirect: 'error' })
        .then(async (response) => response.body?.cancel())
        .catch(() => undefined)
      deadline.clear()
    }
  }
  beat().catch(() => undefined)

  return {
    ran() {
      loopRan = true
    },
    logWorked() {
      logAnswered = true
    },
    stop: () => stopping.abort(),
  }
}
