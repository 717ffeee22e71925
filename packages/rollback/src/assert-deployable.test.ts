import { emptyService, type ServiceRecord } from '@firebreak/core'
import { expect, test } from 'vitest'
import { badRelease, digestOf, I1, I3 } from './fixtures/shop.ts'
import { assertDeployable, NotDeployable } from './index.ts'

const record: ServiceRecord = {
  ...emptyService('service/shop'),
  quarantined: [
    {
      service: 'shop',
      version: 3,
      image: 'shop:3',
      digest: I3,
      reason: 'left by the rollback of incident 7K42',
      at: 0,
    },
  ],
}

test('a quarantined digest is refused under whatever tag, with the reason', async () => {
  const refusal = await assertDeployable({ record }, { image: 'shop:new-tag', digest: I3 }).catch(
    (error: unknown) => error,
  )
  expect(refusal).toBeInstanceOf(NotDeployable)
  expect(refusal).toMatchObject({ code: 'NOT_DEPLOYABLE', service: 'shop', digest: I3 })
  expect((refusal as Error).message).toMatch(/7K42/)
  await expect(assertDeployable({ record }, { image: `shop@${I3}` })).rejects.toBeInstanceOf(NotDeployable)
})

test('another image may be deployed', async () => {
  await expect(assertDeployable({ record }, { image: 'shop:4', digest: I1 })).resolves.toBeUndefined()
})

test('an image without a digest cannot be told from a quarantined one, and says what to do', async () => {
  await expect(assertDeployable({ record }, { image: 'shop:4' })).rejects.toThrow(/by its digest/)
  await assertDeployable({ record: emptyService('service/shop') }, { image: 'shop:4' })
})

test("the platform's own history is enough: what a recorded rollback left is refused, also as a new release", async () => {
  const { target } = await badRelease()
  await assertDeployable(target, 3)
  target.ship({ image: 'shop:1', digest: I1, labels: { 'firebreak.rollback': 'v2' } })
  target.ship({ image: 'shop:5', digest: I3 }, { units: [] })
  target.ship({ image: 'shop:6', digest: digestOf('c') }, { units: [] })
  await expect(assertDeployable(target, 'v5')).rejects.toThrow(/rollback v4 left it/)
  await expect(assertDeployable(target, 3)).rejects.toBeInstanceOf(NotDeployable)
  await assertDeployable(target, 6)
  await assertDeployable(target, 1)
})

test('record and history together; a version that does not exist is named', async () => {
  const { target } = await badRelease()
  await expect(assertDeployable({ record, target }, 'v3')).rejects.toBeInstanceOf(NotDeployable)
  await expect(assertDeployable(target, 'v9')).rejects.toMatchObject({ field: 'version' })
})
