import { createTestClock } from '@firebreak/core/testing'
import { expect, test } from 'vitest'
import { fakeFetch, json } from '../fixtures/fake-fetch.ts'
import { createFly } from '../fly.ts'
import { simShop } from '../fixtures/sim-shop.ts'

function firstId({ sim }: ReturnType<typeof simShop>): string {
  return sim.admin.machines('shop')[0]?.id ?? ''
}

test('a lease is given, read, refreshed with its nonce, and released', async () => {
  await using shop = simShop()
  const { leases } = shop.app.machines
  const id = firstId(shop)
  const lease = await shop.clock.run(leases.acquire(id, { ttlSeconds: 20, description: 'night shift' }))
  expect(Date.parse(lease.expiresAt) - shop.clock.now()).toBe(20_000)
  expect(await shop.clock.run(leases.get(id))).toMatchObject({ nonce: lease.nonce, owner: lease.owner })
  await shop.clock.advance(15_000)
  const refreshed = await shop.clock.run(leases.refresh(id, lease, { ttlSeconds: 20 }))
  expect(refreshed.nonce).toBe(lease.nonce)
  expect(Date.parse(refreshed.expiresAt)).toBeGreaterThan(Date.parse(lease.expiresAt))
  await shop.clock.run(leases.release(id, lease.nonce))
  await shop.clock.run(leases.release(id, lease.nonce))
  await expect(shop.clock.run(leases.get(id))).rejects.toMatchObject({ code: 'FLY_NOT_FOUND' })
})

test('a held lease is refused to others, with its holder and until when', async () => {
  await using shop = simShop()
  const id = firstId(shop)
  shop.sim.admin.holdLease(id, { owner: 'ci@example.com', milliseconds: 30_000 })
  await expect(shop.clock.run(shop.app.machines.leases.acquire(id))).rejects.toMatchObject({
    code: 'FLY_LEASE_HELD',
    holder: 'ci@example.com',
    until: expect.stringMatching(/^2026-11-23T02:00:3/) as string,
    message: expect.stringContaining('ci@example.com') as string,
  })
})

test('a lease whose answer was lost is recognised and taken over, not waited for', async () => {
  await using shop = simShop({}, { faults: [{ kind: 'drop', operation: 'leases.acquire', effect: true }] })
  const id = firstId(shop)
  const lease = await shop.clock.run(shop.app.machines.leases.acquire(id, { ttlSeconds: 60 }))
  await shop.clock.run(shop.app.machines.cordon(id, { nonce: lease.nonce }))
  expect(shop.sim.admin.machines('shop')[0]?.cordoned).toBe(true)
})

test('a held lease refreshes itself as long as the block lives, and is gone after it', async () => {
  await using shop = simShop()
  const { leases } = shop.app.machines
  const id = firstId(shop)
  {
    await using lease = await shop.clock.run(leases.hold(id))
    await shop.clock.advance(120_000)
    expect(lease.lost.aborted).toBe(false)
    expect(Date.parse(lease.current().expiresAt)).toBeGreaterThan(shop.clock.now())
    expect((await shop.clock.run(leases.get(id))).nonce).toBe(lease.nonce)
  }
  await expect(shop.clock.run(leases.get(id))).rejects.toMatchObject({ code: 'FLY_NOT_FOUND' })
  expect(shop.clock.pending).toBe(0)
})

test('a lease that cannot be refreshed is lost, and says so', async () => {
  await using shop = simShop({}, {}, { retry: false })
  const id = firstId(shop)
  const lease = await shop.clock.run(shop.app.machines.leases.hold(id))
  shop.sim.admin.addFault({ kind: 'unavailable', operation: 'leases.acquire', times: 99 })
  await shop.clock.advance(30_000)
  expect(lease.lost.aborted).toBe(true)
  await shop.clock.run(lease.release())
  await shop.clock.run(lease.release())
})

test('a server that gives a new lease instead of refreshing the old one: lost, and the new one is given back', async () => {
  const clock = createTestClock()
  const { fetch, calls } = fakeFetch({
    'POST /v1/apps/shop/machines/m1/lease': () => json({ data: { nonce: 'new', expires_at: 2e9 } }, 201),
    'DELETE /v1/apps/shop/machines/m1/lease': () => json({ status: 'success' }),
  })
  const { leases } = createFly({ token: 't123', fetch, clock }).app('shop').machines
  await expect(clock.run(leases.refresh('m1', { nonce: 'old' }))).rejects.toMatchObject({ code: 'FLY_LEASE_HELD' })
  expect(calls.at(-1)?.method).toBe('DELETE')
  expect(calls.at(-1)?.headers.get('fly-machine-lease-nonce')).toBe('new')
})

test('a lease without a nonce is none', async () => {
  const clock = createTestClock()
  const { fetch } = fakeFetch({ 'POST /v1/apps/shop/machines/m1/lease': () => json({ status: 'success' }, 201) })
  const { leases } = createFly({ token: 't123', fetch, clock }).app('shop').machines
  await expect(clock.run(leases.acquire('m1'))).rejects.toMatchObject({ code: 'FLY_UNEXPECTED_ANSWER' })
})

test('a stranger with the same words does not get our lease', async () => {
  const clock = createTestClock()
  const { fetch, calls } = fakeFetch({
    'POST /v1/apps/shop/machines/m1/lease': () =>
      json({ error: 'machine ID m1 lease currently held by x@y.z, expires at 2026-11-23T02:00:30Z' }, 409),
    'GET /v1/apps/shop/machines/m1/lease': () =>
      json({
        data: {
          nonce: 'theirs',
          owner: 'x@y.z',
          expires_at: 2e9,
          description: (calls[0]?.body as { description: string } | undefined)?.description,
        },
      }),
  })
  const { leases } = createFly({ token: 't123', fetch, clock }).app('shop').machines
  await expect(clock.run(leases.acquire('m1'))).rejects.toMatchObject({ code: 'FLY_LEASE_HELD', holder: 'x@y.z' })
})

test('the lease of a machine that is destroyed is lost', async () => {
  await using shop = simShop()
  const id = firstId(shop)
  const lease = await shop.clock.run(shop.app.machines.leases.hold(id))
  await shop.clock.run(shop.app.machines.delete(id, { force: true, nonce: lease.nonce }))
  await shop.clock.advance(70_000)
  expect(lease.lost.aborted).toBe(true)
})
