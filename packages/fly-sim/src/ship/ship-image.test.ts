import { describe, expect, test } from 'vitest'
import { bad, good, shop } from '../fixtures/shop.ts'

test('the calls of a rolling deploy come in flyctl’s order', async () => {
  const { clock, sim, ids } = shop({ machines: 2 })
  const outcome = await clock.run(sim.admin.ship('shop', bad))
  expect(outcome).toMatchObject({ ok: true, release: { version: 2 } })
  const order = ids.toSorted()
  expect(outcome.updated).toEqual(order)
  const calls = sim.admin.calls()
  const steps = calls
    .filter(({ operation }) => operation !== 'leases.acquire')
    .map(({ operation, machine }) =>
      machine === undefined || operation === 'leases.release'
        ? operation
        : `${operation} ${order.indexOf(machine) + 1}`,
    )
  const once = steps.filter((step, index) => step !== steps[index - 1])
  expect(once).toEqual([
    'apps.get',
    'graphql',
    'machines.list',
    'releases.create',
    'releases.update',
    'machines.update 1',
    'machines.wait 1',
    'machines.get 1',
    'machines.update 2',
    'machines.wait 2',
    'machines.get 2',
    'leases.release',
    'releases.update',
  ])
  const leases = calls.filter(({ operation }) => operation === 'leases.acquire')
  expect(leases.length).toBeGreaterThan(4)
  expect(leases.every(({ query, status }) => query === 'ttl=13' && status === 201)).toBe(true)
  expect(calls.every(({ status }) => status !== undefined && status < 300)).toBe(true)
  expect(sim.admin.machines('shop').map(({ image, release }) => [image, release])).toEqual([
    [bad, 2],
    [bad, 2],
  ])
})

test('half of it goes wrong: what was updated stays, the release is failed, no lease is left', async () => {
  const unhealthy = { ref: bad, behaviour: { paths: { '/health': { errorRatio: 1 } } } }
  const { clock, sim, send, ids } = shop({}, { images: [{ ref: good }, unhealthy] })
  const outcome = await clock.run(sim.admin.ship('shop', bad, { waitTimeoutMs: 30_000 }))
  expect(outcome.ok).toBe(false)
  expect(outcome.error).toMatch(/timeout reached waiting for health checks/)
  expect(sim.admin.machines('shop').filter(({ image }) => image === bad)).toHaveLength(1)
  expect((await send('GET', '/api/v1/apps/shop/releases/current')).body).toMatchObject({ version: 2, status: 'failed' })
  for (const id of ids) expect((await send('GET', `/v1/apps/shop/machines/${id}/lease`)).status).toBe(404)
})

test('an app that keeps crashing is noticed by the smoke check', async () => {
  const { clock, sim } = shop(
    {},
    {
      images: [{ ref: good }, { ref: bad, behaviour: { exit: { afterMs: 500 } } }],
      timing: { restartPauseMs: 100, startMs: 100 },
    },
  )
  const outcome = await clock.run(sim.admin.ship('shop', bad))
  expect(outcome.error).toMatch(/appears to be crashing/)
})

test('stopped machines get the image and stay stopped; unmanaged and reserved ones are left alone', async () => {
  const machines = [{}, { state: 'stopped' as const }, { unmanaged: true }, { group: 'fly_app_console' }]
  const { clock, sim } = shop({ machines })
  await clock.run(sim.admin.ship('shop', bad))
  await clock.advance(10_000)
  expect(sim.admin.machines('shop').map(({ state, image }) => [state, image])).toEqual([
    ['started', bad],
    ['stopped', bad],
    ['started', good],
    ['started', good],
  ])
})

test('a secrets change is a release of the same image that restarts everything', async () => {
  const { clock, sim, send } = shop()
  const before = sim.admin.machines('shop').map(({ instanceId }) => instanceId)
  const outcome = await clock.run(sim.admin.shipSecrets('shop', { API_KEY: 'x' }))
  expect(outcome.ok).toBe(true)
  const after = sim.admin.machines('shop')
  expect(after.map(({ image }) => image)).toEqual([good, good, good])
  expect(after.every(({ instanceId }) => !before.includes(instanceId))).toBe(true)
  const { releases } = (await send('GET', '/api/v1/apps/shop/releases')).body
  expect(releases.map(({ image_ref }: { image_ref: string }) => image_ref)).toEqual([good, good])
})

describe('nothing is touched', () => {
  test('when the image is gone', async () => {
    const { clock, sim } = shop()
    sim.admin.prune(bad)
    await expect(clock.run(sim.admin.ship('shop', bad))).rejects.toMatchObject({ code: 'SHIP_REFUSED' })
    expect(sim.admin.writes()).toEqual({})
  })

  test('when somebody else holds a machine; the release is consumed all the same', async () => {
    const { clock, sim, ids, send } = shop()
    sim.admin.holdLease(ids[1]!, { owner: 'mia@example.com' })
    const outcome = await clock.run(sim.admin.ship('shop', bad))
    expect(outcome).toMatchObject({
      ok: false,
      updated: [],
      error: expect.stringContaining('mia@example.com') as string,
    })
    expect((await send('GET', '/api/v1/apps/shop/releases/current')).body.version).toBe(2)
    expect((await send('GET', `/v1/apps/shop/machines/${ids[0]}/lease`)).status).toBe(404)
  })
})

test('immediate updates everything at once and looks at nothing', async () => {
  const { clock, sim } = shop()
  const began = clock.now()
  await clock.run(sim.admin.ship('shop', bad, { strategy: 'immediate' }))
  expect(clock.now()).toBe(began)
  expect(sim.admin.calls({ operation: 'machines.wait' })).toEqual([])
})

test('one machine in three is down at a time', async () => {
  const { clock, sim } = shop({ machines: 9, requestsPerSecond: 90 })
  const shipping = sim.admin.ship('shop', bad)
  let settled = false
  void shipping.finally(() => (settled = true))
  let fewest = 9
  while (!settled) {
    await clock.advance(500)
    fewest = Math.min(fewest, sim.admin.machines('shop').filter(({ state }) => state === 'started').length)
  }
  expect(fewest).toBe(6)
  expect((await shipping).ok).toBe(true)
})
