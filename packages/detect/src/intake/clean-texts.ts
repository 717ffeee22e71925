import { redact } from '@firebreak/core'
import { escape, withoutEscapes } from '../plain-text.ts'
import { createRecent } from './recent.ts'

/**
 * Redacting piece by piece costs more in calls than in text, and nearly every text is clean. No longer than the longest
 * pattern reaches (a private key, 10,000), or a text could look cleaner in a batch than alone.
 */
const batchLength = 8_192
const likelyRepeated = 40
/** Over all bodies of this process: what was found clean, and the one copy that is kept of it. A megabyte at most. */
const known = createRecent<string>(4_096)
const longestKnown = 256

export interface TextCleaner {
  /** Takes note of a text that will be needed. */
  add(text: string): void
  /** What an added text may be stored as. */
  clean(text: string): string
}

/**
 * Takes secrets out of many short texts. They are checked in batches, each text once; what a batch finds in one text it finds
 * in the batch too, since a line break ends every pattern, so that only the texts of a batch that changed are looked at singly.
 */
export function createTextCleaner(): TextCleaner {
  const dirty = new Map<string, string>()
  const seen = new Set<string>()
  let batch: string[] = []
  let length = 0

  function settle() {
    if (batch.length === 0) return
    const joined = batch.join('\n')
    if (redact(joined) !== joined || joined.includes(escape) || !joined.isWellFormed())
      for (const text of batch) {
        const cleaned = redact(withoutEscapes(text.toWellFormed()))
        if (cleaned !== text) dirty.set(text, cleaned)
        else remember(text)
      }
    else for (const text of batch) remember(text)
    batch = []
    length = 0
  }
  function remember(text: string) {
    if (text.length <= longestKnown) known.set(text, text)
  }
  return {
    add(text) {
      if (known.get(text) !== undefined) return
      // Long texts are hardly ever the same, and costly to compare.
      if (text.length <= likelyRepeated) {
        if (seen.has(text)) return
        seen.add(text)
      }
      if (length + text.length > batchLength) settle()
      batch.push(text)
      length += text.length
    },
    clean(text) {
      settle()
      return (dirty.size === 0 ? undefined : dirty.get(text)) ?? known.get(text) ?? text
    },
  }
}
