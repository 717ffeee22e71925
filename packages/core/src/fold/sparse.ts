/**
 * A Map or Set takes two hundred bytes before anything is in it, and most of those of a state stay empty. Who keeps states by
 * the thousand lets them share one of each, which refuses to be written; a fold that has something to put in takes its own.
 */
const noEntries = refusing(new Map<never, never>(), 'set')
const noMembers = refusing(new Set<never>(), 'add')
const noItems: readonly never[] = Object.freeze([])

type Collection = Map<never, never> | Set<never> | readonly never[]

/** Gives the same state, its empty collections exchanged for the shared ones. It can still be folded into. */
export function sparse<State extends object>(state: State): State {
  const fields = state as Record<string, unknown>
  for (const [name, value] of Object.entries(fields)) {
    const shared = sharedLike(value)
    if (shared !== undefined) fields[name] = shared
  }
  return state
}

function sharedLike(value: unknown): Collection | undefined {
  if (Array.isArray(value)) return value.length === 0 ? noItems : undefined
  if (value instanceof Map) return value.size === 0 ? noEntries : undefined
  if (value instanceof Set) return value.size === 0 ? noMembers : undefined
  return undefined
}

/** What is to be written to: the collection itself, or a new one in place of a shared one. */
export function writable<Kept extends object>(collection: Kept): Kept {
  const kept: object = collection
  if (kept === noEntries) return new Map() as object as Kept
  if (kept === noMembers) return new Set() as object as Kept
  if (kept === noItems) return [] as object as Kept
  return collection
}

/** Not a class of its own: it is to equal any other empty Map or Set. */
function refusing<Kept extends object>(collection: Kept, method: string): Kept {
  const value = () => {
    throw new TypeError('this empty collection is shared by many states and cannot be written')
  }
  return Object.freeze(Object.defineProperty(collection, method, { value }))
}
