import { seededRandom, type Random } from '@firebreak/core'

/** Dice for stories: everything random of one seed comes from here. */
export interface Draw {
  readonly random: Random
  chance(probability: number): boolean
  /** Whole number, both ends included. */
  between(low: number, high: number): number
  pick<T>(from: readonly [T, ...T[]]): T
}

export function createDraw(seed: number): Draw {
  const random = seededRandom(seed)
  // Neighbouring seeds begin alike: a few throws part them.
  for (let turn = 0; turn < 8; turn += 1) random()
  return {
    random,
    chance: (probability) => random() < probability,
    between: (low, high) => low + Math.floor(random() * (high - low + 1)),
    pick: (from) => from[Math.floor(random() * from.length)] ?? from[0],
  }
}
