import { createTestClock } from '@firebreak/core/testing'
import { expect, test } from 'vitest'
import { fakeFetch, inTurn, json } from '../fixtures/fake-fetch.ts'
import { simShop } from '../fixtures/sim-shop.ts'
import { createFly } from '../fly.ts'

function client(handlers: Parameters<typeof fakeFetch>[0]) {
  const clock = createTestClock()
  const fake = fakeFetch(handlers)
  return { fly: createFly({ token: 't123', fetch: fake.fetch, clock, random: () => 0.5 }), clock, calls: fake.calls }
}

test('an app is made, listed, read and deleted', async () => {
  await using shop = simShop()
  const run = <T>(work: PromiseLike<T>) => shop.clock.run(Promise.resolve(work))
  const made = await run(shop.fly.apps.create({ name: 'annex', organization: 'personal' }))
  expect(made).toMatchObject({ name: 'annex', organization: 'personal' })
  expect((await run(shop.fly.apps.list({ organization: 'personal' }))).map(({ name }) => name).toSorted()).toEqual([
    'annex',
    'shop',
  ])
  await expect(run(shop.fly.apps.create({ name: 'annex', organization: 'personal' }))).rejects.toMatchObject({
    code: 'FLY_NAME_TAKEN',
  })
  await run(shop.fly.apps.delete('annex', { force: true }))
  await expect(run(shop.fly.apps.get('annex'))).rejects.toMatchObject({ code: 'FLY_NOT_FOUND' })
})

test("somebody else's app is forbidden, nobody's is not found", async () => {
  const clock = createTestClock()
  const { createFlySim } = await import('@firebreak/fly-sim')
  const sim = createFlySim({ clock, apps: [{ name: 'theirs', organization: 'others' }] })
  const fly = createFly({ token: 'fo1_test', fetch: sim.fetch, clock })
  await expect(clock.run(fly.app('theirs').get())).rejects.toMatchObject({ code: 'FLY_FORBIDDEN', status: 403 })
  await expect(clock.run(fly.app('nobodys').get())).rejects.toMatchObject({ code: 'FLY_NOT_FOUND', status: 404 })
  await sim.close()
})

test('a create whose answer was lost is looked for; a new app that is not known everywhere is waited for', async () => {
  const lost = client({
    'POST /v1/apps': () => new Response('', { status: 504 }),
    'GET /v1/apps/annex': () => json({ name: 'annex' }),
  })
  await lost.clock.run(lost.fly.apps.create({ name: 'annex', organization: 'acme' }))
  expect(lost.calls.map(({ method }) => method)).toEqual(['POST', 'GET'])
  const slow = client({
    'POST /v1/apps': () => new Response(null, { status: 201 }),
    'GET /v1/apps/annex': inTurn(
      () => json({}, 404),
      () => json({ name: 'annex' }),
    ),
  })
  expect(await slow.clock.run(slow.fly.apps.create({ name: 'annex', organization: 'acme' }))).toMatchObject({
    name: 'annex',
  })
})

test('organizations: listed page by page, read; machines of one by cursor, empty pages included', async () => {
  const { fly, clock, calls } = client({
    'POST /graphql': ({ body }) => {
      const { after } = (body as { variables: { after: string | null } }).variables
      const nodes = [{ id: after ?? 'o1', slug: after ?? 'acme', name: 'Acme', type: 'SHARED' }]
      return json({ data: { organizations: { nodes, pageInfo: { hasNextPage: after === null, endCursor: 'o2' } } } })
    },
    'GET /v1/orgs/acme/machines': ({ query }) => {
      const pages: Record<string, unknown> = {
        first: { machines: [{ id: 'm1' }], next_cursor: 'b' },
        b: { machines: [], next_cursor: 'c' },
        c: { machines: [{ id: 'm2' }] },
      }
      return json(pages[query.get('cursor') ?? 'first'])
    },
  })
  const organizations: string[] = []
  for await (const { slug } of fly.organizations.list()) organizations.push(slug)
  expect(organizations).toEqual(['acme', 'o2'])
  const machines = await clock.run(Promise.resolve(fly.organizations.machines('acme', { region: 'iad' })))
  expect(machines.map(({ id }) => id)).toEqual(['m1', 'm2'])
  expect(calls.at(-1)?.query.get('region')).toBe('iad')
})

test('a list stops asking for pages when the loop is left', async () => {
  const { fly, calls } = client({
    'GET /v1/orgs/acme/machines': () => json({ machines: [{ id: 'm1' }], next_cursor: 'b' }),
  })
  for await (const { id } of fly.organizations.machines('acme')) {
    expect(id).toBe('m1')
    break
  }
  expect(calls).toHaveLength(1)
})

test('organizations are made and deleted by GraphQL, never twice', async () => {
  const { fly, clock, calls } = client({
    'POST /graphql': ({ body }) => {
      const { query } = body as { query: string }
      if (query.includes('createOrganization'))
        return json({ data: { createOrganization: { organization: { id: 'o9', slug: 'night' } } } })
      if (query.includes('deleteOrganization')) return new Response('', { status: 504 })
      return json({ data: { organization: { id: 'o9', slug: 'night' } } })
    },
  })
  expect(await clock.run(fly.organizations.create('Night'))).toMatchObject({ slug: 'night' })
  await expect(clock.run(fly.organizations.delete('night'))).rejects.toMatchObject({
    code: 'FLY_PLATFORM',
    ambiguous: true,
  })
  expect(calls.filter(({ body }) => (body as { query: string }).query.includes('deleteOrganization'))).toHaveLength(1)
})

test.each([
  { nearest: 'iad', regions: [{ code: 'iad', name: 'Ashburn' }] },
  { Nearest: 'iad', Regions: [{ code: 'iad', name: 'Ashburn' }] },
])('regions in either spelling', async (answer) => {
  const { fly, clock } = client({ 'GET /v1/platform/regions': () => json(answer) })
  expect(await clock.run(fly.regions.list())).toMatchObject({
    nearest: 'iad',
    regions: [{ code: 'iad', name: 'Ashburn' }],
  })
})

test("the platform's own status, with what is open", async () => {
  const { fly, clock, calls } = client({
    'GET /api/v2/summary.json': () =>
      json({
        status: { indicator: 'critical', description: 'Major outage' },
        incidents: [
          {
            name: 'Networking',
            impact: 'critical',
            status: 'investigating',
            started_at: '2026-11-23T01:00:00Z',
            components: [{ name: 'IAD - Ashburn' }],
          },
          { name: 'Old', impact: 'minor', status: 'resolved' },
        ],
        components: [
          { name: 'Machines API', status: 'major_outage' },
          { name: 'Dashboard', status: 'operational' },
        ],
      }),
  })
  expect(await clock.run(fly.platformStatus())).toMatchObject({
    down: true,
    incidents: [{ name: 'Networking', components: ['IAD - Ashburn'] }],
    components: [{ name: 'Machines API' }],
  })
  expect(calls[0]?.headers.get('authorization')).toBeNull()
})
