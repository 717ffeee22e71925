import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { IncidentLog } from '@firebreak/core'
import { CliError } from '../failure.ts'
import { isServer, openLog } from '../serve/open-log.ts'

/** The log that a command reads: a file, a folder that holds `incidents.db`, or a `postgres://` address. */
async function whichLog(
  given: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<IncidentLog> {
  const where = given ?? (environment['FIREBREAK_DB'] || 'incidents.db')
  if (isServer(where)) return openLog(where)
  const path = existsSync(where) && statSync(where).isDirectory() ? join(where, 'incidents.db') : where
  if (!existsSync(path))
    throw new CliError(
      'NO_LOG',
      `there is no incident log at ${path}: name its file or folder with --log, or set FIREBREAK_DB`,
    )
  return openLog(path)
}

/** The ` --log …` to repeat in a line that somebody will type; an address may carry a password and is left out. */
export function logWord(given: string | undefined): string {
  return given === undefined || isServer(given) ? '' : ` --log ${given}`
}

/** Runs with the log and closes it, whatever happens. */
export async function withLog<T>(
  given: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
  work: (log: IncidentLog) => Promise<T>,
): Promise<T> {
  const log = await whichLog(given, environment)
  try {
    return await work(log)
  } finally {
    await log.close()
  }
}
