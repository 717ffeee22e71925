import { InvalidInput } from '@firebreak/core'
import { numberIn } from './numbers.ts'

export interface FlapOptions {
  /** Per cent from which on it flaps. Default 30. */
  readonly startAt?: number | undefined
  /** Per cent down to which it no longer does; in between it stays what it was. Default 20. */
  readonly stopAt?: number | undefined
  /** What `state()` gave earlier. */
  readonly state?: FlapState | undefined
}

/** Plain data, so that it survives a restart. */
export interface FlapState {
  /** Oldest first, at most 21. */
  readonly states: readonly string[]
  readonly flapping: boolean
}

export interface FlapVerdict {
  /** 0…100: how much the state changed lately, newer changes counting more. */
  readonly score: number
  readonly flapping: boolean
  /** Whether this observation began or ended the flapping: tell it once. */
  readonly changed: 'started' | 'stopped' | undefined
}

export interface FlapDetector {
  /** Takes the next state: 'firing', 'resolved', or any word. */
  observe(state: string): FlapVerdict
  state(): FlapState
}

const ring = 21
const oldestWeight = 0.75
const newestWeight = 1.25

/** Nagios's measure of flapping: the last 21 states, changes weighted from 0.75 (oldest) to 1.25 (newest), in per cent. */
export function flapDetector(options: FlapOptions = {}): FlapDetector {
  const startAt = numberIn(options.startAt ?? 30, 'startAt', 0, 100)
  const stopAt = numberIn(options.stopAt ?? 20, 'stopAt', 0, startAt)
  const states = readStates(options.state)
  let flapping = options.state?.flapping ?? false
  return {
    observe(state) {
      states.push(state)
      if (states.length > ring) states.shift()
      const score = flapScore(states)
      const before = flapping
      flapping = before ? score > stopAt : score >= startAt
      return { score, flapping, changed: flapping === before ? undefined : flapping ? 'started' : 'stopped' }
    },
    state: () => ({ states: [...states], flapping }),
  }
}

/** The score of up to 21 states, oldest first. Before the first one nothing has changed. */
export function flapScore(states: readonly string[]): number {
  const newest = states.slice(-ring)
  const missing = ring - newest.length
  let sum = 0
  for (let index = 1; index < newest.length; index += 1) {
    const place = missing + index - 1
    if (newest[index] !== newest[index - 1]) sum += oldestWeight + (place * (newestWeight - oldestWeight)) / (ring - 2)
  }
  return (100 * sum) / (ring - 1)
}

function readStates(state: FlapState | undefined): string[] {
  if (state === undefined) return []
  if (!Array.isArray(state.states) || state.states.some((value) => typeof value !== 'string'))
    throw new InvalidInput('state.states', 'must be a list of texts')
  return state.states.slice(-ring)
}
