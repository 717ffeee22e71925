import type { Severity } from '@firebreak/core'
import type { Band } from './policy.ts'

/** The band whose lower bound the value clears, worst first. Upper bounds are checked by `defineSeverityPolicy`, not here. */
export function bandOf(bands: readonly Band[], value: number): Band | undefined {
  for (let index = 0; index < bands.length; index += 1) {
    const band = bands[index]!
    if (band.above === undefined ? value >= (band.from ?? 0) : value > band.above) return band
  }
  return undefined
}

/** The lower bound of a band. */
export function entryOf(band: Band): number {
  return band.above ?? band.from ?? 0
}

export function bandAt(bands: readonly Band[], level: Severity): Band | undefined {
  return bands.find((band) => band.level === level)
}
