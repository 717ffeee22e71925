import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '..')
const scratch = mkdtempSync(join(tmpdir(), 'firebreak-copies-'))

/** A rollback that brings a core of its own, beside the core of this repository, in one process. */
const script = `
import { createBus, FirebreakError } from ${JSON.stringify(pathToFileURL(join(root, 'packages/core/src/index.ts')).href)}
import * as theirs from '@firebreak/core'
import { executeRollback, planRollback } from './rollback/src/index.ts'
import { badRelease } from './rollback/src/fixtures/shop.ts'

const world = await badRelease()
const { clock, target } = world
const bus = createBus()
const told = []
for (const name of ['rollback.planned', 'unit.updated', 'rollback.verified', 'rollback.failed']) bus.on(name, () => told.push(name))
bus.on('unit.updated', () => { throw new Error('a listener that is broken') })
const plan = await clock.run(planRollback(target, { reason: 'P0', health: target.health, clock }))
const outcome = await clock.run(executeRollback(plan, target, { health: target.health, clock, bus }))
const refused = await clock.run(planRollback(target, { reason: 'P0', to: 99, clock }).catch((error) => error))
await bus.idle()
console.log(JSON.stringify({
  copies: theirs.FirebreakError !== FirebreakError,
  status: outcome.status,
  told,
  recognised: FirebreakError.isInstance(refused),
  refused: refused.code,
}))
`

let story: Record<string, unknown>
beforeAll(() => {
  for (const name of ['core', 'rollback'])
    cpSync(join(root, 'packages', name), join(scratch, name), {
      recursive: true,
      filter: (path) => !/\/(node_modules|dist)(\/|$)|\.(test|prove|bench)\.ts$/.test(path),
    })
  symlinkSync(join(root, 'packages/core/node_modules'), join(scratch, 'core/node_modules'))
  for (const folder of ['.', 'rollback']) {
    mkdirSync(join(scratch, folder, 'node_modules/@firebreak'), { recursive: true })
    symlinkSync(join(scratch, 'core'), join(scratch, folder, 'node_modules/@firebreak/core'))
  }
  symlinkSync(join(root, 'packages/rollback/node_modules/zod'), join(scratch, 'rollback/node_modules/zod'))
  writeFileSync(join(scratch, 'package.json'), '{"type":"module"}')
  writeFileSync(join(scratch, 'story.mjs'), script)
  const words = ['--conditions=@firebreak/source', 'story.mjs']
  story = JSON.parse(
    execFileSync(process.execPath, words, { cwd: scratch, encoding: 'utf8', timeout: 30_000 }),
  ) as typeof story
})
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

test('a bus of one core and a rollback with another work together, broken listeners included', () => {
  expect(story).toMatchObject({ copies: true, status: 'verified' })
  expect(story['told']).toEqual([
    'rollback.planned',
    'unit.updated',
    'unit.updated',
    'unit.updated',
    'rollback.verified',
  ])
})

test('an error of one core is recognised by the other', () => {
  expect(story).toMatchObject({ recognised: true, refused: 'NO_SUCH_RELEASE' })
})
