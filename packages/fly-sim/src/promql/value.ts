import type { Labels, Sample } from '../metrics/series.ts'

export interface Point {
  readonly labels: Labels
  readonly value: number
}

export interface Line {
  readonly labels: Labels
  readonly samples: readonly Sample[]
}

export type Value =
  | { readonly kind: 'scalar'; readonly value: number }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'vector'; readonly points: readonly Point[] }

/** A label set as one string, the same for the same labels in any order. */
export function keyOf(labels: Labels): string {
  return Object.keys(labels)
    .toSorted()
    .map((name) => `${name}\u0001${labels[name]}`)
    .join('\u0002')
}

export function withoutName(labels: Labels): Labels {
  const { __name__: _, ...rest } = labels
  return rest
}
