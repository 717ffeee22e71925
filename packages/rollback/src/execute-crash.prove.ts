import { seededRandom } from '@firebreak/core'
import { expect, test } from 'vitest'
import { mortal } from './fixtures/mortal.ts'
import { badRelease, I1 } from './fixtures/shop.ts'
import { executeRollback, memoryJournal, planRollback } from './index.ts'

const units = ['a', 'b', 'c', 'd', 'e', 'f'].map((id) => ({
  id,
  image: 'shop:1',
  digest: I1,
  ...(id === 'f' ? { state: 'stopped' as const } : {}),
}))

/** Lives and dies as told, one life after another, until one ends by itself; gives how many died. */
async function lives(deaths: readonly number[]) {
  let died = 0
  const world = await badRelease({ units })
  const journal = memoryJournal()
  const { clock } = world
  for (const diesAt of [...deaths, Infinity]) {
    const life = mortal(world.target, journal, diesAt)
    const work = async () => {
      const plan = await planRollback(life.target, { reason: 'P0', health: life.target.health, clock })
      return executeRollback(plan, life.target, { journal: life.journal, health: life.target.health, clock })
    }
    const outcome = await clock.run(work().catch((error: unknown) => error))
    await clock.advance(5_000)
    if (!life.died) return { world, outcome, died }
    died += 1
  }
  throw new Error('no life ended by itself')
}

async function check(deaths: readonly number[]): Promise<number> {
  const { world, outcome, died } = await lives(deaths)
  const where = `died at ${deaths.join(', ')}`
  expect(outcome, where).toMatchObject({ ok: true })
  const updated = world.target.calls.filter(({ call }) => call === 'update').map(({ unit }) => unit ?? '')
  expect(updated.toSorted(), where).toEqual(['a', 'b', 'c', 'd', 'e', 'f'])
  const releases = await world.target.releases({ signal: new AbortController().signal })
  expect(
    releases.map(({ version }) => version),
    where,
  ).toEqual([4, 3, 2, 1])
  return died
}

test('six machines, every single boundary: 0 redundant updates', async () => {
  let boundary = 1
  while ((await check([boundary])) === 1) boundary += 1
  expect(boundary).toBeGreaterThan(100)
})

test('pairs and triples of deaths: 0 redundant updates', async () => {
  const random = seededRandom(11)
  const boundary = () => 1 + Math.floor(random() * 140)
  for (let turn = 0; turn < 400; turn += 1) {
    const deaths = Array.from({ length: 2 + (turn % 2) }, boundary)
    expect(await check(deaths)).toBeLessThanOrEqual(deaths.length)
  }
})
