import { FirebreakError } from '@firebreak/core'
import { IncidentLogError, type IncidentLogErrorCode } from '../log-error.ts'

const unknownOutcome = 'an append under way may have been recorded: read the tail, or repeat it with the same ids'

/** SQLSTATE, or its class, to what it means for us. */
const meanings: readonly (readonly [RegExp, IncidentLogErrorCode, string])[] = [
  [/^(55P03|40001|40P01|57014)$/, 'LOG_BUSY', 'somebody else holds a lock for too long: try again'],
  [/^(42501|25006)$/, 'LOG_READ_ONLY', 'this role must not write here: grant it the schema, or use the primary server'],
  [
    /^(28...|3D000)$/,
    'LOG_UNAVAILABLE',
    'the server refused the role, its password or the database: check the connection string',
  ],
  [
    /^(42P01|3F000|42883)$/,
    'LOG_MISSING',
    'the tables are gone: restore a backup, or open the log anew to make new ones',
  ],
  [/^53100$/, 'LOG_UNAVAILABLE', 'the disk of the server is full: free space, then try again'],
  [/^XX00[12]$/, 'LOG_CORRUPT', 'the server found damaged data: restore a backup'],
  [
    /^(08...|57P0[1-5]|53...|58...)$/,
    'LOG_UNAVAILABLE',
    `the server is not there: check that it runs, and its address; ${unknownOutcome}`,
  ],
]

const network = /^(E(CONN|PIPE|HOST|NET|TIMEDOUT|AI_)|ENOTFOUND)/

/** What the server or its driver said, as one of our errors. Never names the connection string. */
export function toLogError(error: unknown): Error {
  if (FirebreakError.isInstance(error) || !(error instanceof Error)) return error as Error
  const { code } = error as { code?: unknown }
  if (typeof code === 'string') {
    for (const [pattern, meaning, what] of meanings)
      if (pattern.test(code)) return new IncidentLogError(meaning, `Postgres (${code}): ${what}`, error)
    if (network.test(code))
      return new IncidentLogError(
        'LOG_UNAVAILABLE',
        `Postgres (${code}): the server is not there: check that it runs, and its address; ${unknownOutcome}`,
        error,
      )
    return error
  }
  // The driver's own errors carry no code: a connection that ended, or a time limit of the pool.
  if (/connection|timeout|timed out|not queryable|pool/i.test(error.message))
    return new IncidentLogError('LOG_UNAVAILABLE', `Postgres: the connection broke; ${unknownOutcome}`, error)
  return error
}
