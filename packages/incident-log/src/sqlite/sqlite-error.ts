import { FirebreakError } from '@firebreak/core'
import { closedError, IncidentLogError } from '../log-error.ts'

/** SQLite's primary result codes: the low byte of `errcode`. */
const result = {
  error: 1,
  busy: 5,
  locked: 6,
  readOnly: 8,
  inputOutput: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  notADatabase: 26,
}

function resultCode(error: unknown): number | undefined {
  const { errcode } = error as { errcode?: unknown }
  return typeof errcode === 'number' ? errcode & 0xff : undefined
}

export function isBusy(error: unknown): boolean {
  const code = resultCode(error)
  return code === result.busy || code === result.locked
}

/** Something beside the file would have to be written to read it. */
export function isForbidden(error: unknown): boolean {
  const code = resultCode(error)
  return code === result.readOnly || code === result.cannotOpen
}

/** SQLITE_CONSTRAINT_UNIQUE. */
const uniqueViolation = 2_067

export function isUniqueViolation(error: unknown): boolean {
  return (error as { errcode?: unknown }).errcode === uniqueViolation
}

/** The same, where statements are made: one that does not fit means tables that are not as Firebreak made them. */
export function toTablesError(error: unknown, path: string): Error {
  if (resultCode(error) !== result.error) return toLogError(error, path)
  return new IncidentLogError('LOG_CORRUPT', `${path}: its tables are damaged: restore a backup`, error)
}

/** What SQLite said, as one of our errors that names the file and says what to do. */
export function toLogError(error: unknown, path: string): Error {
  if (FirebreakError.isInstance(error) || !(error instanceof Error)) return error as Error
  // What was under way when the log was closed.
  if ((error as { code?: unknown }).code === 'ERR_INVALID_STATE') return closedError(path)
  const { syscall, code: cause } = error as { syscall?: unknown; code?: unknown }
  if (typeof syscall === 'string')
    return new IncidentLogError(
      'LOG_UNAVAILABLE',
      `${path}: cannot be looked at (${String(cause)}): check the path, and that this user may read it and its folder`,
      error,
    )
  const made = (code: ConstructorParameters<typeof IncidentLogError>[0], message: string) =>
    new IncidentLogError(code, `${path}: ${message}`, error)
  switch (resultCode(error)) {
    case result.busy:
    case result.locked:
      return made('LOG_BUSY', 'another process holds the write lock: try again, or find who keeps a transaction open')
    case result.readOnly:
      return made('LOG_READ_ONLY', 'the file or its folder cannot be written: give this user write access to both')
    case result.inputOutput:
      return made('LOG_UNAVAILABLE', 'the disk failed to read or write: check the disk, then try again')
    case result.full:
      return made('LOG_UNAVAILABLE', 'the disk is full: nothing was written; free space, then try again')
    case result.cannotOpen:
      return made('LOG_UNAVAILABLE', 'cannot be opened: its folder must exist and be writable for this user')
    case result.notADatabase:
      return made('LOG_CORRUPT', 'is not a SQLite database: check the path, or restore a backup')
    case result.corrupt:
      return made(
        'LOG_CORRUPT',
        'the file is damaged: move it and its -wal file aside, save what `sqlite3 FILE .recover` can read, restore a backup',
      )
    case undefined:
    default:
      return error
  }
}
