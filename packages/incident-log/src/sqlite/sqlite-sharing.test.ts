import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import type { StreamId } from '@firebreak/core'
import { createTestClock } from '@firebreak/core/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { sqliteLog } from '../sqlite.ts'
import { allOf, errorOf, note, write } from '../testing/kit.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'firebreak-sharing-'))
  path = join(folder, 'incidents.db')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Another process with this file open as `log`; each line that it prints is an answer. */
async function otherProcess(script: string) {
  const source = `import { sqliteLog } from '@firebreak/incident-log/sqlite'
    const log = sqliteLog({ path: ${JSON.stringify(path)} })
    ${script}
    process.stdin.resume()`
  const child = spawn(process.execPath, ['--conditions=@firebreak/source', '--input-type=module', '-e', source], {
    cwd: import.meta.dirname,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const exited = new Promise((resolve) => child.once('exit', resolve))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const next = async () => String((await lines.next()).value)
  return { next, go: () => child.stdin.write('go\n'), kill: () => (child.kill('SIGKILL'), exited) }
}

test('an owner whose process was killed is gone at once, and was not before', async () => {
  const log = sqliteLog({ path })
  const presence = await log.presence?.('here', { signal: new AbortController().signal })
  const other = await otherProcess(`
    await log.presence('other', { signal: new AbortController().signal })
    console.log('present')`)
  expect(await other.next()).toBe('present')
  expect(await presence?.isGone('other')).toBe(false)
  await other.kill()
  expect(await presence?.isGone('other')).toBe(true)
  await log.close()
})

test('with polling, a subscriber hears of the appends of another process', async () => {
  const log = sqliteLog({ path, pollEveryMs: 5 })
  await write(log, 'service/own', 0, note('a'))
  const heard = new Set<StreamId>()
  const both = Promise.withResolvers<void>()
  const subscription = log.subscribe?.((streams) => {
    for (const stream of streams) heard.add(stream)
    if (heard.has('service/a') && heard.has('service/b')) both.resolve()
  })
  const other = await otherProcess(`
    for (const stream of ['service/a', 'service/b'])
      await log.append([{ stream, expected: 0, events: [{ type: 'note.added', actor: 'x', data: {} }] }])
    console.log('done')`)
  expect(await other.next()).toBe('done')
  await both.promise
  subscription?.close()
  await other.kill()
  await log.close()
})

test('a subscriber hears of others within a second, though nobody asked for polling', async () => {
  const clock = createTestClock()
  const log = sqliteLog({ path, clock })
  const heard: StreamId[] = []
  log.subscribe?.((streams) => heard.push(...streams))
  await clock.advance(10)
  const other = sqliteLog({ path })
  await write(other, 'service/web', 0, note('a'))
  await clock.advance(1_000)
  expect(heard).toEqual(['service/web'])
  await other.close()
  await log.close()
  expect(clock.pending).toBe(0)
})

test('polling stops with the last subscriber', async () => {
  const clock = createTestClock()
  const log = sqliteLog({ path, pollEveryMs: 5, clock })
  const one = log.subscribe?.(() => undefined)
  const two = log.subscribe?.(() => undefined)
  await clock.advance(20)
  expect(clock.pending).toBe(1)
  one?.close()
  expect(clock.pending).toBe(1)
  two?.close()
  expect(clock.pending).toBe(0)
  log.subscribe?.(() => undefined)
  expect(clock.pending).toBe(1)
  await log.close()
  expect(clock.pending).toBe(0)
})

test('an append waits while another process writes, without blocking this one, and then goes through', async () => {
  const clock = createTestClock()
  const log = sqliteLog({ path, clock })
  const other = new DatabaseSync(path)
  other.exec('BEGIN IMMEDIATE')
  const waiting = write(log, 'service/web', 0, note('a'))
  for (let wait = 0; wait < 3; wait += 1) await clock.advance(10)
  other.exec('COMMIT')
  await clock.advance(10)
  const [appended] = await waiting
  expect(appended?.version).toBe(1)
  other.close()
  await log.close()
})

test('an append gives up after its time, says why, and has written nothing', async () => {
  const clock = createTestClock()
  const log = sqliteLog({ path, clock, busyTimeoutMs: 40 })
  const other = new DatabaseSync(path)
  other.exec('BEGIN IMMEDIATE')
  const settled = Promise.all([1, 2].map((it) => errorOf(() => write(log, `service/${it}`, 0, note('a')))))
  for (let wait = 0; wait < 6; wait += 1) await clock.advance(10)
  for (const error of await settled) expect(error).toMatchObject({ code: 'LOG_BUSY', retryable: true })
  other.exec('ROLLBACK')
  expect(await allOf(log.readAll())).toEqual([])
  const [appended] = await write(log, 'service/1', 0, note('b'))
  expect(appended?.version).toBe(1)
  other.close()
  await log.close()
})

test('what breaks a transaction fails alone: its neighbours of the same turn are recorded', async () => {
  const log = sqliteLog({ path })
  await write(log, 'service/before', 0, note('a'))
  const other = new DatabaseSync(path)
  other.exec(`CREATE TRIGGER refuse BEFORE INSERT ON events WHEN new.actor = 'trigger'
    BEGIN SELECT raise(ABORT, 'refused by a trigger'); END`)
  other.close()
  const settled = await Promise.allSettled([
    write(log, 'service/a', 0, note('a')),
    write(log, 'service/bad', 0, note('b', { actor: 'trigger' })),
    write(log, 'service/c', 0, note('c')),
  ])
  expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect((await allOf(log.readAll())).map(({ stream }) => stream)).toEqual(['service/before', 'service/a', 'service/c'])
  const [next] = await write(log, 'service/a', 1, note('d'))
  expect(next?.version).toBe(2)
  await log.close()
})

test('processes that open new files at once find one log in each', async () => {
  const files = 40
  const names = Array.from({ length: files }, (_, index) => join(folder, `new-${index}.db`))
  const others = await Promise.all(
    ['a', 'b'].map((it) =>
      otherProcess(`
        process.stdin.once('data', async () => {
          for (const path of ${JSON.stringify(names)}) {
            const own = sqliteLog({ path })
            await own.append([{ stream: 'service/${it}', expected: 0, events: [{ type: 'a', actor: 'x', data: {} }] }])
            await own.close()
          }
          console.log('done')
        })
        console.log('ready')`),
    ),
  )
  for (const { next } of others) expect(await next()).toBe('ready')
  for (const { go } of others) go()
  expect(await Promise.all(others.map(({ next }) => next()))).toEqual(['done', 'done'])
  await Promise.all(others.map(({ kill }) => kill()))
  for (const name of names) {
    const log = sqliteLog({ path: name })
    expect((await allOf(log.readAll())).map(({ stream }) => stream).sort()).toEqual(['service/a', 'service/b'])
    await log.close()
  }
})
