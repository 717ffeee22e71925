import { describe, expect, test } from 'vitest'
import { bad, good, shop } from '../fixtures/shop.ts'

const history = [
  { image: good, agoMs: 864_000_000, user: 'mia@example.com' },
  { image: good, agoMs: 172_800_000, description: 'Update secrets' },
  { image: bad, agoMs: 60_000, status: 'failed' },
]
const list = `query($appName: String!, $limit: Int!) { app(name: $appName) { releases: releasesUnprocessed(first: $limit) {
  nodes { id version description reason status imageRef stable user { id email name } createdAt } } } }`

describe('releases have one store', () => {
  test('that REST writes and GraphQL reads', async () => {
    const { send } = shop({ releases: history })
    const created = await send('POST', '/api/v1/releases', {
      app_name: 'shop',
      build_id: 0,
      definition: { app: 'shop' },
      image: bad,
      strategy: 'ROLLING',
    })
    expect(created.status).toBe(201)
    expect(created.body.release).toMatchObject({ version: 4, status: 'pending', in_progress: true, image_ref: bad })
    const { id } = created.body.release
    for (const status of ['running', 'complete'])
      expect((await send('PATCH', `/api/v1/releases/${id}`, { status, metadata: { a: 1 } })).body).toMatchObject({
        id,
        status,
      })
    const { data } = (
      await send('POST', '/graphql', { query: list, variables: { appName: 'shop', limit: 2, status: 'complete' } })
    ).body
    expect(data.app.releases.nodes).toMatchObject([
      { version: 4, status: 'complete', imageRef: bad, user: { email: 'you@example.com' } },
      { version: 3, status: 'failed', imageRef: bad },
    ])
  })

  test('that GraphQL writes and REST reads', async () => {
    const { send } = shop({ releases: history })
    const create = 'mutation($input: CreateReleaseInput!) { createRelease(input: $input) { release { id version } } }'
    const input = { appId: 'shop', image: good, definition: {}, platformVersion: 'machines', strategy: 'ROLLING' }
    const { release } = (await send('POST', '/graphql', { query: create, variables: { input } })).body.data
      .createRelease
    expect(release.version).toBe(4)
    const change = 'mutation($input: UpdateReleaseInput!) { updateRelease(input: $input) { release { id } } }'
    await send('POST', '/graphql', { query: change, variables: { input: { releaseId: release.id, status: 'failed' } } })
    const { body } = await send('GET', '/api/v1/apps/shop/releases?limit=1')
    expect(body.releases).toMatchObject([{ version: 4, status: 'failed' }])
  })
})

test('the status argument of the list works where it is really used', async () => {
  const { send } = shop({ releases: history })
  const query = '{ app(name: "shop") { releasesUnprocessed(first: 5, status: "complete") { nodes { version } } } }'
  const { data } = (await send('POST', '/graphql', { query })).body
  expect(data.app.releasesUnprocessed.nodes).toEqual([{ version: 2 }, { version: 1 }])
})

test('the current release is the newest one, not the newest good one', async () => {
  const { send } = shop({ releases: history })
  expect((await send('GET', '/api/v1/apps/shop/releases/current')).body).toMatchObject({ version: 3, status: 'failed' })
  const query = '{ app(name: "shop") { currentRelease: currentReleaseUnprocessed { version configDefinition } } }'
  const { currentRelease } = (await send('POST', '/graphql', { query })).body.data.app
  expect(currentRelease.version).toBe(3)
  expect(currentRelease.configDefinition).toMatchObject({
    app: 'shop',
    services: [{ internal_port: 8080, http_checks: [{ path: '/health', interval: '15s' }] }],
  })
})

test('an app without a release answers 404, and a finished release changes no more', async () => {
  const { send } = shop({ releases: history })
  await send('POST', '/v1/apps', { app_name: 'empty', org_slug: 'personal' })
  expect((await send('GET', '/api/v1/apps/empty/releases/current')).status).toBe(404)
  const { id } = (await send('GET', '/api/v1/apps/shop/releases/current')).body
  const late = await send('PATCH', `/api/v1/releases/${id}`, { status: 'complete' })
  expect(late.status).toBe(422)
  expect(late.body.detail).toMatch(/already finished/)
  expect((await send('PATCH', '/api/v1/releases/none', { status: 'x' })).status).toBe(404)
})

test('an image resolves until it is pruned, by any reference that means it', async () => {
  const { sim, send } = shop()
  const resolve = async (ref: string) =>
    (
      await send('POST', '/graphql', {
        query:
          'query($ref: String!) { app(name: "shop") { image(ref: $ref) { id digest ref compressedSize: compressedSizeFull } } }',
        variables: { ref },
      })
    ).body.data.app.image
  const image = await resolve(good)
  expect(image).toMatchObject({ ref: good, compressedSize: expect.stringMatching(/^\d+$/) as string })
  expect((await resolve(`${good}@${image.digest}`)).digest).toBe(image.digest)
  sim.admin.prune(image.digest)
  expect(await resolve(good)).toBeNull()
  expect(await resolve(`registry.fly.io/shop@${image.digest}`)).toBeNull()
  sim.admin.restore(good)
  expect(await resolve(good)).not.toBeNull()
})

test('only published images exist where that is asked for', async () => {
  const { sim, send } = shop({}, { onlyPublishedImages: true })
  const query =
    '{ app(name: "shop") { mine: image(ref: "registry.fly.io/shop:what") { id } other: image(ref: "nginx") { id } } }'
  const { app } = (await send('POST', '/graphql', { query })).body.data
  expect(app.mine).toBeNull()
  expect(app.other).not.toBeNull()
  await sim.close()
})
