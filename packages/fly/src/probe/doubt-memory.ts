import type { HealthSample, HealthSource } from '@firebreak/core'

/** The policy's windows beyond the first, for when users are too few to tell. Milliseconds. */
const widerMs = [300_000, 1_800_000, 3_600_000]

/** From so many failures on a ratio counts as it stands; a smaller ratio than that has no level. */
const provingFailures = 10
const lowestRatio = 0.01

/**
 * Longer looks back, one after the other, while requests fail and no window has enough of them to tell. None reaches behind
 * the last look that found users well: what is over does not come back with the next lost request.
 */
export function doubtMemory(health: HealthSource) {
  let illSince: number | undefined
  return async function wider(shortest: HealthSample, signal: AbortSignal): Promise<readonly HealthSample[]> {
    if (shortest.errorRatio !== null && shortest.errorRatio < lowestRatio) illSince = undefined
    else if (shortest.errorRatio !== null) illSince ??= shortest.since
    const found: HealthSample[] = []
    let last = shortest
    for (const windowMs of widerMs) {
      if (illSince === undefined || !isUnsure(last)) break
      const since = Math.max(shortest.until - windowMs, illSince)
      // Whole seconds are what there is to ask for.
      if (last.since - since < 1_000) break
      last = await health.sample({ since, until: shortest.until, signal })
      found.push(last)
    }
    return found
  }
}

function isUnsure({ errorRatio, errors }: HealthSample): boolean {
  return errorRatio !== null && errors !== null && errorRatio >= lowestRatio && errors < provingFailures
}
