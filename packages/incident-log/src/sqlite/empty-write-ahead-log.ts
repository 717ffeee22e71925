import type { DatabaseSync } from 'node:sqlite'
import type { Clock } from '@firebreak/core'
import { IncidentLogError } from '../log-error.ts'
import { toLogError } from './sqlite-error.ts'

/** Between two tries while somebody reads, in milliseconds. */
const pauseMs = 20

export interface EmptyingOptions {
  readonly database: DatabaseSync
  readonly path: string
  readonly clock: Clock
  /** How long to wait for whoever reads. */
  readonly busyTimeoutMs: number
}

/**
 * Writes the write-ahead log into the file and leaves it without bytes: what was overwritten in the tables is gone from it
 * as well. Whoever reads what it held before hinders that; then `LOG_BUSY` says what is done and what is not.
 */
export function createEmptying({ database, path, clock, busyTimeoutMs }: EmptyingOptions) {
  const checkpoint = database.prepare('PRAGMA wal_checkpoint(TRUNCATE)')
  const readTimeout = database.prepare('PRAGMA busy_timeout')

  /** Without the wait within SQLite, which would stop this process. */
  function isEmptied(): boolean {
    try {
      const timeout = Number(readTimeout.get()?.['timeout'])
      database.exec('PRAGMA busy_timeout = 0')
      try {
        return checkpoint.get()?.['busy'] === 0
      } finally {
        database.exec(`PRAGMA busy_timeout = ${timeout}`)
      }
    } catch (error) {
      throw toLogError(error, path)
    }
  }

  return async function emptyWriteAheadLog(done: string, again: string): Promise<void> {
    const until = clock.now() + busyTimeoutMs
    while (!isEmptied()) {
      if (clock.now() >= until)
        throw new IncidentLogError(
          'LOG_BUSY',
          `${path}: ${done}, but the old text is still in ${path}-wal, which another process has been reading for more than ${busyTimeoutMs} ms: end its reading, then ${again} again`,
        )
      await clock.sleep(pauseMs)
    }
  }
}
