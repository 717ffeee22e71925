import { randomFillSync } from 'node:crypto'
import type { Random } from '@firebreak/core'

/** 96 bits: nobody tries them all to guess what a redacted event said. */
const bytesPerSalt = 12

/**
 * Salts for the digests of data. From the system's cryptographic generator unless a `Random` is given, as tests and
 * simulations do: `Math.random` can be worked out from the salts of neighbouring events, and that would unmask a redacted one.
 */
export function createSalts(random: Random | undefined): () => string {
  const poolSize = bytesPerSalt * (random === undefined ? 340 : 1)
  const pool = Buffer.alloc(poolSize)
  let used = poolSize
  function refill() {
    if (random === undefined) randomFillSync(pool)
    else for (let index = 0; index < pool.length; index += 1) pool[index] = Math.floor(random() * 256)
    used = 0
  }
  return function nextSalt() {
    if (used + bytesPerSalt > poolSize) refill()
    used += bytesPerSalt
    return pool.toString('base64url', used - bytesPerSalt, used)
  }
}
