import { createHash } from 'node:crypto'
import { redact } from '@firebreak/core'
import type { Entries } from './fields.ts'

const separator = 0xff
const encoder = new TextEncoder()

/**
 * The fingerprint that Prometheus and Alertmanager give a set of labels (64-bit FNV-1a over the sorted names and values),
 * so that an alert has the same key whichever way it arrives, and the one that their own tools show.
 */
export function labelsFingerprint(labels: Entries): string {
  const state = new Fnv()
  for (const place of placesByName(labels)) {
    state.text(labels[place] ?? '')
    state.byte(separator)
    state.text(labels[place + 1] ?? '')
    state.byte(separator)
  }
  return state.hex()
}

/** As many names are sorted where they lie; more take a sort that does not mind how many they are. */
const few = 32

function placesByName(labels: Entries): readonly number[] {
  const places: number[] = []
  for (let place = 0; place < labels.length; place += 2) places.push(place)
  const nameAt = (place: number | undefined) => labels[place ?? 0] ?? ''
  if (places.length > few) return places.sort((left, right) => (nameAt(left) < nameAt(right) ? -1 : 1))
  for (let end = 1; end < places.length; end += 1) {
    const place = places[end] ?? 0
    let at = end
    for (; at > 0 && nameAt(places[at - 1]) > nameAt(place); at -= 1) places[at] = places[at - 1] ?? 0
    places[at] = place
  }
  return places
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

  /** Made in one piece: a text put together from pieces stays in pieces, and keys are kept by the thousand. */
  hex(): string {
    writeHex(this.#limb3, 0)
    writeHex(this.#limb2, 4)
    writeHex(this.#limb1, 8)
    writeHex(this.#limb0, 12)
    return hexText.toString('latin1')
  }
}

const digits = Buffer.from('0123456789abcdef')
const hexText = Buffer.alloc(16)

function writeHex(limb: number, at: number): void {
  for (let digit = 0; digit < 4; digit += 1) hexText[at + digit] = digits[(limb >>> (12 - digit * 4)) & 0xf] ?? 0
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
