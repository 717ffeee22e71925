import { expect, test } from 'vitest'
import { drive, opened } from '../fixtures/drive.ts'
import { I3, minute, second, shop } from '../fixtures/shop.ts'
import { createMitigator } from '../index.ts'

/** Resolved before anything was done, and back half an hour later, raised at once. */
async function again() {
  const world = shop()
  const { clock, target } = world
  const loop = drive(createMitigator({ target, health: target.health }), clock)
  loop.record(...opened(clock, { onsetAt: clock.now() }))
  loop.record({ type: 'incident.resolved', data: { service: 'shop', by: 'mia', why: 'well' } })
  await clock.advance(30 * minute)
  target.ship({ image: 'shop:3', digest: I3 })
  await clock.advance(2 * minute)
  const onsetAt = clock.now()
  target.behave('shop:3', { errorRatio: 0.6 })
  await clock.advance(minute)
  const [first, second_] = opened(clock, { onsetAt }).filter(({ type }) => type === 'signal.observed')
  const at = new Date(clock.now()).toISOString()
  loop.record(
    {
      type: 'incident.reopened',
      data: { service: 'shop', why: 'again', onsetAt: new Date(onsetAt).toISOString() },
    },
    { ...first!, data: { ...first!.data, id: 'a', status: 'resolved', at } },
    { ...second_!, data: { ...second_!.data, id: 'b', status: 'resolved', at } },
    { type: 'signal.observed', data: { ...first!.data, id: 'c', at } },
    { type: 'signal.observed', data: { ...second_!.data, id: 'd', at } },
  )
  const found = opened(clock, { onsetAt }).filter(({ type }) => /impact|evidence/.test(type))
  const page = opened(clock, { onsetAt })
    .filter(({ type }) => type.startsWith('page.'))
    .map((event) => JSON.parse(JSON.stringify(event).replaceAll('page-P0', 'again-P0')) as { type: string })
  return { clock, target, loop, found, page }
}

test('nothing is written before people have been told that it is back', async () => {
  const { clock, target, loop, found, page } = await again()
  loop.record(...found)
  await loop.until(3 * minute)
  expect(target.applied).toEqual([])
  loop.record(...page)
  const sentAt = clock.now()
  await loop.until(minute)
  expect(target.applied[0]!.at).toBe(sentAt + 10 * second)
})

test('nothing is written before the evidence of this time is saved', async () => {
  const { target, loop, found, page } = await again()
  loop.record(...page)
  await loop.until(3 * minute)
  expect(target.applied).toEqual([])
  loop.record(...found)
  await loop.until(minute)
  expect(target.applied).not.toEqual([])
})

test('what only lacks time is waited for, as at the opening', async () => {
  const { loop, found, page } = await again()
  loop.record(...found, ...page)
  await loop.until(10 * minute)
  expect(loop.of('approval.requested')).toEqual([])
  expect(loop.incident.status).toBe('mitigated')
})
