import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { IncidentLog } from '@firebreak/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { usePostgres } from './fixtures/use-postgres.ts'
import { memoryLog } from './index.ts'
import { postgresLog } from './postgres.ts'
import { sqliteLog } from './sqlite.ts'
import { allOf, codeOf, errorOf, note, write } from './testing/kit.ts'

const { url, newSchema } = usePostgres()
let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'firebreak-untyped-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const { signal } = new AbortController()
const far = 2 ** 40
const event = {
  stream: 's',
  version: 1,
  id: 'x',
  type: 'own',
  at: '2026-11-23T00:00:00Z',
  actor: 'a',
  data: {},
  hash: 'h',
}
const recorded = { ...event, recordedAt: event.at, salt: 's' }
const circular: Record<string, unknown> = {}
circular['self'] = circular

type Call = (log: IncidentLog, bad: never) => unknown
/** What each call is given, and the field by which it is refused. */
const refused: readonly (readonly [string, Call, readonly (readonly [string, unknown])[]])[] = [
  [
    'read a stream',
    (log, bad) => allOf(log.read(bad)),
    ['', 'a\u0000', 'a\ud800', 7, null, undefined].map((it) => ['stream', it]),
  ],
  [
    'read with',
    (log, bad) => allOf(log.read('s', bad)),
    [
      ['options', null],
      ['options', 'all'],
      ['from', { from: 'x' }],
      ['from', { from: -1 }],
    ],
  ],
  [
    'readAll with',
    (log, bad) => allOf(log.readAll(bad)),
    [
      ['options', null],
      ['after', { after: 5 }],
      ['after', { after: 'x' }],
      ['limit', { limit: '5' }],
      ['limit', { limit: -1 }],
    ],
  ],
  [
    'list',
    (log, bad) => allOf(log.list(bad)),
    [
      ['query', null],
      ['status', { status: 'open' }],
      ['status', { status: [Symbol('a')] }],
      ['service', { service: {} }],
      ['limit', { limit: 0.5 }],
      ['signal', { signal: {} }],
    ],
  ],
  [
    'subscribe',
    (log, bad) => log.subscribe!(bad),
    [
      ['listener', undefined],
      ['listener', {}],
    ],
  ],
  [
    'be present as',
    (log, bad) => log.presence!(bad, { signal }),
    [
      ['owner', undefined],
      ['owner', 'a\u0000'],
    ],
  ],
  [
    'be present with',
    (log, bad) => log.presence!('me', bad),
    [
      ['signal', undefined],
      ['options', null],
      ['signal', {}],
    ],
  ],
  [
    'get the snapshot of',
    (log, bad) => log.snapshots!.get(bad),
    [
      ['stream', undefined],
      ['stream', 'a\u0000'],
    ],
  ],
  [
    'put a snapshot of',
    (log, bad) => log.snapshots!.put(bad, { version: 1, state: '' }),
    [
      ['stream', undefined],
      ['stream', 'a//b'],
    ],
  ],
  [
    'put as a snapshot',
    (log, bad) => log.snapshots!.put('s', bad),
    [
      ['snapshot', undefined],
      ['version', { version: far, state: '' }],
      ['state', { version: 1, state: {} }],
      ['state', { version: 1, state: 'a\u0000' }],
    ],
  ],
  [
    'redact of a stream',
    (log, bad) => log.redact!(bad, 1, 'x'),
    [
      ['stream', undefined],
      ['stream', 'a\u0000'],
    ],
  ],
  [
    'redact a version',
    (log, bad) => log.redact!('s', bad, 'x'),
    [
      ['version', undefined],
      ['version', far],
      ['version', '1'],
    ],
  ],
  [
    'prune',
    (log, bad) => log.prune!(bad),
    [undefined, {}, { resolvedBefore: 'soon' }].map((it) => ['resolvedBefore', it]),
  ],
  [
    'ask for the head of',
    (log, bad) => log.streamHead!(bad),
    [
      ['stream', undefined],
      ['stream', 'a\u0000'],
    ],
  ],
  [
    'restore',
    (log, bad) => log.restore!(bad),
    [
      ['events', undefined],
      ['events[0]', [null]],
      ['events[0].stream', [{}]],
      ['events[1].version', [recorded, { ...recorded, version: 'x' }]],
      ['events[0].hash', [{ ...recorded, hash: 7 }]],
      ['events[0].salt', [{ ...recorded, salt: 'a\u0000' }]],
      ['events[0].data', [{ ...recorded, data: undefined }]],
      ['events[0].data', [{ ...recorded, data: circular }]],
      ['events[0].data', [{ ...recorded, storedData: '{' }]],
      ['events[0].data', [{ ...recorded, storedData: '{"a":"\ud800"}' }]],
    ],
  ],
]

describe.each<[string, () => IncidentLog]>([
  ['memory', () => memoryLog()],
  ['SQLite', () => sqliteLog({ path: join(folder, `${newSchema()}.db`) })],
  ['Postgres', () => postgresLog({ connectionString: url(), schema: newSchema() })],
])('a call from JavaScript to a log in %s', (_where, open) => {
  test('is refused by the name of what is wrong', async () => {
    const log = open()
    await write(log, 's', 0, note('a'))
    for (const [what, call, cases] of refused)
      for (const [index, [field, bad]] of cases.entries()) {
        const { code, field: told } = await errorOf(async () => call(log, bad as never))
        expect([what, index, code, told]).toEqual([what, index, 'INVALID_INPUT', field])
      }
    await log.close()
  })

  test('that asks for more than there can be finds nothing', async () => {
    const log = open()
    await write(log, 's', 0, note('a'))
    expect(await allOf(log.read('s', { from: far }))).toEqual([])
    const since = { since: far, ignoring: [] }
    expect(await codeOf(() => log.append([{ stream: 's', expected: since, events: [] }]))).toBe('VERSION_CONFLICT')
    await log.close()
  })

  test('who is present learns from a closed log that it is closed, or what was known', async () => {
    const log = open()
    const presence = await log.presence?.('me', { signal })
    expect(await errorOf(async () => presence?.isGone(undefined as never))).toMatchObject({ code: 'INVALID_INPUT' })
    await log.close()
    expect(await codeOf(async () => presence?.isGone('you'))).toMatch(/^(LOG_CLOSED|nothing)$/)
  })

  test('an id of a writer that stands where the record of a redaction belongs is a conflict', async () => {
    const log = open()
    await write(log, 's', 0, note('a', { id: 'redacted/1' }), note('b'))
    expect(await errorOf(async () => log.redact?.('s', 1, 'name'))).toMatchObject({
      code: 'ID_CONFLICT',
      id: 'redacted/1',
    })
    expect((await allOf(log.read('s'))).length).toBe(2)
    await log.close()
  })
})
