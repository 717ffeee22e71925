import { createHash } from 'node:crypto'
import { redact } from '@firebreak/core'
import { entryOf, type Entries } from './fields.ts'

const separator = 0xff
const encoder = new TextEncoder()

/**
 * The fingerprint that Prometheus and Alertmanager give a set of labels (64-bit FNV-1a over the sorted names and values),
 * so that an alert has the same key whichever way it arrives, and the one that their own tools show.
 */
export function labelsFingerprint(labels: Entries): string {
  const names = labels.filter((_, index) => index % 2 === 0)
  names.sort((left, right) => (left < right ? -1 : left > right ? 1 : 0))
  const state = new Fnv()
  for (const name of names) {
    state.text(name)
    state.byte(separator)
    state.text(entryOf(labels, name) ?? '')
    state.byte(separator)
  }
  return state.hex()
}

/** 64-bit FNV-1a in four limbs of 16 bits: BigInt would cost more than everything else about an alert. */
class Fnv {
  // 0xcbf29ce484222325, lowest limb first
  #limb0 = 0x2325
  #limb1 = 0x8422
  #limb2 = 0x9ce4
  #limb3 = 0xcbf2

  /** hash = (hash xor byte) × 0x100000001b3 */
  byte(value: number): void {
    const low0 = this.#limb0 ^ value
    const product0 = low0 * 0x1b3
    const product1 = this.#limb1 * 0x1b3 + (product0 >>> 16)
    const product2 = this.#limb2 * 0x1b3 + (low0 << 8) + (product1 >>> 16)
    const product3 = this.#limb3 * 0x1b3 + (this.#limb1 << 8) + (product2 >>> 16)
    this.#limb0 = product0 & 0xffff
    this.#limb1 = product1 & 0xffff
    this.#limb2 = product2 & 0xffff
    this.#limb3 = product3 & 0xffff
  }

  text(text: string): void {
    for (let index = 0; index < text.length; index += 1) {
      const code = text.charCodeAt(index)
      if (code > 0x7f) return this.#bytes(encoder.encode(text.slice(index)))
      this.byte(code)
    }
  }

  #bytes(bytes: Uint8Array): void {
    for (const byte of bytes) this.byte(byte)
  }

  hex(): string {
    return [this.#limb3, this.#limb2, this.#limb1, this.#limb0]
      .map((limb) => limb.toString(16).padStart(4, '0'))
      .join('')
  }
}

/** A name of any length and alphabet as a short one: itself where it is short, plain and no secret. */
export function shortName(text: string): string {
  if (isFingerprint(text)) return text
  if (/^[\w.:-]{1,64}$/.test(text) && redact(text) === text) return text
  return createHash('sha256').update(text).digest('hex').slice(0, 32)
}

/** As Alertmanager writes them; sixteen digits alone may be a card. */
function isFingerprint(text: string): boolean {
  return /^[0-9a-f]{16}$/.test(text) && /[a-f]/.test(text)
}
