import { expect, test } from 'vitest'
import { bad, good, simShop } from '../fixtures/sim-shop.ts'
import { summarizeChecks } from './app-status.ts'

test('what fly status derives', async () => {
  await using shop = simShop({
    machines: [{ region: 'iad' }, { region: 'ord', standbyFor: ['m1'] }, { unmanaged: true }],
  })
  const status = await shop.clock.run(shop.app.status())
  expect(status).toMatchObject({
    app: { name: 'shop', status: 'deployed' },
    release: { version: 2 },
    image: bad,
    mixed: false,
  })
  expect(status.machines).toMatchObject([
    { group: 'app', release: 2, region: 'iad', hostOk: true, checks: { total: 1, passing: 1, verdict: 'passing' } },
    { standby: true },
  ])
  expect(status.unmanaged).toHaveLength(1)
})

test('machines that run different versions are a mix, the highest first', async () => {
  await using shop = simShop({ machines: [{ release: 1 }, { release: 2 }, { release: 1 }] })
  const status = await shop.clock.run(shop.app.status())
  expect(status.mixed).toBe(true)
  expect(status.image).toBe(bad)
  expect(status.running.map(({ release, machines }) => [release, machines.length])).toEqual([
    [2, 1],
    [1, 2],
  ])
})

test('one tag with two digests is a mix too', async () => {
  await using shop = simShop({ releases: [{ image: good, agoMs: 60_000 }] })
  shop.sim.admin.publish({ ref: good, digest: 'sha256:0123456789abcdef' })
  const id = shop.sim.admin.machines('shop')[0]?.id ?? ''
  await shop.clock.run(shop.app.machines.update(id, { image: good }))
  await shop.clock.advance(10_000)
  expect((await shop.clock.run(shop.app.status())).mixed).toBe(true)
})

test('what fly checks list shows: by machine, then name; our own filter; no injected ones', async () => {
  await using shop = simShop({ machines: 2, checks: { alive: { path: '/alive' } } })
  await shop.clock.advance(60_000)
  const rows = await shop.clock.run(shop.app.checks())
  expect(rows.map(({ name, kind, status }) => [name, kind, status])).toEqual([
    ['alive', 'informational', 'passing'],
    ['servicecheck-00-http-8080', 'service', 'passing'],
    ['alive', 'informational', 'passing'],
    ['servicecheck-00-http-8080', 'service', 'passing'],
  ])
  const ids = rows.map(({ machine }) => machine)
  expect(ids).toEqual(ids.toSorted())
  expect(await shop.clock.run(shop.app.checks({ name: 'alive' }))).toHaveLength(2)
})

test.each([
  [[], 'unknown'],
  [['passing'], 'passing'],
  [['passing', 'warning'], 'failing'],
  [['critical'], 'failing'],
  [['brand-new'], 'failing'],
])('results %j are %s: none is not all, a warning is no pass', (statuses, verdict) => {
  expect(summarizeChecks(statuses.map((status) => ({ name: 'x', status }))).verdict).toBe(verdict)
})
