import type { Stamps } from './stamps.ts'

/** A moment on the chart. */
export interface Mark {
  readonly label: string
  readonly at: number
  readonly version: number | null
}

const order = ['detected', 'paged', 'acknowledged', 'mitigated', 'verified', 'resolved'] as const

export function marksOf(stamps: Stamps, onset: number | null): readonly Mark[] {
  const onsets = onset === null ? [] : [{ label: 'began', at: onset, version: null }]
  const moments = order.flatMap((label): Mark[] => {
    const stamp = stamps[label]
    return stamp === undefined ? [] : [{ label, at: stamp.at, version: stamp.event.version }]
  })
  return [...onsets, ...moments].sort((left, right) => left.at - right.at)
}
