import { mkdir, open, readFile, truncate } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Journal, JournalEntry } from '@firebreak/core'
import { JournalError } from './errors.ts'

const kinds = new Set(['plan', 'intent', 'outcome', 'note'])

/**
 * One JSON object a line, on disk before `append` resolves. A torn last line (a crash while writing) is cut off; anything
 * else that cannot be read is refused, and the file is left as it is. Mode 0600: it holds lock nonces.
 */
export function fileJournal(path: string): Journal {
  let repaired = false
  let named = false

  async function load(): Promise<readonly JournalEntry[]> {
    const text = await readText(path)
    const { entries, validBytes, bytes } = parse(text, path)
    // The torn line must go before the next one is appended behind it.
    if (!repaired && validBytes < bytes) await truncate(path, validBytes)
    repaired = true
    return entries
  }
  return {
    async *read() {
      yield* await load()
    },
    async append(entry) {
      if (!repaired) await load()
      try {
        await mkdir(dirname(path), { recursive: true })
        const file = await open(path, 'a', 0o600)
        try {
          await file.appendFile(`${JSON.stringify(entry)}\n`)
          await file.datasync()
        } finally {
          await file.close()
        }
        if (!named) await syncFolder(dirname(path))
        named = true
      } catch (error) {
        throw new JournalError(
          'JOURNAL_UNWRITABLE',
          `${path} cannot be written: nothing is done that could not be remembered`,
          error,
        )
      }
    },
  }
}

/** A new file's name is on disk only when its folder is. Where folders cannot be opened (Windows) there is nothing to do. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => undefined)
  try {
    await folder?.sync().catch(() => undefined)
  } finally {
    await folder?.close()
  }
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') return ''
    throw new JournalError('JOURNAL_CORRUPT', `${path} cannot be read: look at it, or give another path`, error)
  }
}

function parse(text: string, path: string): { entries: JournalEntry[]; validBytes: number; bytes: number } {
  const bytes = Buffer.byteLength(text)
  const lines = text.split('\n')
  const torn = lines.pop() ?? ''
  const entries = lines.map((line, index) => {
    const entry = parseLine(line)
    if (entry === undefined)
      throw new JournalError(
        'JOURNAL_CORRUPT',
        `${path} line ${index + 1} is no journal entry: move the file away, then look at the machines before going on`,
      )
    return entry
  })
  return { entries, bytes, validBytes: bytes - Buffer.byteLength(torn) }
}

function parseLine(line: string): JournalEntry | undefined {
  try {
    const value = JSON.parse(line) as Partial<JournalEntry> | null
    if (typeof value !== 'object' || value === null) return undefined
    const { kind, key, at, data } = value
    if (typeof kind !== 'string' || !kinds.has(kind) || typeof key !== 'string' || typeof at !== 'string')
      return undefined
    return typeof data === 'object' && data !== null && !Array.isArray(data) ? (value as JournalEntry) : undefined
  } catch {
    return undefined
  }
}
