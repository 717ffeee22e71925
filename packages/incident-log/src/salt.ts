import { createCipheriv, randomBytes } from 'node:crypto'
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
  const pool = random === undefined ? secureBytes : () => seededBytes(random)
  let salts = ''
  let used = 0
  return function nextSalt() {
    if (used === salts.length) {
      salts = pool().toString('base64url')
      used = 0
    }
    used += saltLength
    return salts.slice(used - saltLength, used)
  }
}

const zeroes = Buffer.alloc(bytesPerSalt * saltsAtOnce)

/** A key stream under a key that is used once: as good as its key, at a tenth of the price of so many random bytes. */
function secureBytes(): Buffer {
  return createCipheriv('aes-128-ctr', randomBytes(16), zeroes.subarray(0, 16)).update(zeroes)
}

function seededBytes(random: Random): Buffer {
  const bytes = Buffer.alloc(bytesPerSalt)
  for (let index = 0; index < bytes.length; index += 1) bytes[index] = Math.floor(random() * 256)
  return bytes
}
