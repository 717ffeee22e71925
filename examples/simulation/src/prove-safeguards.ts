import type { Weakening } from './night/night.ts'
import { safeguards } from './safeguards.ts'
import { judgeSeed } from './simulate.ts'

export interface SafeguardSeeds {
  readonly first: number
  /** A safeguard that this many nights do not miss is not needed, or not tested. */
  readonly count: number
}

/** What the search for one safeguard found: the night that missed it, or nothing. */
export interface Caught {
  readonly safeguard: string
  readonly seed: number | undefined
  /** The rule that broke first, with what broke it. */
  readonly violation: string | undefined
}

/**
 * Takes the safeguards away one by one, and lives through nights until one breaks a rule. Then the same nights with all of
 * them in place, which must break none: only then was it the safeguard that held them.
 */
export async function proveSafeguards({ first, count }: SafeguardSeeds, tell: (line: string) => void): Promise<boolean> {
  const names = Object.keys(safeguards)
  const width = Math.max(...names.map(({ length }) => length)) + 2
  const results: Caught[] = []
  for (const safeguard of names) {
    const caught = { safeguard, ...(await firstBroken({ first, count }, safeguards[safeguard])) }
    results.push(caught)
    tell(`${safeguard.padEnd(width)}${describe(caught, count)}`)
  }
  const last = Math.max(first, ...results.map(({ seed }) => seed ?? first))
  const control = await firstBroken({ first, count: last - first + 1 })
  const told = control.seed === undefined ? `no rule broken in seeds ${first} to ${last}` : `BROKEN at seed ${control.seed}: ${control.violation}`
  tell(`${'all in place'.padEnd(width)}${told}`)
  const missed = results.filter(({ seed }) => seed === undefined).map(({ safeguard }) => safeguard)
  if (missed.length > 0) tell(`not missed by any of ${count} nights: ${missed.join(', ')}`)
  return missed.length === 0 && control.seed === undefined
}

async function firstBroken({ first, count }: SafeguardSeeds, weakening?: Weakening): Promise<Omit<Caught, 'safeguard'>> {
  for (let seed = first; seed < first + count; seed += 1) {
    // Chance shows only in a second night of the same seed.
    const { violations } = await judgeSeed(seed, weakening, weakening?.random !== undefined)
    if (violations[0] !== undefined) return { seed, violation: violations[0] }
  }
  return { seed: undefined, violation: undefined }
}

function describe({ seed, violation }: Caught, count: number): string {
  return seed === undefined ? `NOT CAUGHT in ${count} nights` : `caught by seed ${String(seed).padEnd(5)} ${violation}`
}
