import { createTestClock } from '@firebreak/core/testing'
import { describe, expect, test } from 'vitest'
import { fakeFetch, inTurn, json } from '../fixtures/fake-fetch.ts'
import { good, simShop } from '../fixtures/sim-shop.ts'
import { createFly } from '../fly.ts'

function firstId({ sim }: ReturnType<typeof simShop>): string {
  return sim.admin.machines('shop')[0]?.id ?? ''
}

function client(handlers: Parameters<typeof fakeFetch>[0]) {
  const clock = createTestClock()
  const fake = fakeFetch(handlers)
  const app = createFly({ token: 't123', fetch: fake.fetch, clock, random: () => 0.5 }).app('shop')
  return { app, clock, calls: fake.calls }
}

describe('create', () => {
  test.each([true, false])('after a lost answer (effect: %s) there is one machine', async (effect) => {
    await using shop = simShop({}, { faults: [{ kind: 'drop', operation: 'machines.create', effect }] })
    const made = await shop.clock.run(shop.app.machines.create({ config: { image: good }, region: 'ord' }))
    expect(made).toMatchObject({ region: 'ord' })
    expect(shop.sim.admin.machines('shop')).toHaveLength(4)
  })

  test('two creates are two machines', async () => {
    await using shop = simShop()
    await shop.clock.run(Promise.all([1, 2].map(() => shop.app.machines.create({ config: { image: good } }))))
    expect(shop.sim.admin.machines('shop')).toHaveLength(5)
  })

  test('a configuration without an image is refused before any request', async () => {
    const { app, calls } = client({})
    await expect(app.machines.create({ config: {} })).rejects.toMatchObject({ field: 'config.image' })
    expect(calls).toEqual([])
  })
})

describe('delete', () => {
  test('a running machine goes only by force', async () => {
    await using shop = simShop()
    const id = firstId(shop)
    await expect(shop.clock.run(shop.app.machines.delete(id))).rejects.toMatchObject({ code: 'FLY_PRECONDITION' })
    await shop.clock.run(shop.app.machines.delete(id, { force: true }))
    await shop.clock.run(shop.app.machines.wait(id, { state: 'destroyed' }))
  })

  test('gone after an attempt whose answer was lost is what was wanted; gone before is not', async () => {
    const lost = client({
      'DELETE /v1/apps/shop/machines/m1': inTurn(
        () => json({}, 502),
        () => json({}, 404),
      ),
    })
    await lost.clock.run(lost.app.machines.delete('m1'))
    const before = client({ 'DELETE /v1/apps/shop/machines/m1': () => json({}, 404) })
    await expect(before.clock.run(before.app.machines.delete('m1'))).rejects.toMatchObject({ code: 'FLY_NOT_FOUND' })
  })
})

describe('start', () => {
  test('waits for an update that is under way', async () => {
    await using shop = simShop({ machines: [{ state: 'stopped' }] })
    const id = firstId(shop)
    await shop.clock.run(shop.app.machines.update(id, { image: good }, { skipLaunch: true }))
    await shop.clock.run(shop.app.machines.start(id))
    await shop.clock.run(shop.app.machines.wait(id))
    expect(shop.sim.admin.machines('shop')[0]?.state).toBe('started')
  })

  test('already started is a success', async () => {
    await using shop = simShop()
    expect(await shop.clock.run(shop.app.machines.start(firstId(shop)))).toMatchObject({ previous_state: 'started' })
  })

  test('a refusal that time does not cure comes out at once', async () => {
    const { app, clock, calls } = client({
      'POST /v1/apps/shop/machines/m1/start': () => json({ error: 'failed_precondition: unable to start' }, 412),
      'GET /v1/apps/shop/machines/m1': () => json({ id: 'm1', state: 'destroyed' }),
    })
    await expect(clock.run(app.machines.start('m1'))).rejects.toMatchObject({ code: 'FLY_PRECONDITION' })
    expect(calls.map(({ method }) => method)).toEqual(['POST', 'GET'])
  })
})

describe('wait', () => {
  test('several states are sent repeated, in whole seconds from 1 to 60', async () => {
    const { app, clock, calls } = client({
      'GET /v1/apps/shop/machines/m1/wait': () => json({ ok: true, state: 'stopped' }),
    })
    const result = await clock.run(
      app.machines.wait('m1', { state: ['started', 'stopped'], version: '01V1', timeoutMs: 200_000 }),
    )
    expect(result.state).toBe('stopped')
    expect(calls[0]?.query.getAll('state')).toEqual(['started', 'stopped'])
    expect(calls[0]?.query.get('timeout')).toBe('60')
    expect(calls[0]?.query.get('version')).toBe('01V1')
  })

  test('longer than Fly waits, by repeating', async () => {
    await using shop = simShop()
    const before = shop.clock.now()
    const waiting = shop.app.machines.wait(firstId(shop), { state: 'stopped', timeoutMs: 150_000 })
    await expect(shop.clock.run(waiting)).rejects.toMatchObject({ code: 'FLY_WAIT_TIMEOUT' })
    expect(shop.clock.now() - before).toBe(150_000)
    expect(shop.sim.admin.calls({ operation: 'machines.wait' })).toHaveLength(3)
  })

  test('a failing platform is waited out', async () => {
    const { app, clock, calls } = client({
      'GET /v1/apps/shop/machines/m1/wait': inTurn(
        () => new Response('', { status: 502 }),
        () => new Response('upstream timeout', { status: 408 }),
        () => json({ ok: true }),
      ),
    })
    await clock.run(app.machines.wait('m1'))
    expect(calls).toHaveLength(3)
  })

  test('a machine that is gone was destroyed; for every other state it is an error', async () => {
    const { app, clock } = client({})
    await clock.run(app.machines.wait('m1', { state: 'destroyed' }))
    await expect(clock.run(app.machines.wait('m1'))).rejects.toMatchObject({ code: 'FLY_NOT_FOUND' })
  })

  test.each([400, 401, 403])('%i ends it', async (status) => {
    const { app, clock, calls } = client({ 'GET /v1/apps/shop/machines/m1/wait': () => json({}, status) })
    await expect(clock.run(app.machines.wait('m1'))).rejects.toMatchObject({ status })
    expect(calls).toHaveLength(1)
  })
})

test('filters of a list', async () => {
  const { app, clock, calls } = client({ 'GET /v1/apps/shop/machines': () => json([]) })
  const query = {
    region: 'iad',
    state: ['started', 'stopped'],
    includeDeleted: true,
    includeLeases: true,
    summary: true,
    metadata: { role: 'web', a: 'b' },
  }
  await clock.run(Promise.resolve(app.machines.list(query)))
  expect(Object.fromEntries(calls[0]?.query ?? [])).toEqual({
    region: 'iad',
    state: 'started,stopped',
    include_deleted: 'true',
    include_leases: 'true',
    summary: 'true',
    'metadata.role': 'web',
    'metadata.a': 'b',
  })
})

test('one odd machine, check or event does not hide the others', async () => {
  const { app, clock } = client({
    'GET /v1/apps/shop/machines': () =>
      json([
        {
          id: 'm1',
          state: 'brand_new_state',
          checks: [{ nonsense: 1 }, { name: 'a', status: 'odd' }],
          events: [null, { type: 'exit' }],
        },
        {
          id: 'm2',
          config: null,
          image_ref: null,
          checks: null,
          events: null,
          host_status: 'unreachable',
          region: null,
        },
      ]),
  })
  expect(await clock.run(Promise.resolve(app.machines.list()))).toMatchObject([
    {
      id: 'm1',
      state: 'brand_new_state',
      checks: [{ name: 'a', status: 'odd' }],
      events: [{ type: 'exit', timestamp: 0 }],
    },
    { id: 'm2', state: 'unknown', config: undefined, checks: [], events: [], region: '' },
  ])
})

test("Fly's own compatibility checks are dropped", async () => {
  await using shop = simShop()
  const machine = await shop.clock.run(shop.app.machines.get(firstId(shop)))
  expect(machine.checks.map(({ name }) => name)).toEqual(['servicecheck-00-http-8080'])
})

test('everything else of a machine: stop, suspend, restart, signal, exec, ps, cordon, events, versions, metadata', async () => {
  await using shop = simShop()
  const { machines } = shop.app
  const id = firstId(shop)
  const run = <T>(work: PromiseLike<T>) => shop.clock.run(Promise.resolve(work))
  expect(await run(machines.exec(id, { command: ['echo', 'hello'] }))).toMatchObject({ exitCode: 0, stdout: 'hello\n' })
  expect((await run(machines.processes(id))).map(({ command }) => command)).toContain('/app/server')
  await run(machines.signal(id, 'SIGUSR1'))
  await run(machines.cordon(id))
  expect((await run(machines.get(id))).cordoned).toBe(true)
  await run(machines.uncordon(id))
  await run(machines.metadata.set(id, 'owner', 'night shift'))
  await run(machines.metadata.patch(id, { owner: null, team: 'ops' }))
  expect(await run(machines.metadata.get(id))).toMatchObject({ team: 'ops' })
  expect(await run(machines.metadata.get(id))).not.toHaveProperty('owner')
  await run(machines.metadata.remove(id, 'team'))
  expect(await run(machines.metadata.get(id))).not.toHaveProperty('team')
  await expect(run(machines.metadata.patch(id, { a: 'b' }, { version: '01OLD' }))).rejects.toMatchObject({
    code: 'FLY_PRECONDITION',
  })
  await run(machines.restart(id, { graceSeconds: 5, signalName: 'SIGTERM', forceStop: false }))
  await run(machines.wait(id))
  await run(machines.suspend(id))
  await run(machines.wait(id, { state: 'suspended' }))
  await run(machines.stop(id, { signalName: 'SIGTERM', graceSeconds: 1 }))
  await run(machines.wait(id, { state: 'stopped' }))
  expect((await run(machines.events(id, { limit: 3 }))).map(({ type }) => type)).toContain('stop')
  await run(machines.update(id, { image: good }))
  const versions = await run(machines.versions(id))
  expect(versions.map(({ config }) => config.image)).toEqual([
    good,
    expect.stringContaining('deployment-bad') as string,
  ])
})

test.each(['__proto__/x', '..', '.', ''])('the metadata key %j stays in its place or is refused', async (key) => {
  const { app, clock, calls } = client({ 'POST /v1/apps/shop/machines/m1/metadata/*': () => json({}) })
  const outcome = await clock.run(
    app.machines.metadata.set('m1', key, 'x').then(
      () => 'sent',
      (error: unknown) => (error as { code: string }).code,
    ),
  )
  expect(outcome === 'INVALID_INPUT' ? calls.length : calls[0]?.path).toBe(
    outcome === 'INVALID_INPUT' ? 0 : `/v1/apps/shop/machines/m1/metadata/${encodeURIComponent(key)}`,
  )
})
