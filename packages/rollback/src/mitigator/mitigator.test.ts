import { expect, test } from 'vitest'
import { drive, opened } from '../fixtures/drive.ts'
import { badRelease, I1, I3, minute, second } from '../fixtures/shop.ts'
import { createMitigator } from '../index.ts'

test('a suspected release at P0 is rolled back one machine first, verified, recorded and quarantined', async () => {
  const { clock, target, onsetAt } = await badRelease()
  const loop = drive(createMitigator({ target, health: target.health }), clock)
  loop.record(...opened(clock, { onsetAt }))
  const pagedAt = clock.now()
  await loop.until(10 * minute)

  expect(loop.of('release.suspected').at(-1)).toMatchObject({ verdict: 'suspected', release: { version: 3 } })
  expect(target.applied.map(({ unit }) => unit)).toEqual(['m1', 'm2', 'm3'])
  expect(target.applied[0]!.at - pagedAt).toBeGreaterThanOrEqual(10 * second)
  expect(loop.of('unit.updated').at(-1)).toMatchObject({ unit: 'm3', done: 3, total: 3, outcome: 'updated' })
  expect(loop.of('mitigation.finished')).toMatchObject([{ outcome: 'verified', action: 'rollback/v3' }])
  expect(loop.incident).toMatchObject({ status: 'mitigated' })
  expect(loop.service.quarantined).toMatchObject([{ version: 3, digest: I3 }])
  expect(loop.service.charges).toHaveLength(1)
  const [v4] = await target.releases({ signal: new AbortController().signal })
  expect(v4).toMatchObject({ version: 4, status: 'complete', digest: I1, labels: { 'firebreak.rollback': 'v2' } })
})
