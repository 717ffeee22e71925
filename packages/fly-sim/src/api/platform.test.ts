import { describe, expect, test } from 'vitest'
import { sender, shop } from '../fixtures/shop.ts'
import type { Send } from '../fixtures/shop.ts'

const as = (token: string) => ({ authorization: token })

describe('who asks', () => {
  test.each(['', 'Bearer', 'Bearer ', 'FlyV1 ', 'Bearer with space', 'Bearer ümlaut'.normalize('NFD')])(
    'with %j is nobody',
    async (authorization) => {
      const { send } = shop()
      const { status, body } = await send('GET', '/v1/apps/shop', undefined, as(authorization))
      expect(status).toBe(401)
      expect(body.error).toMatch(/^Authenticate: /)
    },
  )

  test('either scheme is accepted, and tokens joined by commas', async () => {
    const { send } = shop()
    for (const authorization of ['Bearer fm2_abc', 'FlyV1 fm2_abc,fo1_x', 'flyv1 fm1r_x', 'fo1_bare'])
      expect((await send('GET', '/v1/apps/shop', undefined, as(authorization))).status).toBe(200)
  })

  test('an app that is somebody else’s is 403, one that is nobody’s 404', async () => {
    const { send, sim } = shop()
    sim.admin.addToken({ token: 'fo1_stranger', organization: 'others' })
    expect((await send('GET', '/v1/apps/shop', undefined, as('Bearer fo1_stranger'))).body.error).toBe('unauthorized')
    expect((await send('GET', '/v1/apps/shop', undefined, as('Bearer fo1_stranger'))).status).toBe(403)
    expect((await send('GET', '/v1/apps/none')).status).toBe(404)
  })

  test('tokens have classes and ends', async () => {
    const { clock, send } = shop(
      {},
      {
        tokens: [
          { token: 'fo1_org' },
          { token: 'fm2_deploy', class: 'deploy', app: 'shop' },
          { token: 'fo1_reader', class: 'readonly' },
          { token: 'fo1_short', expiresAt: '2026-11-23T02:00:10Z' },
        ],
      },
    )
    const status = async (method: string, path: string, token: string, body?: unknown) =>
      (await send(method, path, body, as(token))).status
    expect(await status('GET', '/v1/apps/shop', 'Bearer fo1_unknown')).toBe(401)
    expect(await status('GET', '/api/v1/apps/shop/logs', 'FlyV1 fm2_deploy')).toBe(401)
    expect(await status('GET', '/api/v1/apps/shop/logs', 'Bearer fo1_org')).toBe(200)
    expect(await status('GET', '/v1/apps/shop/machines', 'FlyV1 fm2_deploy')).toBe(200)
    expect(await status('POST', '/v1/apps/shop/secrets', 'Bearer fo1_reader', { values: {} })).toBe(403)
    expect(await status('GET', '/v1/apps/shop/secrets', 'Bearer fo1_reader')).toBe(200)
    const mutation = { query: 'mutation { lockApp(input: { appId: "shop" }) { lockId } }' }
    expect(await status('POST', '/graphql', 'Bearer fo1_reader', mutation)).toBe(403)
    expect(await status('GET', '/v1/apps/shop', 'Bearer fo1_short')).toBe(200)
    await clock.advance(10_000)
    expect(await status('GET', '/v1/apps/shop', 'Bearer fo1_short')).toBe(401)
  })

  test('a deploy token that was made for an app is good for that app', async () => {
    const { send } = shop()
    const { token } = (await send('POST', '/v1/apps/shop/deploy_token', {})).body
    expect((await send('GET', '/v1/apps/shop', undefined, as(token))).status).toBe(200)
    await send('POST', '/v1/apps', { name: 'other', org_slug: 'personal' })
    expect((await send('GET', '/v1/apps/other', undefined, as(token))).status).toBe(403)
    expect((await send('GET', '/v1/tokens/current', undefined, as(token))).body.tokens[0].apps).toEqual(['shop'])
  })

  test('Prometheus wants the scheme that belongs to the token', async () => {
    const { send } = shop()
    const status = async (token: string) =>
      (await send('GET', '/prometheus/personal/api/v1/query?query=1', undefined, as(token))).status
    expect(await status('Bearer fo1_x')).toBe(200)
    expect(await status('FlyV1 fm2_x')).toBe(200)
    expect(await status('Bearer fm2_x')).toBe(401)
    expect(await status('FlyV1 fo1_x')).toBe(401)
    expect((await send('GET', '/prometheus/others/api/v1/query?query=1')).status).toBe(403)
  })
})

test('what nobody serves is 404 in the shape of the API that it looks like', async () => {
  const { send } = shop()
  for (const [method, path] of [
    ['GET', '/v1/nothing'],
    ['PUT', '/v1/apps/shop/machines'],
    ['GET', '/v1/apps/shop/machines/x/y/z'],
    ['GET', '/'],
    ['GET', '/v1//apps'],
  ] as const) {
    const { status, body } = await send(method, path)
    expect(status).toBe(404)
    expect(body.error).toMatch(/^not_found: /)
  }
  expect((await send('GET', '/api/v1/nothing')).body.detail).toBeDefined()
})

test('every answer names its request', async () => {
  const { send } = shop()
  const first = await send('GET', '/v1/apps/shop')
  const second = await send('GET', '/v1/apps/none')
  expect(first.headers.get('fly-request-id')).toMatch(/^[0-9A-Z]{26}-iad$/)
  expect(second.headers.get('fly-request-id')).not.toBe(first.headers.get('fly-request-id'))
})

describe('limits, when they are on', () => {
  const burst = async (send: Send, count: number, method: string, path: string) => {
    const statuses: number[] = []
    for (let index = 0; index < count; index += 1) statuses.push((await send(method, path)).status)
    return statuses.filter((status) => status === 429).length
  }

  test('let 1/s pass per action and machine, 3 at once; reading a machine 5/s, 10 at once', async () => {
    const { clock, send, path } = shop({}, { rateLimit: true })
    expect(await burst(send, 4, 'POST', path(0, '/cordon'))).toBe(1)
    expect(await burst(send, 3, 'POST', path(1, '/cordon'))).toBe(0)
    expect(await burst(send, 3, 'POST', path(0, '/uncordon'))).toBe(0)
    expect(await burst(send, 12, 'GET', path(0))).toBe(2)
    await clock.advance(1_000)
    expect(await burst(send, 2, 'POST', path(0, '/cordon'))).toBe(1)
    expect(await burst(send, 6, 'GET', path(0))).toBe(1)
    const refused = await send('GET', path(0))
    expect(refused.headers.get('retry-after')).toBe('1')
  })
})

describe('apps', () => {
  test('are made once, found in their organization, and deleted', async () => {
    const { send } = shop()
    const created = await send('POST', '/v1/apps', { name: 'fresh', org_slug: 'personal' })
    expect(created.status).toBe(201)
    const again = await send('POST', '/v1/apps', { app_name: 'fresh', org_slug: 'personal' })
    expect(again.status).toBe(422)
    expect(again.body.status).toBe('name_taken')
    expect((await send('POST', '/v1/apps', { name: 'No Such_Name', org_slug: 'personal' })).status).toBe(422)
    const listed = (await send('GET', '/v1/apps?org_slug=personal')).body
    expect(listed.apps.map(({ name, status }: { name: string; status: string }) => [name, status])).toEqual([
      ['shop', 'deployed'],
      ['fresh', 'pending'],
    ])
    expect((await send('GET', '/v1/apps')).status).toBe(400)
    expect((await send('DELETE', '/v1/apps/fresh')).status).toBe(202)
    expect((await send('GET', '/v1/apps/fresh')).status).toBe(404)
  })

  test('have addresses, secrets without values, and volumes that attach to one machine', async () => {
    const { send } = shop({ secrets: ['DATABASE_URL'] })
    expect((await send('GET', '/v1/apps/shop/ip_assignments')).body.ips).toHaveLength(2)
    const set = await send('POST', '/v1/apps/shop/secrets', { values: { API_KEY: 'k', DATABASE_URL: null } })
    expect(set.body).toMatchObject({ version: 2, Version: 2 })
    expect(set.text).not.toContain('"k"')
    expect(set.body.secrets.map(({ name }: { name: string }) => name)).toEqual(['API_KEY'])
    const { id } = (await send('POST', '/v1/apps/shop/volumes', { name: 'data', region: 'iad', size_gb: 2 })).body
    const config = { image: 'nginx', mounts: [{ volume: id, path: '/data' }] }
    const machine = (await send('POST', '/v1/apps/shop/machines', { config })).body.id
    expect((await send('GET', `/v1/apps/shop/volumes/${id}`)).body.attached_machine_id).toBe(machine)
    expect((await send('POST', '/v1/apps/shop/machines', { config })).status).toBe(412)
    expect((await send('DELETE', `/v1/apps/shop/volumes/${id}`)).status).toBe(412)
    expect((await send('PUT', `/v1/apps/shop/volumes/${id}/extend`, { size_gb: 1 })).status).toBe(422)
    expect((await send('PUT', `/v1/apps/shop/volumes/${id}/extend`, { size_gb: 4 })).body.volume.size_gb).toBe(4)
  })
})

test('the organization’s machines come in pages, by the time of their last change', async () => {
  const { send, path, ids, clock } = shop()
  await clock.advance(1_000)
  await send('POST', path(0, '/cordon'))
  const first = (await send('GET', '/v1/orgs/personal/machines?limit=2&summary=true')).body
  const second = (await send('GET', `/v1/orgs/personal/machines?limit=2&cursor=${first.next_cursor}`)).body
  expect([...first.machines, ...second.machines].map(({ id }: { id: string }) => id).toSorted()).toEqual(ids.toSorted())
  expect(second.machines.at(-1)).toMatchObject({ id: ids[0], app_name: 'shop' })
  expect(second.next_cursor).toBe('')
})

test('the status page says what the platform is going through', async () => {
  const { sim } = shop()
  const page = sender(sim.fetch, 'https://status.flyio.net')
  expect((await page('GET', '/api/v2/status.json', undefined, as(''))).body.status.indicator).toBe('none')
  sim.admin.setPlatformIncident({ name: 'Machines API degraded', impact: 'major' })
  const { body } = await page('GET', '/api/v2/summary.json', undefined, as(''))
  expect(body.status.indicator).toBe('major')
  expect(body.incidents[0]).toMatchObject({
    name: 'Machines API degraded',
    resolved_at: null,
    components: [{ name: 'Machines API' }],
  })
  sim.admin.setPlatformIncident(undefined)
  expect((await page('GET', '/api/v2/incidents/unresolved.json', undefined, as(''))).body.incidents).toEqual([])
})
