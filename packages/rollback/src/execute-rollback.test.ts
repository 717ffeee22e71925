import { createBus } from '@firebreak/core'
import { createTestClock } from '@firebreak/core/testing'
import { expect, test } from 'vitest'
import { executeRollback, planRollback } from './index.ts'
import { memoryTarget, type MemoryTargetOptions } from './testing/index.ts'

const minute = 60_000
const day = 24 * 60 * minute

/** Two releases of one image, then a third with a bad one, two minutes old. */
async function badRelease(options: MemoryTargetOptions = {}) {
  const clock = createTestClock()
  const at = (ago: number) => new Date(clock.now() - ago).toISOString()
  const target = memoryTarget({
    clock,
    releases: [
      { version: 1, image: 'shop:1', digest: 'sha256:aaaaaa', createdAt: at(10 * day) },
      { version: 2, image: 'shop:1', digest: 'sha256:aaaaaa', createdAt: at(2 * day) },
    ],
    ...options,
  })
  target.ship({ image: 'shop:3', digest: 'sha256:bbbbbb', by: 'ci' })
  target.behave('shop:3', { errorRatio: 0.6 })
  await clock.advance(2 * minute)
  return { clock, target }
}

test('a bad release is rolled back to the last good image, one machine first, and verified', async () => {
  const { clock, target } = await badRelease()
  const bus = createBus()
  const told: string[] = []
  bus.on('rollback.planned', () => told.push('planned'))
  bus.on('unit.updated', ({ unit, done, total, outcome }) => told.push(`${done}/${total} ${unit} ${outcome}`))
  bus.on('rollback.verified', () => told.push('verified'))

  const plan = await clock.run(planRollback(target, { reason: 'P0', health: target.health, clock }))
  expect(plan).toMatchObject({ from: { version: 3 }, to: { version: 2, image: 'shop:1' }, proven: true })
  const outcome = await clock.run(executeRollback(plan, target, { health: target.health, clock, bus }))

  expect(outcome).toMatchObject({ ok: true, status: 'verified', recorded: { version: 4, status: 'complete' } })
  expect(told).toEqual(['planned', '1/3 m1 updated', '2/3 m2 updated', '3/3 m3 updated', 'verified'])
  expect(outcome.units.map(({ digest }) => digest)).toEqual(['sha256:aaaaaa', 'sha256:aaaaaa', 'sha256:aaaaaa'])
  expect(target.applied.map(({ unit }) => unit)).toEqual(['m1', 'm2', 'm3'])
  expect(clock.pending).toBe(0)
})
