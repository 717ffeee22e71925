import type { Source } from './report.ts'

export interface Range {
  readonly stream: string
  readonly first: number
  readonly last: number
}

/** Neighbouring versions of one stream as one range. */
export function ranges(sources: readonly Source[]): readonly Range[] {
  const sorted = sources.toSorted((left, right) =>
    left.stream === right.stream ? left.version - right.version : left.stream < right.stream ? -1 : 1,
  )
  const result: Range[] = []
  for (const { stream, version } of sorted) {
    const range = result.at(-1)
    if (range?.stream === stream && version <= range.last + 1) result[result.length - 1] = { ...range, last: version }
    else result.push({ stream, first: version, last: version })
  }
  return result
}
