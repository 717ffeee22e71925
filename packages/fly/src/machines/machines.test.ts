import { createTestClock } from '@firebreak/core/testing'
import { describe, expect, test } from 'vitest'
import { createFly } from '../fly.ts'
import { fakeFetch, inTurn, json } from '../fixtures/fake-fetch.ts'

const machine = {
  id: 'm1',
  name: 'calm',
  state: 'started',
  region: 'iad',
  instance_id: '01V1',
  config: {
    image: 'registry.fly.io/shop:v1',
    metadata: { fly_platform_version: 'v2' },
    odd: { nested: [1, { two: null }] },
  },
}

function shop(handlers: Parameters<typeof fakeFetch>[0]) {
  const clock = createTestClock()
  const fake = fakeFetch(handlers)
  const fly = createFly({ token: 'fm2_abcdefghijkl', fetch: fake.fetch, clock, random: () => 0.5 })
  return { app: fly.app('shop'), clock, calls: fake.calls }
}

describe('update', () => {
  test('sends the whole configuration back with the version that was read', async () => {
    const { app, clock, calls } = shop({
      'POST /v1/apps/shop/machines/m1': () => json({ ...machine, instance_id: '01V2' }),
    })
    const read = await clock.run(
      app.machines.update({ ...machine, events: [], checks: [] }, { image: 'registry.fly.io/shop:v0' }),
    )
    expect(read.instance_id).toBe('01V2')
    expect(calls[0]?.body).toMatchObject({
      current_version: '01V1',
      config: { ...machine.config, image: 'registry.fly.io/shop:v0' },
    })
  })

  test('looks before it repeats: an update whose answer was lost is not sent twice', async () => {
    const done = { ...machine, instance_id: '01V2', config: { ...machine.config, image: 'registry.fly.io/shop:v0' } }
    const { app, clock, calls } = shop({
      'POST /v1/apps/shop/machines/m1': () => new Response('upstream timeout', { status: 504 }),
      'GET /v1/apps/shop/machines/m1': () => json(done),
    })
    const read = await clock.run(
      app.machines.update({ ...machine, events: [], checks: [] }, { image: 'registry.fly.io/shop:v0' }),
    )
    expect(read.instance_id).toBe('01V2')
    expect(calls.filter(({ method }) => method === 'POST')).toHaveLength(1)
  })
})

describe('wait', () => {
  test('waits longer than 60 s by repeating', async () => {
    let asked = 0
    const clock = createTestClock()
    const fake = fakeFetch({
      'GET /v1/apps/shop/machines/m1/wait': async ({ query }) => {
        asked += 1
        await clock.sleep(Number(query.get('timeout')) * 1_000)
        return json(
          { error: 'deadline_exceeded: machine failed to reach desired state, started, currently stopped' },
          408,
        )
      },
    })
    const app = createFly({ token: 't123', fetch: fake.fetch, clock }).app('shop')
    await expect(clock.run(app.machines.wait('m1', { timeoutMs: 150_000 }))).rejects.toMatchObject({
      code: 'FLY_WAIT_TIMEOUT',
    })
    expect(asked).toBe(3)
  })
})

test('a read is repeated over 5xx, within one deadline', async () => {
  const { app, clock, calls } = shop({
    'GET /v1/apps/shop/machines': inTurn(
      () => new Response('<html>bad gateway</html>', { status: 502 }),
      () => json([machine]),
    ),
  })
  const all = await clock.run(Promise.resolve(app.machines.list()))
  expect(all.map(({ id }) => id)).toEqual(['m1'])
  expect(calls).toHaveLength(2)
  expect(calls[0]?.headers.get('authorization')).toBe('FlyV1 fm2_abcdefghijkl')
})
