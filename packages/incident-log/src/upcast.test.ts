import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { linkOf, verifyChain } from '@firebreak/core'
import { expect, test } from 'vitest'
import { exportEvents, importEvents, memoryLog, verifyLog, type Upcasts } from './index.ts'
import { sqliteLog } from './sqlite.ts'
import { allOf, errorOf, write } from './testing/kit.ts'

interface Deploy {
  readonly app?: string
  readonly apps?: readonly string[]
  readonly by?: string
}

const first: Upcasts = { 'own.deployed': [(data) => ({ apps: [(data as Deploy).app] })] }
const second: Upcasts = { 'own.deployed': [...(first['own.deployed'] ?? []), (data) => ({ ...data, by: 'nobody' })] }
const deployed = (data: Deploy) => ({ type: 'own.deployed', actor: 'ci', data })

test('events of every age are read in the shape of today, and the chain of what was written verifies', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'firebreak-upcast-'))
  const path = join(folder, 'a.db')
  const written: [Upcasts | undefined, Deploy][] = [
    [undefined, { app: 'web' }],
    [first, { apps: ['web', 'api'] }],
    [second, { apps: ['api'], by: 'mia' }],
  ]
  for (const [version, [upcasts, data]] of written.entries()) {
    const log = sqliteLog({ path, upcasts })
    await write(log, 'service/web', version, deployed(data))
    await log.close()
  }
  const log = sqliteLog({ path, upcasts: second })
  const events = await allOf(log.read('service/web'))
  expect(events.map(({ data }) => data)).toEqual([
    { apps: ['web'], by: 'nobody' },
    { apps: ['web', 'api'], by: 'nobody' },
    { apps: ['api'], by: 'mia' },
  ])
  expect(events.map(({ storedData }) => storedData)).toEqual(['{"app":"web"}', '{"apps":["web","api"]}', undefined])
  expect(verifyChain(events.map(linkOf)).ok).toBe(true)
  expect((await verifyLog(log)).ok).toBe(true)

  const moved = memoryLog({ upcasts: second })
  await importEvents(moved, exportEvents(log))
  expect(await allOf(moved.read('service/web'))).toEqual(events)
  await log.close()
  rmSync(folder, { recursive: true, force: true })
})

test('what an append answers is in the shape of today too, also for a duplicate from before', async () => {
  const old = memoryLog()
  await write(old, 'service/web', 'dedupe', { ...deployed({ app: 'web' }), id: 'x' })
  const log = memoryLog({ upcasts: first })
  await importEvents(log, exportEvents(old))
  const [again] = await write(log, 'service/web', 'dedupe', { ...deployed({ app: 'web' }), id: 'x' })
  expect([again?.duplicate, again?.events[0]?.data]).toEqual([true, { apps: ['web'] }])
})

test('an id that was recorded in an older shape is the same content when it is repeated in that of today', async () => {
  const old = memoryLog()
  await write(old, 'service/web', 'dedupe', { ...deployed({ app: 'web' }), id: 'x' })
  const log = memoryLog({ upcasts: first })
  await importEvents(log, exportEvents(old))
  const [again] = await write(log, 'service/web', 'dedupe', { ...deployed({ apps: ['web'] }), id: 'x' })
  expect(again?.duplicate).toBe(true)
  const other = { ...deployed({ apps: ['api'] }), id: 'x' }
  expect((await errorOf(() => write(log, 'service/web', 'dedupe', other))).code).toBe('ID_CONFLICT')
})

test('the shape is covered by the hash: it cannot be changed unseen', async () => {
  const log = memoryLog({ upcasts: first })
  await write(log, 'service/web', 0, deployed({ apps: ['web'] }))
  const [event] = await allOf(log.read('service/web'))
  expect(event?.salt).toMatch(/\.2$/)
  expect(verifyChain([linkOf({ ...event!, salt: event!.salt!.replace(/\.2$/, '') })]).ok).toBe(false)
})

test('upcasts are for types of your own, and are lists of functions', async () => {
  const bad = { 'own.deployed': 'not a list' } as unknown as Upcasts
  expect(await errorOf(async () => memoryLog({ upcasts: bad }))).toMatchObject({
    code: 'INVALID_INPUT',
    field: 'upcasts.own.deployed',
  })
})
