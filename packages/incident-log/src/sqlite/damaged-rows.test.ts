import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { IncidentLog } from '@firebreak/core'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { sqliteLog } from '../sqlite.ts'
import { allOf, errorOf, note, opened, write } from '../testing/kit.ts'

let folder: string
let path: string
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'firebreak-rows-'))
  path = join(folder, 'incidents.db')
  const log = sqliteLog({ path })
  for (let number = 1; number <= 6; number += 1)
    await write(log, `incident/web/${number}`, 0, opened('web', number), note('x'))
  await log.close()
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function damage(sql: string): void {
  const database = new DatabaseSync(path, { enableForeignKeyConstraints: false })
  database.exec(sql)
  database.close()
}

/** What a damaged log answers. */
async function outcome(call: (log: IncidentLog) => Promise<unknown>): Promise<unknown> {
  const log = sqliteLog({ path })
  const error = await errorOf(() => call(log))
  await log.close()
  return error
}
/** The error names the file and says what to do. */
const corrupt = () => ({ code: 'LOG_CORRUPT', message: expect.stringMatching(`${path}.*restore a backup`) })

test('a list ends, whatever the summary of one incident says', async () => {
  damage(`UPDATE incidents SET summary = json_set(summary, '$.openedAt', '2100-01-01T00:00:00Z') WHERE stream = 1`)
  const log = sqliteLog({ path })
  let listed = 0
  // Not with allOf: a list that never ends would never come back from it.
  for await (const { number } of log.list()) {
    listed += 1
    if (listed > 6) throw new Error(`${number} is listed again`)
  }
  expect(listed).toBe(6)
  await log.close()
})

const calls: Record<string, (log: IncidentLog) => Promise<unknown>> = {
  'a list': (log) => allOf(log.list()),
  'an append': (log) => write(log, 'incident/web/3', 2, note('b')),
  'the head of its stream': async (log) => log.streamHead?.('incident/web/3'),
}
for (const [what, call] of Object.entries(calls)) {
  test(`a summary that is not readable is an error with its stream: ${what}`, async () => {
    damage(`UPDATE incidents SET summary = replace(summary, '"code":', '"code"') WHERE stream = 3`)
    expect(await outcome(call)).toMatchObject(corrupt())
  })
}

test('an append to a stream that is damaged costs its neighbours nothing', async () => {
  damage(`UPDATE incidents SET summary = '{' WHERE stream = 3`)
  const log = sqliteLog({ path })
  const both = [write(log, 'incident/web/3', 2, note('b')), write(log, 'incident/web/4', 2, note('b'))]
  expect((await Promise.allSettled(both)).map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
  await log.close()
})

test('events and incidents whose stream is gone are not passed over', async () => {
  damage('DELETE FROM streams WHERE no = 2')
  expect(await outcome((log) => allOf(log.readAll()))).toMatchObject(corrupt())
  expect(await outcome((log) => allOf(log.list()))).toMatchObject(corrupt())
})

test('a damaged name in the tables is an error that names the file, which is closed again', async () => {
  const bytes = readFileSync(path)
  bytes.write('hasi', bytes.lastIndexOf('hash TEXT NOT NULL'))
  writeFileSync(path, bytes)
  const error = await errorOf(async () => sqliteLog({ path }))
  expect(error).toMatchObject({ code: 'LOG_CORRUPT', message: expect.stringContaining(path) })
  expect(() => readFileSync(`${path}-shm`)).toThrow('ENOENT')
})
