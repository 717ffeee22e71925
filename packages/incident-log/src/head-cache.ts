import type { StreamId } from '@firebreak/core'
import type { Head } from './decide.ts'

/** The streams used last, so that an append need not read where they stand. Bounded: about a kilobyte each. */
export interface HeadCache<Kept extends Head> {
  get(stream: StreamId): Kept | undefined
  set(stream: StreamId, head: Kept): void
  delete(stream: StreamId): void
  clear(): void
}

export function createHeadCache<Kept extends Head>(capacity: number): HeadCache<Kept> {
  // Two generations: when the young one is full it becomes the old one, and the old one is forgotten.
  let young = new Map<StreamId, Kept>()
  let old = new Map<StreamId, Kept>()

  function set(stream: StreamId, head: Kept) {
    young.set(stream, head)
    if (young.size < capacity / 2) return
    old = young
    young = new Map()
  }

  return {
    get(stream) {
      const head = young.get(stream)
      if (head !== undefined) return head
      const before = old.get(stream)
      if (before !== undefined) set(stream, before)
      return before
    },
    set,
    delete(stream) {
      young.delete(stream)
      old.delete(stream)
    },
    clear() {
      young.clear()
      old.clear()
    },
  }
}
