import { statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { IncidentLog } from '@firebreak/core'
import { CliError } from '../failure.ts'
import { makeFolder } from '../make-folder.ts'

/** Does it name a server? Otherwise it is a file. */
export function isServer(where: string): boolean {
  return /^postgres(?:ql)?:\/\//.test(where)
}

/** The file of a log that is named by it or by its folder; an address stays as it is, and one of no Postgres server is refused. */
export function placeOf(where: string): string {
  if (isServer(where)) return where
  refuseAddress(where)
  return statSync(where, { throwIfNoEntry: false })?.isDirectory() === true ? join(where, 'incidents.db') : where
}

/** Where no option names the log: `FIREBREAK_DB`, then `incidents.db` here. */
export function usualPlace(environment: Readonly<Record<string, string | undefined>>): string {
  return placeOf(environment['FIREBREAK_DB'] || 'incidents.db')
}

/** What may be shown of it: an address may carry a password in more than one place. */
export function nameOfLog(where: string): string {
  if (!isServer(where)) return where
  const address = URL.parse(where)
  return address === null ? 'of a Postgres server' : `${address.protocol}//${address.host}${address.pathname}`
}

/** Where files that belong to the log are kept: beside it, or here, where it is on a server. */
export function folderOf(where: string): string {
  return isServer(where) ? '.' : dirname(where)
}

/** The log at a path (SQLite) or a `postgres://` address. */
export async function openLog(where: string): Promise<IncidentLog> {
  if (isServer(where)) {
    const { postgresLog } = await import('@firebreak/incident-log/postgres')
    return postgresLog({ connectionString: where })
  }
  refuseAddress(where)
  prepareFile(where)
  const { sqliteLog } = await import('@firebreak/incident-log/sqlite')
  // Others on this machine may write to the same file.
  return sqliteLog({ path: where })
}

/** It would become a folder here, named after whatever the address holds; it is not repeated, for it may hold a password. */
function refuseAddress(where: string): void {
  if (!/^[\w+.-]+:\/\//.test(where)) return
  const why = 'the incident log is named by an address that does not begin with postgres://'
  throw new CliError('NO_LOG', `${why}: name a SQLite file or a postgres:// address`)
}

function prepareFile(where: string): void {
  const folder = dirname(resolve(where))
  try {
    makeFolder(folder)
    if (!statSync(folder).isDirectory()) throw new Error(`${folder} is a file`)
    if (statSync(where, { throwIfNoEntry: false })?.isDirectory() === true) throw new Error('it is a folder')
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? (error as Error).message
    throw new CliError(
      'NO_LOG',
      `cannot keep the incident log at ${where} (${why}): name a file in a folder that you may write to`,
    )
  }
}
