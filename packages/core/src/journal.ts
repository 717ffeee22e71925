import type { JsonObject } from './json.ts'

/** One line of a script's memory. `intent` is written before an effect, `outcome` after it was observed. */
export interface JournalEntry {
  readonly kind: 'plan' | 'intent' | 'outcome' | 'note'
  /** What it is about: 'rollback/v3/unit/d8912b'. */
  readonly key: string
  /** RFC 3339. */
  readonly at: string
  readonly data: JsonObject
}

/** A script's memory across a crash. `append` must be durable when it resolves; `read` gives the entries in order. */
export interface Journal {
  read(): AsyncIterable<JournalEntry>
  append(entry: JournalEntry): Promise<void>
}
