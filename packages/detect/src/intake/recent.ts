/**
 * What was made of a text lately. Alerts repeat themselves: names, summaries and addresses need not be looked through again,
 * and one copy of each serves all the signals that are kept of a storm. Bounded.
 */
export interface Recent<Value> {
  get(text: string): Value | undefined
  set(text: string, value: Value): void
}

export function createRecent<Value>(capacity: number): Recent<Value> {
  // Two generations: when the young one is full it becomes the old one, and the old one is forgotten.
  let young = new Map<string, Value>()
  let old = new Map<string, Value>()

  function set(text: string, value: Value) {
    young.set(text, value)
    if (young.size < capacity / 2) return
    old = young
    young = new Map()
  }

  return {
    get(text) {
      const value = young.get(text)
      if (value !== undefined) return value
      const before = old.get(text)
      if (before !== undefined) set(text, before)
      return before
    },
    set,
  }
}
