import { expect, test } from 'vitest'
import { mortal } from './fixtures/mortal.ts'
import { badRelease, I1, minute } from './fixtures/shop.ts'
import { executeRollback, memoryJournal, planRollback } from './index.ts'

/** As the deploy script does it: plan, execute, and the same again after a crash. */
async function script(
  world: Awaited<ReturnType<typeof badRelease>>,
  journal: ReturnType<typeof memoryJournal>,
  diesAt: number,
) {
  const { clock } = world
  const life = mortal(world.target, journal, diesAt)
  const work = async () => {
    const plan = await planRollback(life.target, { reason: 'smoke test failed', health: life.target.health, clock })
    return executeRollback(plan, life.target, { journal: life.journal, health: life.target.health, clock })
  }
  return { outcome: await clock.run(work().catch((error: unknown) => error)), died: life.died }
}

test('killed at any boundary and run again, it goes on: every machine is updated once, one release is recorded', async () => {
  let boundary = 1
  for (; ; boundary += 1) {
    const world = await badRelease()
    const journal = memoryJournal()
    const first = await script(world, journal, boundary)
    if (!first.died) break
    await world.clock.advance(5_000)
    const { outcome } = await script(world, journal, Infinity)
    const where = `died at boundary ${boundary}`

    expect(outcome, where).toMatchObject({ ok: true })
    expect(world.target.applied.map(({ unit }) => unit).toSorted(), where).toEqual(['m1', 'm2', 'm3'])
    expect(
      world.target.calls.filter(({ call }) => call === 'update'),
      where,
    ).toHaveLength(3)
    const releases = await world.target.releases({ signal: new AbortController().signal })
    expect(
      releases.map(({ version, status }) => `v${version} ${status}`),
      where,
    ).toEqual(['v4 complete', 'v3 complete', 'v2 complete', 'v1 complete'])
    // A lock that its holder could not give back runs out.
    await world.clock.advance(minute)
    const units = await world.target.units({ signal: new AbortController().signal })
    expect(
      units.every(({ digest, lockedBy }) => digest === I1 && lockedBy === undefined),
      where,
    ).toBe(true)
    expect(world.clock.pending, where).toBe(0)
  }
  expect(boundary).toBeGreaterThan(60)
})
