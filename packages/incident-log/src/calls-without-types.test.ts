import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { IncidentLog } from '@firebreak/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { memoryLog } from './index.ts'
import { sqliteLog } from './sqlite.ts'
import { allOf, errorOf } from './testing/kit.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'firebreak-untyped-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.each<[string, () => IncidentLog]>([
  ['memory', () => memoryLog()],
  ['SQLite', () => sqliteLog({ path: join(folder, 'log.db') })],
])('a call from JavaScript to a log in %s', (_where, open) => {
  test('that names no stream, or no time, is refused by the name of what is missing', async () => {
    const log = open()
    for (const stream of [undefined, null, 7])
      expect(await errorOf(() => allOf(log.read(stream as never)))).toMatchObject({
        code: 'INVALID_INPUT',
        field: 'stream',
      })
    for (const pruning of [undefined, {}, { resolvedBefore: 'soon' }])
      expect(await errorOf(() => log.prune!(pruning as never))).toMatchObject({ field: 'resolvedBefore' })
    await log.close()
  })
})
