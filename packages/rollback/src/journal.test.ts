import { mkdtemp, readFile, stat, writeFile, mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Journal, JournalEntry } from '@firebreak/core'
import { describe, expect, test } from 'vitest'
import { badRelease } from './fixtures/shop.ts'
import { executeRollback, fileJournal, JournalError, memoryJournal, planRollback } from './index.ts'

const entry = (key: string): JournalEntry => ({ kind: 'note', key, at: '2026-11-23T02:00:00.000Z', data: { n: 1 } })
const all = (journal: Journal) => Array.fromAsync(journal.read())
const folder = () => mkdtemp(join(tmpdir(), 'firebreak-journal-'))
const failure = async (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  )

describe('a file journal', () => {
  test('keeps entries across lives, in order, readable by its owner only, in folders that it makes', async () => {
    const path = join(await folder(), 'deep', 'er', 'rollback.jsonl')
    await fileJournal(path).append(entry('a'))
    const second = fileJournal(path)
    await second.append(entry('b'))
    expect((await all(fileJournal(path))).map(({ key }) => key)).toEqual(['a', 'b'])
    expect((await stat(path)).mode & 0o777).toBe(0o600)
  })

  test('a file that is not there is an empty journal', async () => {
    expect(await all(fileJournal(join(await folder(), 'none.jsonl')))).toEqual([])
  })

  test('a last line that was torn by a crash is cut off, also when nobody read before writing', async () => {
    const path = join(await folder(), 'torn.jsonl')
    const whole = `${JSON.stringify(entry('a'))}\n`
    await writeFile(path, `${whole}{"kind":"intent","key":"b","at":"2026`)
    expect((await all(fileJournal(path))).map(({ key }) => key)).toEqual(['a'])
    await writeFile(path, `${whole}{"kind":"intent","key":"ü`)
    await fileJournal(path).append(entry('c'))
    expect(await readFile(path, 'utf8')).toBe(`${whole}${JSON.stringify(entry('c'))}\n`)
  })

  test.each([
    ['garbage in the middle', `${JSON.stringify(entry('a'))}\nnot json\n${JSON.stringify(entry('b'))}\n`],
    ['another kind of file', '[1,2,3]\n'],
    ['an entry without data', '{"kind":"note","key":"a","at":"x"}\n'],
    ['an entry of an unknown kind', '{"kind":"wish","key":"a","at":"x","data":{}}\n'],
    ['an empty line', `\n${JSON.stringify(entry('a'))}\n`],
  ])('%s is refused, names the line, and leaves the file as it is', async (_name, content) => {
    const path = join(await folder(), 'bad.jsonl')
    await writeFile(path, content)
    const error = await failure(all(fileJournal(path)))
    expect(error).toBeInstanceOf(JournalError)
    expect(error).toMatchObject({ code: 'JOURNAL_CORRUPT' })
    expect((error as Error).message).toMatch(/line \d/)
    expect(await failure(fileJournal(path).append(entry('x')))).toMatchObject({ code: 'JOURNAL_CORRUPT' })
    expect(await readFile(path, 'utf8')).toBe(content)
  })

  test('a path that cannot be written is refused before anything is done', async () => {
    const path = join(await folder(), 'dir')
    await mkdir(path)
    const world = await badRelease()
    const plan = await world.clock.run(planRollback(world.target, { reason: 'P0', clock: world.clock }))
    const error = await failure(executeRollback(plan, world.target, { journal: fileJournal(path), clock: world.clock }))
    expect(error).toBeInstanceOf(JournalError)
    expect(world.target.applied).toEqual([])
  })
})

describe('a journal of something else', () => {
  async function unfinished() {
    const world = await badRelease()
    const journal = memoryJournal()
    const plan = await world.clock.run(planRollback(world.target, { reason: 'P0', clock: world.clock }))
    await journal.append({
      kind: 'plan',
      key: 'rollback/v3/plan',
      at: entry('').at,
      data: { run: 'r', plan: plan as never },
    })
    return { world, journal, plan }
  }

  test('an unfinished rollback of another plan is refused, and named', async () => {
    const { world, journal, plan } = await unfinished()
    world.target.change('m3', { state: 'gone' })
    const other = await world.clock.run(planRollback(world.target, { reason: 'P0', clock: world.clock }))
    expect(other.digest).not.toBe(plan.digest)
    const error = await failure(executeRollback(other, world.target, { journal, clock: world.clock }))
    expect(error).toMatchObject({ code: 'JOURNAL_MISMATCH' })
    expect((error as Error).message).toContain(plan.id)
    expect(world.target.applied).toEqual([])
  })

  test('a finished one is history: another plan may use the same file', async () => {
    const { world, journal, plan } = await unfinished()
    await journal.append({ kind: 'outcome', key: 'rollback/v3/finish', at: entry('').at, data: {} })
    world.target.change('m3', { state: 'gone' })
    const other = await world.clock.run(planRollback(world.target, { reason: 'P0', clock: world.clock }))
    expect(other.digest).not.toBe(plan.digest)
    const outcome = await world.clock.run(
      executeRollback(other, world.target, { journal, clock: world.clock, health: world.target.health }),
    )
    expect(outcome).toMatchObject({ status: 'verified', resumed: false })
  })

  test('a plan entry that is none is refused', async () => {
    const { world, plan } = await unfinished()
    const journal = memoryJournal()
    await journal.append({ kind: 'plan', key: 'rollback/v3/plan', at: entry('').at, data: { run: 'r' } })
    expect(await failure(executeRollback(plan, world.target, { journal, clock: world.clock }))).toMatchObject({
      code: 'JOURNAL_CORRUPT',
    })
  })
})

test('a journal that breaks off in the middle stops the work, and the lock is given back', async () => {
  const world = await badRelease()
  const memory = memoryJournal()
  let left = 5
  const journal: Journal = {
    read: () => memory.read(),
    append: (next) =>
      (left -= 1) < 0 ? Promise.reject(new JournalError('JOURNAL_UNWRITABLE', 'disk full')) : memory.append(next),
  }
  const plan = await world.clock.run(
    planRollback(world.target, { reason: 'P0', health: world.target.health, clock: world.clock }),
  )
  const error = await world.clock.run(
    failure(executeRollback(plan, world.target, { journal, clock: world.clock, health: world.target.health })),
  )
  expect(error).toMatchObject({ code: 'JOURNAL_UNWRITABLE' })
  expect(world.target.applied.length).toBeLessThanOrEqual(1)
  expect(world.target.calls.at(-1)?.call).toBe('unlock')
  expect(world.clock.pending).toBe(0)
})
