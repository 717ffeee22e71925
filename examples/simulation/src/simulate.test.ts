import { expect, test } from 'vitest'
import { foundStories } from './night/found-stories.ts'
import { drawStory } from './night/story.ts'
import { safeguards } from './safeguards.ts'
import { simulateSeed, simulateStory } from './simulate.ts'

test('twenty nights of crashes, sleepers and lies break no rule', async () => {
  const nights = []
  for (let seed = 222; seed <= 241; seed += 1) nights.push(await simulateSeed(seed))
  expect(nights.flatMap(({ seed, violations }) => violations.map((why) => `pnpm simulate --seed ${seed}   # ${why}`))).toEqual([])
  // Nights in which nothing happens would prove nothing.
  expect(nights.reduce((sum, { effects }) => sum + effects, 0)).toBeGreaterThan(5)
  expect(nights.reduce((sum, { wakes }) => sum + wakes, 0)).toBeGreaterThan(10)
  expect(nights.reduce((sum, { crashes }) => sum + crashes, 0)).toBeGreaterThan(0)
})

test.each(Object.entries(foundStories))('breaks no rule any more: %s', async (_was, story) => {
  expect((await simulateStory(story)).violations).toEqual([])
})

test('the same seed leaves the same log, byte for byte', async () => {
  const [one, other] = [await simulateSeed(110), await simulateSeed(110)]
  expect(other.digest).toBe(one.digest)
  expect(one.events).toBeGreaterThan(20)
})

test('a responder that keeps nothing in memory leaves the same log as one that keeps all', async () => {
  const stories = Array.from({ length: 60 }, (_, index) => drawStory(index + 1)).filter(({ instances }) => instances === 1)
  const differing: number[] = []
  for (const story of stories) {
    const [keeping, forgetful] = [await simulateStory({ ...story, forgetful: false }), await simulateStory({ ...story, forgetful: true })]
    if (keeping.digest !== forgetful.digest) differing.push(story.seed)
  }
  expect(differing).toEqual([])
  expect(stories.length).toBeGreaterThan(10)
})

test('a safeguard that is taken away breaks a rule', async () => {
  const { violations } = await simulateSeed(1, safeguards['resolver'])
  expect(violations.join()).toContain('everythingEnds')
})

test('every kind of happening is drawn, and one to five responders on one to six machines', () => {
  const stories = Array.from({ length: 400 }, (_, index) => drawStory(index + 1))
  const kinds = new Set(stories.flatMap(({ happenings }) => happenings.map(({ kind }) => kind)))
  expect(kinds).toEqual(
    new Set([
      'ship bad',
      'ship good',
      'unit ill',
      'users fail',
      'well again',
      'crash',
      'crash point',
      'zombie',
      'log refuses',
      'cut off',
      'channel',
      'target',
      'silent revert',
      'clock jump',
      'hold',
      'acknowledge',
      'approve',
      'deny',
      'note',
      'escalate',
      'resolve',
    ]),
  )
  expect(new Set(stories.map(({ instances }) => instances))).toEqual(new Set([1, 2, 3, 4, 5]))
  const skews = stories.flatMap(({ skewMs = [] }) => skewMs)
  expect([Math.min(...skews) < -3_000, Math.max(...skews) > 3_000]).toEqual([true, true])
  expect(new Set(stories.map(({ fleet }) => fleet.length))).toEqual(new Set([1, 2, 3, 4, 5, 6]))
})
