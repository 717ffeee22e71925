/** The incident log in one SQLite file. Importing this opens nothing; `sqliteLog` does. */
export type { SqliteLogOptions } from './sqlite/sqlite-log.ts'
export { sqliteLog } from './sqlite/sqlite-log.ts'
