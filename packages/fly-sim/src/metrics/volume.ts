import { indexAt } from './series.ts'

/** Requests so far, where the rate changes only now and then: exact at every moment, cheap at every length. */
export interface Volume {
  /** From now on so many per second. */
  turn(time: number, perSecond: number): void
  readonly at: (time: number) => number
}

export function createVolume(): Volume {
  const points: { readonly time: number; readonly value: number; readonly perSecond: number }[] = []
  const at = (time: number) => {
    const point = points[indexAt(points, time)]
    return point === undefined ? 0 : point.value + (point.perSecond * (time - point.time)) / 1_000
  }
  return {
    turn(time, perSecond) {
      const value = at(time)
      const last = points.at(-1)
      if (last?.perSecond === perSecond) return
      if (last !== undefined && last.time >= time) points[points.length - 1] = { time, value, perSecond }
      else points.push({ time, value, perSecond })
    },
    at,
  }
}
