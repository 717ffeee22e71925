import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { arrayLog } from './fixtures/array-log.ts'
import * as ours from './index.ts'
import { createTestClock } from './testing/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'firebreak-copy-'))
let theirs: typeof ours

beforeAll(async () => {
  cpSync(import.meta.dirname, join(folder, 'src'), { recursive: true, filter: (path) => !path.endsWith('.test.ts') })
  symlinkSync(join(import.meta.dirname, '../node_modules'), join(folder, 'node_modules'))
  theirs = (await import(/* @vite-ignore */ pathToFileURL(join(folder, 'src/index.ts')).href)) as typeof ours
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('they are two copies indeed', () => {
  expect(theirs.FirebreakError).not.toBe(ours.FirebreakError)
  expect(new theirs.TimeoutError('x', 1)).not.toBeInstanceOf(ours.TimeoutError)
})

test('an error of one is an error of the other', () => {
  expect(ours.FirebreakError.isInstance(new theirs.TimeoutError('x', 1))).toBe(true)
  expect(theirs.FirebreakError.isInstance(new ours.NotifyError({ outcome: 'permanent', message: 'x' }))).toBe(true)
})

test('a lost race told by one is decided again by the other', async () => {
  const log = arrayLog(createTestClock())
  let raced = false
  log.before = () => {
    if (raced) return
    raced = true
    throw new theirs.VersionConflict('incident/shop/1', 0, '1')
  }
  const note = { type: 'note.added', actor: 'own', data: { text: 'x' } }
  expect(await ours.record(log, 'incident/shop/1', () => [note])).toHaveLength(1)
})

test('what one cannot say for sure is uncertain to the other, and what is hopeless is not repeated', async () => {
  const clock = createTestClock()
  const log = arrayLog(clock)
  const ambiguous = () => Promise.reject(new theirs.NotifyError({ outcome: 'ambiguous', message: 'cut off' }))
  expect(await ours.once(log, 'incident/shop/1', 'k', ambiguous, { clock })).toMatchObject({ status: 'uncertain' })
  expect(ours.isWorthRetrying(new theirs.InvalidInput('x', 'y'))).toBe(false)
})

test('the relay of one tells on the bus of the other', async () => {
  const clock = createTestClock()
  const log = arrayLog(clock)
  const bus = theirs.createBus()
  const stopping = new AbortController()
  const running = ours.relay(log, bus, { signal: stopping.signal, clock })
  const next = bus.once('note.added')
  await clock.advance(0)
  await theirs.record(log, 'incident/shop/1', () => [{ type: 'note.added', actor: 'own', data: { text: 'hello' } }])
  expect((await next)[0].text).toBe('hello')
  stopping.abort()
  await running
})
