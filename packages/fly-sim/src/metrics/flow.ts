import { latencyMean, latencyShare } from '../behaviour.ts'
import type { Profile } from '../behaviour.ts'
import { indexAt } from './series.ts'
import { addTo, copyTally, countOne } from './tally.ts'
import type { Tally } from './tally.ts'

/** Which part of the requests gets which profile. Parts add up to 1; `status` stands in where nobody answered. */
export interface Share {
  readonly profile: Profile
  readonly part: number
}

interface Segment {
  readonly time: number
  /** Value of the driving volume at this moment. */
  readonly volume: number
  readonly shares: readonly Share[]
  /** What had been counted when the segment began. */
  readonly base: Tally
}

/**
 * Responses as a function of a volume that somebody else measures: between two changes they grow in proportion, so a
 * thousand machines under steady load cost nothing at all, and any moment can be read exactly.
 */
export interface Flow {
  /** From now on requests are answered so. */
  turn(time: number, volume: number, shares: readonly Share[]): void
  /** One request outside the steady load. */
  one(time: number, volume: number, status: string, seconds: number): void
  readonly statuses: () => readonly string[]
  value(time: number, volumeAt: (time: number) => number, status: string): Reading | undefined
}

export interface Reading {
  readonly count: number
  readonly sumSeconds: number
  within(index: number): number
}

export function createFlow(bounds: readonly number[]): Flow {
  const segments: Segment[] = []
  const seen = new Set<string>()

  function tallyOf(segment: Segment, volume: number): Tally {
    const tally = copyTally(segment.base)
    const requests = volume - segment.volume
    for (const { profile, part } of segment.shares)
      for (const [status, ratio] of outcomes(profile)) {
        if (ratio === 0) continue
        const own = addTo(tally, status, bounds)
        const answered = requests * part * ratio
        own.count += answered
        own.sumSeconds += (answered * latencyMean(profile)) / 1_000
        for (const [index, bound] of bounds.entries())
          own.within[index]! += answered * latencyShare(profile, bound * 1_000)
      }
    return tally
  }

  function push(segment: Segment) {
    for (const { profile } of segment.shares)
      for (const [status, ratio] of outcomes(profile)) if (ratio > 0) seen.add(status)
    const last = segments.at(-1)
    if (last !== undefined && last.time >= segment.time) segments[segments.length - 1] = segment
    else segments.push(segment)
  }

  const baseAt = (volume: number): Tally => {
    const last = segments.at(-1)
    return last === undefined ? new Map() : tallyOf(last, volume)
  }

  return {
    turn: (time, volume, shares) => push({ time, volume, shares, base: baseAt(volume) }),
    one(time, volume, status, seconds) {
      const base = baseAt(volume)
      countOne(base, status, seconds, bounds)
      seen.add(status)
      push({ time, volume, shares: segments.at(-1)?.shares ?? [], base })
    },
    statuses: () => [...seen],
    value(time, volumeAt, status) {
      const segment = segments[indexAt(segments, time)]
      if (segment === undefined) return undefined
      const base = segment.base.get(status)
      const requests = volumeAt(time) - segment.volume
      let answered = 0
      let seconds = 0
      const parts: { readonly profile: Profile; readonly answered: number }[] = []
      for (const { profile, part } of segment.shares)
        for (const [answer, ratio] of outcomes(profile)) {
          if (answer !== status || ratio === 0) continue
          const amount = requests * part * ratio
          answered += amount
          seconds += (amount * latencyMean(profile)) / 1_000
          parts.push({ profile, answered: amount })
        }
      if (base === undefined && answered === 0) return undefined
      return {
        count: (base?.count ?? 0) + answered,
        sumSeconds: (base?.sumSeconds ?? 0) + seconds,
        within: (index) =>
          parts.reduce(
            (sum, { profile, answered: amount }) =>
              sum + amount * latencyShare(profile, (bounds[index] ?? Infinity) * 1_000),
            base?.within[index] ?? 0,
          ),
      }
    },
  }
}

function outcomes({ errorRatio, status }: Profile): readonly (readonly [string, number])[] {
  return [
    ['200', 1 - errorRatio],
    [String(status), errorRatio],
  ]
}
