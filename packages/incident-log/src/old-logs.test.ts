import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { exportEvents, importEvents, memoryLog, verifyLog } from './index.ts'
import { migrations as postgresSteps, namesOf } from './postgres/schema.ts'
import { sqliteLog } from './sqlite.ts'
import { migrations as sqliteSteps } from './sqlite/schema.ts'
import { expectVersion1, fixture } from './fixtures/old-log.ts'

test('a file that tables version 1 wrote is read, verified and written on', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'firebreak-old-'))
  const path = join(folder, 'v1.db')
  const database = new DatabaseSync(path)
  database.exec(fixture('sqlite-v1.sql'))
  database.close()
  const log = sqliteLog({ path })
  await expectVersion1(log)
  expect((await verifyLog(log)).ok).toBe(true)
  await log.close()
  rmSync(folder, { recursive: true, force: true })
})

test('an export that version 1 wrote is taken over, and exported as it was', async () => {
  const log = memoryLog()
  expect(await importEvents(log, [fixture('log-v1.jsonl')])).toMatchObject({ torn: false, known: 0 })
  expect((await verifyLog(log)).ok).toBe(true)
  let text = ''
  for await (const line of exportEvents(log)) text += line
  expect(text).toBe(fixture('log-v1.jsonl'))
})

test('a step that was released is never edited: a log that went through it would not be what the code believes', () => {
  const digest = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 16)
  const names = namesOf('pinned')
  expect(sqliteSteps.map(digest)).toEqual(['0f37f2f2c0b40511'])
  expect(postgresSteps.map((step) => digest(step(names)))).toEqual([
    '60308c0c3b9f1daf',
    '7ddd64407cb22afd',
    'a27a685a31c7230f',
  ])
})

test('the names of locks are for ever: two versions that run side by side must meet', () => {
  expect([namesOf('firebreak').gate, namesOf('firebreak').migration]).toEqual([980462237, 83369593])
})
