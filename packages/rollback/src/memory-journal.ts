import type { Journal, JournalEntry } from '@firebreak/core'

/** Remembers as long as the process lives: for tests, and for scripts that need no second life. */
export function memoryJournal(): Journal & { readonly entries: readonly JournalEntry[] } {
  const entries: JournalEntry[] = []
  return {
    entries,
    async *read() {
      yield* entries.slice()
    },
    append(entry) {
      entries.push(JSON.parse(JSON.stringify(entry)) as JournalEntry)
      return Promise.resolve()
    },
  }
}
