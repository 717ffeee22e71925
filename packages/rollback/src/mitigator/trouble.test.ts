import { expect, test } from 'vitest'
import { drive, opened } from '../fixtures/drive.ts'
import { hour, I3, minute, second, shop } from '../fixtures/shop.ts'
import { createMitigator, type MitigatorOptions } from '../index.ts'

/** A warning has been open for three hours when a bad release comes. */
async function afterAWarning(options: Partial<MitigatorOptions> = {}) {
  const { clock, target } = shop()
  const loop = drive(createMitigator({ target, health: target.health, ...options }), clock)
  const before = clock.now()
  const [open] = opened(clock, { onsetAt: before })
  loop.record(open!, { type: 'incident.assessed', data: { service: 'shop', severity: 'P3', reasons: [] } })
  await clock.advance(3 * hour)
  target.ship({ image: 'shop:3', digest: I3 })
  await clock.advance(2 * minute)
  target.behave('shop:3', { errorRatio: 0.6 })
  await clock.advance(15 * second)
  const onsetAt = clock.now()
  loop.record(...opened(clock, { onsetAt }).slice(1))
  return { clock, target, loop, onsetAt }
}

test('a release is judged by the trouble that came after it, not by a warning that was open before', async () => {
  const { clock, target, loop, onsetAt } = await afterAWarning({ neighbours: () => Promise.resolve([]) })
  await loop.until(10 * minute)
  expect(loop.incident.suspicion?.tests.find(({ test: name }) => name === 'time')).toMatchObject({ answer: 'yes' })
  expect(loop.incident.status).toBe('mitigated')
  expect(target.applied[0]!.at - onsetAt, 'measured for 60 s of this trouble').toBeGreaterThanOrEqual(minute)
  expect(clock.pending).toBe(0)
})

test('what fell ill with the warning says nothing of it: without a word on the others a person decides', async () => {
  const { target, loop } = await afterAWarning()
  await loop.until(10 * minute)
  expect(target.applied).toEqual([])
  expect(loop.of('approval.requested')).toHaveLength(1)
})
