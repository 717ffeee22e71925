import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import type { IncidentLog } from '@firebreak/core'

/** The log at a path (SQLite) or a `postgres://` address. */
export async function openLog(where: string): Promise<IncidentLog> {
  if (/^postgres(?:ql)?:\/\//.test(where)) {
    const { postgresLog } = await import('@firebreak/incident-log/postgres')
    return postgresLog({ connectionString: where })
  }
  mkdirSync(dirname(where), { recursive: true })
  const { sqliteLog } = await import('@firebreak/incident-log/sqlite')
  // Others on this machine may write to the same file.
  return sqliteLog({ path: where, pollEveryMs: 1_000 })
}
