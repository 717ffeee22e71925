import { violationsOf } from './night/invariants.ts'
import { liveThrough, type Weakening } from './night/night.ts'
import { drawStory, type Story } from './night/story.ts'

export interface SeedResult {
  readonly seed: number
  readonly violations: readonly string[]
  readonly digest: string
  readonly events: number
  readonly effects: number
  readonly crashes: number
  readonly wakes: number
}

/** Lives through the night of one seed and judges it. */
export async function simulateSeed(seed: number, weakening?: Weakening): Promise<SeedResult> {
  return simulateStory(drawStory(seed), weakening)
}

export async function simulateStory(story: Story, weakening?: Weakening): Promise<SeedResult> {
  const night = await liveThrough(story, weakening)
  return {
    seed: story.seed,
    violations: violationsOf(night),
    digest: night.digest,
    events: night.events.length,
    effects: night.effects.length,
    crashes: night.crashes,
    wakes: night.arrived.filter(({ reach, page }) => reach === 'wake' && page.kind === 'trigger').length,
  }
}

export interface Totals {
  readonly seeds: number
  readonly failed: number
  readonly events: number
  readonly effects: number
  readonly crashes: number
  readonly wakes: number
  readonly cpuMs: number
}

export const nothing: Totals = { seeds: 0, failed: 0, events: 0, effects: 0, crashes: 0, wakes: 0, cpuMs: 0 }

export function sum(one: Totals, other: Totals): Totals {
  return {
    seeds: one.seeds + other.seeds,
    failed: one.failed + other.failed,
    events: one.events + other.events,
    effects: one.effects + other.effects,
    crashes: one.crashes + other.crashes,
    wakes: one.wakes + other.wakes,
    cpuMs: one.cpuMs + other.cpuMs,
  }
}

/** Every how many seeds one is lived through twice. */
const twiceEvery = 100

/** The night of a seed with all rules, those included that need a second night of it. */
export async function judgeSeed(seed: number, weakening?: Weakening, twice = seed % twiceEvery === 0): Promise<SeedResult> {
  const result = await simulateSeed(seed, weakening)
  if (!twice || (await simulateSeed(seed, weakening)).digest === result.digest) return result
  return { ...result, violations: [...result.violations, 'sameSeedSameLog: a second night of this seed left another log'] }
}

/** Seeds `first`, `first + step`, … one after the other. Each failing one is told in a line that replays it. */
export async function simulate(
  { first, count, step = 1, weakening }: { first: number; count: number; step?: number; weakening?: Weakening | undefined },
  tell: (line: string) => void,
): Promise<Totals> {
  let totals = nothing
  const before = process.cpuUsage()
  for (let number = 0; number < count; number += 1) {
    const seed = first + number * step
    const { violations, events, effects, crashes, wakes } = await judgeSeed(seed, weakening)
    const [worst] = violations
    if (worst !== undefined) {
      const more = violations.length === 1 ? '' : ` (and ${violations.length - 1} more)`
      tell(`pnpm simulate --seed ${seed}   # ${worst}${more}`)
    }
    totals = sum(totals, { seeds: 1, failed: worst === undefined ? 0 : 1, events, effects, crashes, wakes, cpuMs: 0 })
  }
  const { user, system } = process.cpuUsage(before)
  return { ...totals, cpuMs: (user + system) / 1_000 }
}
