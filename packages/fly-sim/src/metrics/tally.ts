/** Responses by status, with their latencies in buckets: what a proxy counts. Values only ever rise. */
export interface StatusTally {
  count: number
  sumSeconds: number
  /** Responses within each bound, cumulative; the last bound is infinity and equals `count`. */
  readonly within: Float64Array
}

export type Tally = Map<string, StatusTally>

export function addTo(tally: Tally, status: string, bounds: readonly number[]): StatusTally {
  let own = tally.get(status)
  if (own === undefined) {
    own = { count: 0, sumSeconds: 0, within: new Float64Array(bounds.length) }
    tally.set(status, own)
  }
  return own
}

export function countOne(tally: Tally, status: string, seconds: number, bounds: readonly number[]): void {
  const own = addTo(tally, status, bounds)
  own.count += 1
  own.sumSeconds += seconds
  for (let index = bounds.length - 1; index >= 0 && seconds <= bounds[index]!; index -= 1) own.within[index]! += 1
}

export function copyTally(tally: Tally): Tally {
  const copy: Tally = new Map()
  for (const [status, own] of tally)
    copy.set(status, { count: own.count, sumSeconds: own.sumSeconds, within: own.within.slice() })
  return copy
}
