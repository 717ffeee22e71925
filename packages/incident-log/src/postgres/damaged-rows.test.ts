import type { NonEmpty, Write } from '@firebreak/core'
import { expect, test } from 'vitest'
import { usePostgres } from '../fixtures/use-postgres.ts'
import { codeOf, note, opened, write } from '../testing/kit.ts'

const { clientOf, closing, logOf, newSchema } = usePostgres()
/** As many as make a full page, after which a list goes on. */
const page = 500

test('a list ends, whatever the summary of one incident says', () =>
  closing(async () => {
    const schema = newSchema()
    const log = logOf(schema)
    const writes = Array.from({ length: page + 1 }, (_, number) => {
      return { stream: `incident/web/${number}`, expected: 0, events: [opened('web', number)] }
    })
    await log.append(writes as unknown as NonEmpty<Write>)
    const client = await clientOf()
    await client.query(`UPDATE "${schema}".incidents SET summary = replace(summary, '"openedAt":"2', '"openedAt":"3')`)
    let listed = 0
    for await (const { number } of log.list()) {
      listed += 1
      if (listed > page + 1) throw new Error(`${number} is listed again`)
    }
    expect(listed).toBe(page + 1)
  }))

test('a summary that is not readable is an error', () =>
  closing(async () => {
    const schema = newSchema()
    await write(logOf(schema), 'incident/web/1', 0, opened('web', 1))
    const client = await clientOf()
    await client.query(`UPDATE "${schema}".incidents SET summary = '{'`)
    const log = logOf(schema)
    expect(await codeOf(() => write(log, 'incident/web/1', 1, note('a')))).toBe('LOG_CORRUPT')
  }))
