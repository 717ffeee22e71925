import { randomFillSync } from 'node:crypto'
import type { Random } from '@firebreak/core'

/** 96 bits: nobody tries them all to guess what a redacted event said. */
const bytesPerSalt = 12
/** Three bytes are four characters of base64url, so that salts can be cut from one long text. */
const saltLength = (bytesPerSalt / 3) * 4
const saltsAtOnce = 256

/**
 * Salts for the digests of data. From the system's cryptographic generator unless a `Random` is given, as tests and
 * simulations do: `Math.random` can be worked out from the salts of neighbouring events, and that would unmask a redacted one.
 */
export function createSalts(random: Random | undefined): () => string {
  const pool = Buffer.alloc(bytesPerSalt * (random === undefined ? saltsAtOnce : 1))
  let salts = ''
  let used = 0
  function refill() {
    if (random === undefined) randomFillSync(pool)
    else for (let index = 0; index < pool.length; index += 1) pool[index] = Math.floor(random() * 256)
    salts = pool.toString('base64url')
    used = 0
  }
  return function nextSalt() {
    if (used === salts.length) refill()
    used += saltLength
    return salts.slice(used - saltLength, used)
  }
}
