import { realpathSync, statSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { IncidentLogError } from '../log-error.ts'

/**
 * A file in a folder that this user must not write to, where SQLite cannot make the files beside it that it reads by. It is
 * opened as one that nobody changes, which SQLite takes on trust: so every read is followed by a look whether that holds.
 */
export interface UnchangingFile {
  readonly url: URL
  readonly assertUnchanged: () => void
}

/** Undefined where somebody writes to it, or has left a write-ahead log, without which the newest events would be missing. */
export function unchangingFile(path: string): UnchangingFile | undefined {
  // SQLite keeps the write-ahead log beside the file itself, not beside a link to it.
  const real = realpathSync(path)
  const before = stateOf(real)
  if (before === undefined) return undefined
  const url = pathToFileURL(real)
  url.search = 'immutable=1'
  return {
    url,
    assertUnchanged() {
      if (stateOf(real) === before) return
      throw new IncidentLogError('LOG_UNAVAILABLE', `${path}: was written to while it was read: open it again`)
    },
  }
}

function stateOf(path: string): string | undefined {
  if ((statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0) return undefined
  const { ino, size, mtimeNs } = statSync(path, { bigint: true })
  return `${ino} ${size} ${mtimeNs}`
}
