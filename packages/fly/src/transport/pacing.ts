import type { Clock } from '@firebreak/core'

/** How many requests a second, and how many at once after a pause. */
export interface Pace {
  readonly perSecond: number
  readonly burst: number
}

/** Fly counts each action on each machine (or app) for itself. */
export interface Pacing {
  /** Default 1/s, burst 3. */
  readonly action: Pace
  /** `GET machine`: default 5/s, burst 10. */
  readonly getMachine: Pace
}

export const flyPacing: Pacing = {
  action: { perSecond: 1, burst: 3 },
  getMachine: { perSecond: 5, burst: 10 },
}

export interface Pacer {
  /** Resolves when the request may go. */
  take(key: string, pace: Pace, signal: AbortSignal): Promise<void>
}

const mostKeys = 10_000

/** Holds requests back before Fly does. Each key has its own queue, first come, first served. */
export function createPacer(clock: Clock): Pacer {
  /** When each key's next slot would be, if the burst were used up. */
  const slots = new Map<string, number>()
  let before = clock.now()

  /** A clock that was set back must not stretch the waits. */
  function now(): number {
    const time = clock.now()
    if (time < before) for (const [key, slot] of slots) slots.set(key, slot - (before - time))
    before = time
    return time
  }

  return {
    async take(key, { perSecond, burst }, signal) {
      const time = now()
      const everyMs = 1_000 / perSecond
      const slot = Math.max(slots.get(key) ?? 0, time)
      slots.set(key, slot + everyMs)
      if (slots.size > mostKeys) for (const [other, at] of slots) if (at <= time) slots.delete(other)
      const waitMs = Math.ceil(slot - (burst - 1) * everyMs - time)
      if (waitMs > 0) await clock.sleep(waitMs, signal)
    },
  }
}
