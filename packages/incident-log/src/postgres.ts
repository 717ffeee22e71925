/** The incident log in Postgres. Importing this connects to nothing and does not load `pg`. */
export type { PgClientLike, PgPoolLike } from './postgres/pool.ts'
export type { PostgresLogOptions } from './postgres/postgres-log.ts'
export { postgresLog } from './postgres/postgres-log.ts'
