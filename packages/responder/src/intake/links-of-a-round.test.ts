import { expect, test } from 'vitest'
import { outage } from '../responder.fixture.ts'
import { night } from '../fixtures/woken.ts'

const minute = 60_000

async function reopenedShop(first: readonly string[]) {
  const w = night()
  const responder = await w.join()
  for (const service of first) await responder.ingest(outage(w.clock, { service }))
  await w.clock.advance(minute)
  for (const service of first) await responder.resolve(service, { by: 'mia', why: 'fixed' })
  await w.clock.advance(20 * minute)
  return { ...w, responder }
}
const linksOf = async (responder: Awaited<ReturnType<typeof reopenedShop>>['responder']) => ({
  shop: (await responder.incident('shop')).linked,
  api: (await responder.incident('api')).linked,
})

test.each([
  ['shop', 'api'],
  ['api', 'shop'],
])('onsets within 5 min are linked, also of a reopened incident: %s, then %s', async (...order) => {
  const { clock, responder } = await reopenedShop(['shop'])
  for (const service of order) {
    await responder.ingest(outage(clock, { service }))
    await clock.advance(5_000)
  }
  expect((await responder.incident('shop')).reopened).toBe(1)
  expect(await linksOf(responder)).toEqual({ shop: ['incident/api/1'], api: ['incident/shop/1'] })
  await clock.run(responder.stop())
})

test('what falls ill again alone is linked with nobody: the six tests take links for neighbours that are ill now', async () => {
  const { clock, responder } = await reopenedShop(['shop', 'api'])
  await responder.ingest(outage(clock, { service: 'shop' }))
  await clock.advance(5_000)
  expect(await responder.incident('shop')).toMatchObject({ reopened: 1, linked: [] })
  await clock.run(responder.stop())
})

test('what falls ill again together is linked again, also by two responders', async () => {
  const { clock, responder, join } = await reopenedShop(['shop', 'api'])
  const other = await join()
  await responder.ingest(outage(clock, { service: 'shop' }))
  await clock.advance(5_000)
  await other.ingest(outage(clock, { service: 'api' }))
  await clock.advance(5_000)
  expect(await linksOf(responder)).toEqual({ shop: ['incident/api/1'], api: ['incident/shop/1'] })
  await clock.run(other.stop())
  await clock.run(responder.stop())
})
