import { statSync } from 'node:fs'
import type * as sqliteModule from 'node:sqlite'
import type { DatabaseSync } from 'node:sqlite'
import { IncidentLogError } from '../log-error.ts'
import { createFile } from './create-file.ts'
import { applicationId, migrations } from './schema.ts'
import { isForbidden, toLogError } from './sqlite-error.ts'
import { unchangingFile } from './unchanging-file.ts'
import { checkWriteAheadLog } from './write-ahead-log.ts'

/** The built-in module, loaded at first use: on Node 22 the load prints a warning, and an import must print nothing. */
function loadSqlite(): typeof sqliteModule {
  const sqlite = process.getBuiltinModule('node:sqlite')
  if (sqlite === undefined)
    throw new IncidentLogError('LOG_UNAVAILABLE', 'this Node has no node:sqlite: use Node 22.18 or newer')
  return sqlite
}

/** How long one statement may block this process while another one commits; longer waits do not block. */
const blockMs = 50
/**
 * 16 MB of write-ahead log between two checkpoints, four times SQLite's own: a page that is written again and again goes into
 * the file once. Costs some milliseconds at a checkpoint, and after a crash when the file is opened.
 */
const checkpointPages = 4_000
/** Opening may wait for another process that is creating or migrating the file. */
const openMs = 5_000

/** How a file is opened: what it is called in errors, and the steps that lead to today's tables. */
interface Opening {
  readonly name: string
  readonly readOnly: boolean
  readonly steps: readonly string[]
}

export interface OpenDatabase {
  readonly database: DatabaseSync
  /** After a read: throws where what was read cannot be trusted. */
  readonly assertUnchanged: () => void
}

/** Opens or creates the file, and brings it to today's tables. Throws errors that name the file. */
export function openDatabase(path: string, readOnly: boolean, steps: readonly string[] = migrations): OpenDatabase {
  const opening = { name: path, readOnly, steps }
  try {
    if (path !== ':memory:') lookAtFile(path, opening)
    return { database: open(path, opening), assertUnchanged: () => undefined }
  } catch (error) {
    const unchanging = readOnly && isForbidden(error) ? openUnchanging(path, opening) : undefined
    if (unchanging !== undefined) return unchanging
    throw toLogError(error, path)
  }
}

function openUnchanging(path: string, opening: Opening): OpenDatabase | undefined {
  try {
    const file = unchangingFile(path)
    return file && { database: open(file.url, opening), assertUnchanged: file.assertUnchanged }
  } catch (error) {
    throw toLogError(error, path)
  }
}

function lookAtFile(path: string, opening: Opening): void {
  const size = sizeOf(path)
  // A log that was cut to nothing must not come back as an empty one.
  if (size === 0)
    throw new IncidentLogError(
      'LOG_CORRUPT',
      `${path}: the file has no bytes: restore a backup, or delete it to begin a new log`,
    )
  if (size !== undefined) return checkWriteAheadLog(path)
  if (opening.readOnly) throw new IncidentLogError('LOG_MISSING', `${path}: there is no such file: check the path`)
  // SQLite would play it into the new file.
  if ((sizeOf(`${path}-wal`) ?? 0) > 0) {
    // Another process has made both since: the file is always there before its write-ahead log.
    if (sizeOf(path) !== undefined) return
    throw new IncidentLogError(
      'LOG_CORRUPT',
      `${path}: the file is gone, its write-ahead log ${path}-wal is not: restore a backup, or delete that too to begin a new log`,
    )
  }
  createFile(path, (unfinished) => open(unfinished, opening).close())
}

function sizeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.size
}

function open(path: string | URL, opening: Opening): DatabaseSync {
  const { DatabaseSync } = loadSqlite()
  const { readOnly, steps } = opening
  const database = new DatabaseSync(path, { readOnly, timeout: openMs })
  try {
    const done = check(database, opening)
    if (!readOnly) prepareForWriting(database, opening)
    else if (done < steps.length)
      throw new IncidentLogError(
        'LOG_READ_ONLY',
        `${opening.name}: has tables of an older Firebreak: open it for writing once, to bring them up to date`,
      )
    database.exec(`PRAGMA busy_timeout = ${blockMs}`)
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

function numberOf(database: DatabaseSync, sql: string): number {
  return Number(Object.values(database.prepare(sql).get() ?? {})[0])
}

/** Ours, whole as far as its header tells, and not newer than this code. Gives the steps that it has been through. */
function check(database: DatabaseSync, { name, steps }: Opening): number {
  const version = numberOf(database, 'PRAGMA user_version')
  const owner = numberOf(database, 'PRAGMA application_id')
  const tables = numberOf(database, 'SELECT count(*) FROM sqlite_schema')
  if (owner !== applicationId && (tables > 0 || version > 0))
    throw new IncidentLogError(
      'LOG_FOREIGN',
      `${name}: is a database of another program: give the log a file of its own`,
    )
  if (version > steps.length)
    throw new IncidentLogError(
      'LOG_NEWER',
      `${name}: was written by a newer Firebreak (tables ${version}, this one knows ${steps.length}): update Firebreak`,
    )
  return version
}

function prepareForWriting(database: DatabaseSync, opening: Opening): void {
  const { steps } = opening
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = OFF')
  database.exec(`PRAGMA wal_autocheckpoint = ${checkpointPages}`)
  if (numberOf(database, 'PRAGMA user_version') === steps.length) return
  database.exec('BEGIN IMMEDIATE')
  try {
    // Looked at again under the lock: another process may have been through it meanwhile.
    const done = check(database, opening)
    for (const step of steps.slice(done)) database.exec(step)
    database.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${steps.length}`)
    database.exec('COMMIT')
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}
