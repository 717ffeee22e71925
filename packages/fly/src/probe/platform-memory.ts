import type { FlyApp } from '../fly-app.ts'
import type { PlatformStatus } from '../status/platform-status.ts'

/** Asks the status page now and then; a page that cannot be read says nothing about the platform. */
export function platformMemory(app: FlyApp, everyMs: number) {
  let known: PlatformStatus | undefined
  let askedAt = Number.NEGATIVE_INFINITY
  return async function platform(signal: AbortSignal): Promise<PlatformStatus | undefined> {
    if (app.clock.now() - askedAt < everyMs) return known
    askedAt = app.clock.now()
    known = await app.platformStatus({ signal, timeoutMs: 5_000, retry: false }).catch((error: unknown) => {
      if (signal.aborted) throw error
      return undefined
    })
    return known
  }
}
