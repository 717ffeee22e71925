import type { Inconclusive, Reason, Severity } from '@firebreak/core'

/** The judgement of some symptoms. `reasons` is empty exactly when `severity` is `null`. */
export interface Classification {
  readonly severity: Severity | null
  /** Worst first; in an order that does not depend on the order of the symptoms. */
  readonly reasons: readonly Reason[]
  /** What could not be judged, and what would settle it. */
  readonly inconclusive: readonly Inconclusive[]
}

/** Where the rules put what they find. */
export interface Findings {
  readonly reasons: Reason[]
  readonly inconclusive: Inconclusive[]
}

export type Detail = Record<string, string | number | boolean>

/** Total order over reasons: level, rule, then whatever tells them apart. Insertion sort: there are a handful. */
export function sortReasons(reasons: Reason[]): Reason[] {
  return sortSmall(reasons, compareReasons)
}

export function sortInconclusive(entries: Inconclusive[]): Inconclusive[] {
  return sortSmall(entries, (left, right) => compareText(JSON.stringify(left), JSON.stringify(right)))
}

function sortSmall<T>(items: T[], compare: (left: T, right: T) => number): T[] {
  if (items.length > 32) return items.sort(compare)
  for (let index = 1; index < items.length; index += 1) {
    const item = items[index]!
    let place = index
    while (place > 0 && compare(items[place - 1]!, item) > 0) {
      items[place] = items[place - 1]!
      place -= 1
    }
    items[place] = item
  }
  // A copy, for it is kept: a list that has grown keeps room for sixteen more.
  return items.slice()
}

function compareReasons(left: Reason, right: Reason): number {
  if (left.level !== right.level) return left.level < right.level ? -1 : 1
  if (left.rule !== right.rule) return left.rule < right.rule ? -1 : 1
  const { observed: one } = left
  const { observed: other } = right
  if (typeof one === 'number' && typeof other === 'number' && one !== other) return one > other ? -1 : 1
  return compareText(JSON.stringify(left), JSON.stringify(right))
}

function compareText(left: string, right: string): number {
  if (left === right) return 0
  return left < right ? -1 : 1
}
