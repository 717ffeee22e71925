import { indexAt } from './series.ts'

/** A gauge that jumps. `undefined` where the series does not exist. */
export interface Steps {
  /** Takes the place of everything that was set for later. */
  set(time: number, value: number | undefined): void
  readonly at: (time: number) => number | undefined
}

export function createSteps(): Steps {
  const points: { readonly time: number; readonly value: number | undefined }[] = []
  return {
    set(time, value) {
      while ((points.at(-1)?.time ?? -Infinity) >= time) points.pop()
      if (points.at(-1)?.value !== value) points.push({ time, value })
    },
    at: (time) => points[indexAt(points, time)]?.value,
  }
}
