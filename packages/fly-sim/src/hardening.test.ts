import { createTestClock } from '@firebreak/core/testing'
import { describe, expect, test } from 'vitest'
import { sender, shop } from './fixtures/shop.ts'
import { createFlySim } from './index.ts'

describe('what cannot end is ended', () => {
  test('a wait in-process, when the simulator closes', async () => {
    const { clock, sim, send, path } = shop()
    const wait = send('GET', path(0, '/wait?state=stopped'))
    const ended = wait.then(
      () => 'answered',
      (error: Error) => error.message,
    )
    await sim.close()
    expect(await ended).toBe('fetch failed')
    expect(clock.pending).toBe(0)
    await expect(send('GET', path(0))).rejects.toThrow('fetch failed')
  })

  test('a fragment that spreads itself', async () => {
    const { send } = shop()
    const query = '{ app(name: "shop") { ...A } } fragment A on App { id ...A }'
    expect((await send('POST', '/graphql', { query })).body.errors[0].message).toBe('Query is nested too deeply')
  })

  test('a query of brackets, and a query without end', async () => {
    const { send } = shop()
    for (const query of ['('.repeat(3_000), `1${'+1'.repeat(10_000)}`]) {
      const { status, body } = await send(
        'POST',
        '/prometheus/personal/api/v1/query',
        `query=${encodeURIComponent(query)}`,
      )
      expect(status).toBe(400)
      expect(body).toMatchObject({ status: 'error', errorType: 'bad_data' })
    }
  })

  test('a body beyond all measure', async () => {
    const sim = createFlySim({ apps: [] })
    const { url } = await sim.listen()
    const answer = await sender(fetch, url)('POST', '/v1/apps', 'x'.repeat(9 * 1024 * 1024)).catch(() => undefined)
    expect(answer?.status ?? 413).toBe(413)
    expect((await sender(fetch, url)('GET', '/v1/apps?org_slug=personal')).status).toBe(200)
    await sim.close()
  })
})

describe('what belongs to others is not there', () => {
  test('their series in Prometheus', async () => {
    const busy = { machines: 2, requestsPerSecond: 10 }
    const sim = createFlySim({
      clock: createTestClock(),
      organization: 'mine',
      apps: [
        { ...busy, name: 'a' },
        { ...busy, name: 'b', organization: 'others' },
      ],
    })
    sim.admin.addToken({ token: 'fo1_other', organization: 'others' })
    const apps = async (organization: string, token: string) => {
      const query = encodeURIComponent('count by (app) (fly_app_http_responses_count)')
      const path = `/prometheus/${organization}/api/v1/query?query=${query}`
      const { body } = await sender(sim.fetch)('GET', path, undefined, { authorization: token })
      return body.data.result.map(({ metric }: { metric: { app: string } }) => metric.app)
    }
    expect(await apps('mine', 'Bearer fo1_test')).toEqual(['a'])
    expect(await apps('others', 'Bearer fo1_other')).toEqual(['b'])
    await sim.close()
  })

  test('other apps, for a deploy token', async () => {
    const { send, sim } = shop()
    await send('POST', '/v1/apps', { name: 'other', org_slug: 'personal' })
    sim.admin.addToken({ token: 'fm2_shop', class: 'deploy', app: 'shop' })
    const as = { authorization: 'FlyV1 fm2_shop' }
    expect((await send('GET', '/v1/apps?org_slug=personal', undefined, as)).body.apps).toHaveLength(1)
    expect((await send('POST', '/v1/apps', { name: 'third', org_slug: 'personal' }, as)).status).toBe(403)
    expect(
      (await send('POST', '/graphql', { query: '{ app(name: "other") { id } }' }, as)).body.errors[0].message,
    ).toMatch(/Could not find App/)
  })
})

test('dots in a path are resolved before they arrive, as the platform’s own fetch does', async () => {
  const { send, ids } = shop()
  expect((await send('GET', `/v1/apps/shop/machines/${ids[0]}/../../../shop`)).body.name).toBe('shop')
  expect((await send('GET', '/v1/apps/%2e%2e/apps/shop?x=/../y')).body.name).toBe('shop')
})

test('neither tokens nor secrets are in the call log', async () => {
  const { send, sim } = shop()
  await send(
    'POST',
    '/v1/apps/shop/secrets',
    { values: { API_KEY: 'hunter2' } },
    { authorization: 'Bearer fo1_very_secret' },
  )
  const log = JSON.stringify(sim.admin.calls())
  expect(log).not.toContain('hunter2')
  expect(log).not.toContain('very_secret')
})

test('Fly’s clocks may be wrong about leases too', async () => {
  const { clock, send, path } = shop({}, { faults: [{ kind: 'clock-skew', milliseconds: 3_600_000 }] })
  const { data } = (await send('POST', path(0, '/lease?ttl=10'))).body
  expect(data.expires_at * 1_000 - clock.now()).toBe(3_610_000)
  await clock.advance(10_000)
  expect((await send('GET', path(0, '/lease'))).status).toBe(404)
})

test('an app whose name could not be one is refused before anything is made', () => {
  for (const name of ['', 'Upper', '../x', 'a'.repeat(64)])
    expect(() => createFlySim({ apps: [{ name }] })).toThrow(/apps\[0\].name/)
})
