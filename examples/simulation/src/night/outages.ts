import type { HealthSource } from '@firebreak/core'

/** Users failed, in milliseconds since the epoch. */
export interface Outage {
  readonly from: number
  readonly until: number
}

/** P1 by any reading. */
const outageRatio = 0.2
const lookMs = 15_000

/** When users failed, as the service itself can tell when all is over. */
export async function outagesOf(health: HealthSource, started: number, ended: number): Promise<readonly Outage[]> {
  const { signal } = new AbortController()
  const outages: { from: number; until: number }[] = []
  for (let since = started; since < ended; since += lookMs) {
    const until = since + lookMs
    const { errorRatio } = await health.sample({ since, until, signal })
    if ((errorRatio ?? 0) < outageRatio) continue
    const last = outages.at(-1)
    if (last?.until === since) last.until = until
    else outages.push({ from: since, until })
  }
  return outages
}
