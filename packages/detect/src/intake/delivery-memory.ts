import { wholeIn } from '../numbers.ts'

/**
 * Remembers which deliveries were taken, so that a recorded one cannot be sent again. Give an intake one that lives in
 * your store, and a replay after a restart is refused too.
 */
export interface DeliveryMemory {
  /** Must be true until `expiresAt` for an id that `add` has resolved for. */
  has(id: string, now: number): Promise<boolean> | boolean
  /** Milliseconds since the epoch. Called after the delivery was stored. Must be idempotent. */
  add(id: string, expiresAt: number): Promise<void> | void
}

/** In this process only. Full, it forgets the oldest first; only verified deliveries get in. Default 10,000 ids. */
export function memoryDeliveries({ capacity = 10_000 }: { capacity?: number | undefined } = {}): DeliveryMemory {
  wholeIn(capacity, 'capacity', 1)
  const expiries = new Map<string, number>()
  return {
    has: (id, now) => (expiries.get(id) ?? 0) > now,
    add(id, expiresAt) {
      expiries.delete(id)
      expiries.set(id, expiresAt)
      const [oldest] = expiries.keys()
      if (expiries.size > capacity && oldest !== undefined) expiries.delete(oldest)
    },
  }
}
