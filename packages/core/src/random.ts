import { v7 } from 'uuid'
import type { Clock } from './clock.ts'

/** The only source of randomness: uniform in [0, 1). */
export type Random = () => number

/* oxlint-disable house/clock-port -- this is the port */
export const systemRandom: Random = () => Math.random()

/** A UUIDv7: sortable by time, unique by randomness. Same clock and random, same id. */
export function createId(clock: Clock, random: Random): string {
  return v7({
    msecs: clock.now(),
    rng: () => Uint8Array.from({ length: 16 }, () => Math.floor(random() * 256)),
    seq: Math.floor(random() * 0x7fff_ffff),
  })
}

/** Deterministic randomness from a seed (mulberry32: 32 bits of state, good enough for jitter and simulation). */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** Crockford's alphabet without letters that are misread on a phone. */
const alphabet = '23456789ABCDEFGHJKMNPQRSTVWXYZ'

/** Four characters that a person can type half-asleep; starts with a digit, so that it is never a word. */
export function createCode(random: Random): string {
  const pick = (from: string) => from[Math.floor(random() * from.length)] ?? '2'
  return pick('23456789') + pick(alphabet) + pick(alphabet) + pick(alphabet)
}
