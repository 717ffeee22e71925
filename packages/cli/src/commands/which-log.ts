import { existsSync } from 'node:fs'
import type { IncidentLog } from '@firebreak/core'
import { CliError } from '../failure.ts'
import { isServer, openLog, placeOf, usualPlace } from '../serve/open-log.ts'

/** The log that a command reads: a file, a folder that holds `incidents.db`, or a `postgres://` address. */
async function whichLog(
  given: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<IncidentLog> {
  const path = given === undefined ? usualPlace(environment) : placeOf(given)
  if (isServer(path) || existsSync(path)) return openLog(path)
  const what =
    given === undefined && environment['FIREBREAK_DB']
      ? ', where FIREBREAK_DB says: name another file or folder with --log'
      : `: name its file or folder with --log${given === undefined ? ', or set FIREBREAK_DB' : ''}`
  throw new CliError('NO_LOG', `there is no incident log at ${path}${what}`)
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
