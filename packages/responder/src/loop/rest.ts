/** Parts announce their times; one that forgot to is asked again after so long, at the next look. */
const longestMs = 60_000

/**
 * A plan that left nothing to do. It is a function of what is recorded and of the time, and names the times at which it
 * would be another: until then, and while nothing is recorded, it need not be made again.
 */
export interface Rest {
  /** What it was made of. */
  readonly ground: string
  /** Milliseconds since the epoch. */
  readonly madeAt: number
  /** When something falls due; `undefined`: never. Milliseconds since the epoch. */
  readonly until: number | undefined
}

export function stands(rest: Rest | undefined, ground: string, now: number): rest is Rest {
  return rest?.ground === ground && now < (rest.until ?? Infinity) && now < rest.madeAt + longestMs
}
