import { expect, test } from 'vitest'
import { tellStory } from './fixtures/once-world.ts'

const seeds = Array.from({ length: 40 }, (_, index) => index + 1)

test('with crashes, hung machines and a log that breaks off, no step is done twice and one outcome is recorded', async () => {
  for (const seed of seeds) {
    const { applied, doubleHolds, events, pending } = await tellStory(seed)
    expect({ seed, applied, doubleHolds, pending }).toEqual({ seed, applied: [1, 1, 1], doubleHolds: 0, pending: 0 })
    expect(
      events.filter(({ type }) => type === 'own.done'),
      `seed ${seed}`,
    ).toHaveLength(1)
    const attempts = events
      .filter(({ type }) => type === 'action.started')
      .map(({ data }) => (data as { attempt: number }).attempt)
    expect(attempts, `seed ${seed}`).toEqual(attempts.map((_, index) => index + 1))
  }
})

test('the same seed tells the same story', async () => {
  const tell = async () => (await tellStory(11)).events.map(({ type, at }) => `${at} ${type}`)
  expect(await tell()).toEqual(await tell())
})

test('an effect that does not read held() repeats itself: that is what the guard is for', async () => {
  const many = Array.from({ length: 200 }, (_, index) => tellStory(index, { careless: true }))
  const stories = await Promise.all(many)
  expect(stories.some(({ applied }) => applied.some((times) => times > 1))).toBe(true)
})
