import { createTestClock } from '@firebreak/core/testing'
import { describe, expect, test } from 'vitest'
import { fakeFetch, inTurn, json } from '../fixtures/fake-fetch.ts'
import { bad, good, simShop } from '../fixtures/sim-shop.ts'
import { createFly } from '../fly.ts'

function client(handlers: Parameters<typeof fakeFetch>[0]) {
  const clock = createTestClock()
  const fake = fakeFetch(handlers)
  const app = createFly({ token: 't123', apiUrl: 'http://fly.test', fetch: fake.fetch, clock }).app('shop')
  return { app, clock, calls: fake.calls }
}

test('the status is really asked for, and the newest comes first', async () => {
  await using shop = simShop({
    releases: [
      { image: good, agoMs: 900_000 },
      { image: bad, agoMs: 600_000, status: 'failed' },
      { image: good, agoMs: 300_000 },
      { image: bad, agoMs: 60_000, status: 'failed' },
    ],
  })
  const list = (status?: string) => shop.clock.run(Promise.resolve(shop.app.releases.list({ status })))
  expect((await list()).map(({ version }) => version)).toEqual([4, 3, 2, 1])
  expect((await list('complete')).map(({ version }) => version)).toEqual([3, 1])
  expect(shop.sim.admin.calls({ operation: 'graphql' }).at(-1)?.body).toMatch(/status: \$status.*"status":"complete"/)
})

test('a server that ignores the status is filtered here', async () => {
  const nodes = [
    { id: 'r2', version: 2, status: 'failed' },
    { id: 'r1', version: 1, status: 'complete' },
  ]
  const { app, clock } = client({ 'POST /graphql': () => json({ data: { app: { releases: { nodes } } } }) })
  const found = await clock.run(Promise.resolve(app.releases.list({ status: 'complete' })))
  expect(found.map(({ version }) => version)).toEqual([1])
})

test('the current release is the newest, good or not; none is null', async () => {
  await using shop = simShop({
    releases: [
      { image: good, agoMs: 9_000 },
      { image: bad, agoMs: 60, status: 'failed' },
    ],
  })
  expect(await shop.clock.run(shop.app.releases.current())).toMatchObject({ version: 2, status: 'failed', image: bad })
  const { app, clock } = client({ 'POST /graphql': () => json({ data: { app: { currentRelease: null } } }) })
  expect(await clock.run(app.releases.current())).toBeNull()
})

test('an image that the registry has, and one that it lost', async () => {
  await using shop = simShop()
  shop.sim.admin.prune(bad)
  expect(await shop.clock.run(shop.app.releases.image(good))).toMatchObject({
    digest: expect.stringMatching(/^sha256:/) as string,
  })
  expect(await shop.clock.run(shop.app.releases.image(bad))).toBeNull()
  expect(await shop.clock.run(shop.app.releases.available(good))).toBe(true)
  expect(await shop.clock.run(shop.app.releases.available({ image: bad }))).toBe(false)
})

test('a release over REST: made, running, complete; and never changed again', async () => {
  await using shop = simShop()
  const { releases } = shop.app
  const made = await shop.clock.run(releases.create({ image: good }))
  expect(made).toMatchObject({ version: 3, image: good })
  await shop.clock.run(releases.update(made.id, { status: 'running', metadata: { why: 'test' } }))
  await shop.clock.run(releases.update(made.id, { status: 'complete' }))
  expect((await shop.clock.run(releases.metadata())).get(3)).toMatchObject({ why: 'test' })
  await expect(shop.clock.run(releases.update(made.id, { status: 'failed' }))).rejects.toMatchObject({ status: 422 })
})

test("a new release takes the current one's fly.toml over", async () => {
  await using shop = simShop({
    releases: [{ image: good, agoMs: 60_000, definition: { app: 'shop', primary_region: 'iad' } }],
  })
  await shop.clock.run(shop.app.releases.create({ image: good }))
  const current = await shop.clock.run(shop.app.releases.current({ withConfig: true }))
  expect(current?.configDefinition).toEqual({ app: 'shop', primary_region: 'iad' })
})

describe('repeating', () => {
  const release = { id: 'Rel3', version: 3, status: 'running' }

  test('a status is written again over 5xx, not over 4xx', async () => {
    const shaky = client({
      'PATCH /api/v1/releases/Rel3': inTurn(
        () => json({}, 502),
        () => json(release),
      ),
    })
    await shaky.clock.run(shaky.app.releases.update('Rel3', { status: 'running' }))
    expect(shaky.calls).toHaveLength(2)
    const final = client({ 'PATCH /api/v1/releases/Rel3': () => json({ detail: 'finished' }, 422) })
    await expect(final.clock.run(final.app.releases.update('Rel3', { status: 'running' }))).rejects.toMatchObject({
      status: 422,
    })
    expect(final.calls).toHaveLength(1)
  })

  test('a release is not made twice when its answer was lost', async () => {
    const { app, clock, calls } = client({ 'POST /api/v1/releases': () => new Response('<html>', { status: 504 }) })
    await expect(clock.run(app.releases.create({ image: good, definition: {} }))).rejects.toMatchObject({
      ambiguous: true,
    })
    expect(calls).toHaveLength(1)
  })
})

test.each([
  [{ message: 'Could not find App "shop"', extensions: { code: 'NOT_FOUND' } }, 'FLY_NOT_FOUND'],
  [{ message: 'Could not find App "shop"' }, 'FLY_NOT_FOUND'],
  [{ message: 'You must be authenticated to view this.', extensions: { code: 'UNAUTHORIZED' } }, 'FLY_UNAUTHORIZED'],
  [{ message: 'Not authorized to access this app' }, 'FLY_FORBIDDEN'],
  [{ message: 'Something went wrong', extensions: { code: 'SERVER_ERROR' } }, 'FLY_GRAPHQL'],
])('GraphQL errors come with 200: %j', async (error, code) => {
  const { app, clock } = client({ 'POST /graphql': () => json({ data: null, errors: [error] }) })
  await expect(clock.run(app.releases.current())).rejects.toMatchObject({ code, path: '/graphql' })
})

test.each(['', 'a b', 'x"){', 'x'.repeat(600)])('%j is no image', async (ref) => {
  const { app, calls } = client({})
  await expect(app.releases.image(ref)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  expect(calls).toEqual([])
})
