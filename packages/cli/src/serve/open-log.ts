import { statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { IncidentLog } from '@firebreak/core'
import { CliError } from '../failure.ts'
import { makeFolder } from '../make-folder.ts'

/** The log at a path (SQLite) or a `postgres://` address. */
export async function openLog(where: string): Promise<IncidentLog> {
  if (/^postgres(?:ql)?:\/\//.test(where)) {
    const { postgresLog } = await import('@firebreak/incident-log/postgres')
    return postgresLog({ connectionString: where })
  }
  prepareFile(where)
  const { sqliteLog } = await import('@firebreak/incident-log/sqlite')
  // Others on this machine may write to the same file.
  return sqliteLog({ path: where })
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
