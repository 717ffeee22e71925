import { expect, test } from 'vitest'
import { never, simShop } from '../fixtures/sim-shop.ts'
import { flyTarget } from '../target/fly-target.ts'

test('while the Machines API fails there is a text for support, with what was seen last; none when it answers', async () => {
  await using shop = simShop({}, {}, { retry: false, organization: 'hotdash' })
  const list = async () => shop.clock.run(Promise.resolve(shop.app.machines.list({ signal: never })))
  await list()
  expect(shop.app.supportText()).toBeUndefined()
  shop.sim.admin.addFault({ kind: 'unavailable', operation: 'machines.list', times: 3 })
  for (let turn = 0; turn < 3; turn += 1) {
    await expect(list()).rejects.toMatchObject({ code: 'FLY_PLATFORM' })
    await shop.clock.advance(30_000)
  }
  const text = flyTarget(shop.app).supportText?.() ?? ''
  const [machine] = shop.sim.admin.machines('shop')
  for (const said of [
    'App shop, organization hotdash',
    '2026-11-23T02:00:00Z (503)',
    '2026-11-23T02:01:00Z (503), 3 in a row',
    'Request ids: ',
    `${machine?.id} (iad`,
    'Regions: iad, ord',
  ])
    expect(text).toContain(said)
  await list()
  expect(shop.app.supportText()).toBeUndefined()
})

test('what the API refuses is an answer', async () => {
  await using shop = simShop({}, {}, { retry: false })
  await expect(shop.clock.run(Promise.resolve(shop.app.machines.get('0000000000000f')))).rejects.toMatchObject({
    code: 'FLY_NOT_FOUND',
  })
  expect(shop.app.supportText()).toBeUndefined()
})
