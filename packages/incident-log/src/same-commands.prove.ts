import { expect, test } from 'vitest'
import { proveSame } from './fixtures/same-commands.ts'
import { useStores } from './fixtures/use-stores.ts'

const { inSqlite, inPostgres } = useStores()

test.each([
  ['SQLite', inSqlite, 3_000],
  ['Postgres', inPostgres, 600],
])(
  'random commands have the same answers and leave the same streams in %s as in memory',
  async (_where, create, runs) => {
    await expect(proveSame(create, runs)).resolves.toBeUndefined()
  },
)
