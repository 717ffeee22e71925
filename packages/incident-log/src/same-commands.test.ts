import { expect, test } from 'vitest'
import { proveSame } from './fixtures/same-commands.ts'
import { useStores } from './fixtures/use-stores.ts'

const { inSqlite, inPostgres } = useStores()

test.each([
  ['SQLite', inSqlite, 40],
  ['Postgres', inPostgres, 15],
])(
  'random commands have the same answers and leave the same streams in %s as in memory',
  async (_where, create, runs) => {
    await expect(proveSame(create, runs)).resolves.toBeUndefined()
  },
)
