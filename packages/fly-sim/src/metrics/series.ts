/** One sample; `time` in milliseconds since the epoch. */
export interface Sample {
  readonly time: number
  readonly value: number
}

export type Labels = Readonly<Record<string, string>>

/** One line of Prometheus, with the samples that were taken of it. */
export interface Series {
  readonly name: string
  readonly labels: Labels
  /** Samples with from < time ≤ to, oldest first. */
  range(from: number, to: number): readonly Sample[]
  /** The newest sample with from < time ≤ to. */
  last(from: number, to: number): Sample | undefined
}

/** When samples are taken: every `everyMs`, at the same moments for all series, except where some got lost. */
export interface Grid {
  readonly everyMs: number
  /** Sample moments with from < time ≤ to. */
  times(from: number, to: number, app: string): readonly number[]
  lastTime(from: number, to: number, app: string): number | undefined
}

export function createGrid(everyMs: number, anchor: number, lost: (time: number, app: string) => boolean): Grid {
  const before = (to: number) => anchor + Math.floor((to - anchor) / everyMs) * everyMs
  return {
    everyMs,
    times(from, to, app) {
      const times: number[] = []
      for (let time = before(to); time > from && time >= anchor; time -= everyMs) if (!lost(time, app)) times.push(time)
      return times.reverse()
    },
    lastTime(from, to, app) {
      for (let time = before(to); time > from && time >= anchor; time -= everyMs) if (!lost(time, app)) return time
      return undefined
    },
  }
}

/** A series whose value at any moment can be computed; it is read where the grid says. `undefined` is absence. */
export function computedSeries(
  name: string,
  labels: Labels,
  grid: Grid,
  valueAt: (time: number) => number | undefined,
): Series {
  const app = labels['app'] ?? ''
  return {
    name,
    labels,
    range(from, to) {
      const samples: Sample[] = []
      for (const time of grid.times(from, to, app)) {
        const value = valueAt(time)
        if (value !== undefined) samples.push({ time, value })
      }
      return samples
    },
    last(from, to) {
      const time = grid.lastTime(from, to, app)
      const value = time === undefined ? undefined : valueAt(time)
      return time === undefined || value === undefined ? undefined : { time, value }
    },
  }
}

/** Index of the last entry with time ≤ at, or -1. */
export function indexAt(entries: readonly { readonly time: number }[], at: number): number {
  let low = 0
  let high = entries.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (entries[middle]!.time <= at) low = middle + 1
    else high = middle
  }
  return low - 1
}
