/** Fly's documented limits, counted per action and machine (or app). */
export interface Limiter {
  /** False when the action must wait. */
  allow(operation: string, identifier: string, now: number): boolean
  enabled: boolean
}

interface Bucket {
  tokens: number
  at: number
}

const ordinary = { perSecond: 1, burst: 3 }
const reading = { perSecond: 5, burst: 10 }

export function createLimiter(enabled: boolean): Limiter {
  const buckets = new Map<string, Bucket>()
  const limiter: Limiter = {
    enabled,
    allow(operation, identifier, now) {
      if (!limiter.enabled) return true
      const { perSecond, burst } = operation === 'machines.get' ? reading : ordinary
      const key = `${operation} ${identifier}`
      const bucket = buckets.get(key) ?? { tokens: burst, at: now }
      bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.at) / 1_000) * perSecond)
      bucket.at = now
      buckets.set(key, bucket)
      if (bucket.tokens < 1) return false
      bucket.tokens -= 1
      return true
    },
  }
  return limiter
}
