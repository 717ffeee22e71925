import { describe, expect, test } from 'vitest'
import { bad, good, sender, shop } from '../fixtures/shop.ts'
import { createFlySim } from '../index.ts'

const error = async (send: ReturnType<typeof shop>['send'], by = '') => {
  const sum = (filter: string) => `sum ${by} (rate(fly_app_http_responses_count{app="shop"${filter}}[1m]))`
  const query = `${sum(',status=~"5.."')} / ${sum('')}`
  const { body } = await send('GET', `/prometheus/personal/api/v1/query?query=${encodeURIComponent(query)}`)
  return body.data.result as { metric: { instance?: string }; value: [number, string] }[]
}

describe('breaking and mending', () => {
  test('one machine fails its requests while its check passes; cordoning cures, restarting does not', async () => {
    const { clock, sim, send, ids, path } = shop(
      { requestsPerSecond: 30 },
      { images: [{ ref: good, behaviour: { paths: { '/health': { errorRatio: 0 } } } }] },
    )
    sim.admin.breakMachine(ids[1]!, { errorRatio: 1 })
    await clock.advance(120_000)
    const byMachine = await error(send, 'by (instance)')
    expect(byMachine.map(({ metric }) => metric.instance)).toEqual([ids[1]])
    expect(Number((await error(send))[0]?.value[1])).toBeCloseTo(1 / 3, 6)
    expect(Object.values(sim.admin.machines('shop')[1]!.checks)).toEqual(['passing'])
    await send('POST', path(1, '/restart'))
    await clock.advance(120_000)
    expect(Number((await error(send))[0]?.value[1])).toBeCloseTo(1 / 3, 6)
    await send('POST', path(1, '/cordon'))
    await clock.advance(120_000)
    expect(Number((await error(send))[0]?.value[1])).toBe(0)
    sim.admin.mendMachine(ids[1]!)
  })

  test('a dependency dies: every machine of the app is as ill, and well again', async () => {
    const { clock, sim, send } = shop({ requestsPerSecond: 30 })
    sim.admin.breakApp('shop', { errorRatio: 1, status: 503, paths: { '/health': { errorRatio: 0 } } })
    await clock.advance(90_000)
    expect((await error(send, 'by (instance)')).map(({ value }) => Number(value[1]))).toEqual([1, 1, 1])
    sim.admin.mendApp('shop')
    await clock.advance(120_000)
    expect(Number((await error(send))[0]?.value[1])).toBe(0)
  })

  test('however often a machine is broken and mended, each check runs once an interval', async () => {
    const { clock, sim, send, ids } = shop({ serviceChecks: [{ intervalMs: 1_000 }] }, { historyMs: 0 })
    for (let time = 0; time < 8; time += 1)
      sim.admin.breakMachine(ids[0]!, { paths: { '/health': { errorRatio: 0.5 } } })
    await clock.advance(60_000)
    const { data } = (await send('GET', '/api/v1/apps/shop/logs?next_token=1')).body
    const seconds = data.map(({ attributes }: { attributes: { timestamp: string } }) =>
      attributes.timestamp.slice(0, 19),
    )
    expect(seconds.length).toBeGreaterThan(5)
    expect(new Set(seconds).size).toBe(seconds.length)
  })

  test('an exit that was laid over a machine ends with it', async () => {
    const { clock, sim, ids, get } = shop()
    const exits = async () =>
      ((await get())['events'] as { type: string }[]).filter(({ type }) => type === 'exit').length
    sim.admin.breakMachine(ids[0]!, { exit: { afterMs: 5_000 } })
    sim.admin.mendMachine(ids[0]!)
    await clock.advance(60_000)
    expect(await exits()).toBe(0)
    sim.admin.breakMachine(ids[0]!, { exit: { afterMs: 5_000 } })
    await clock.advance(4_000)
    expect(await exits()).toBe(0)
    await clock.advance(2_000)
    expect(await exits()).toBe(1)
  })

  test('users are turned away when nobody serves', async () => {
    const { clock, sim, send } = shop({ requestsPerSecond: 10, machines: 1 })
    sim.admin.breakApp('shop', { paths: { '/health': { errorRatio: 1 } } })
    await clock.advance(120_000)
    const query = encodeURIComponent('sum by (status) (rate(fly_edge_http_responses_count[30s]))')
    const { body } = await send('GET', `/prometheus/personal/api/v1/query?query=${query}`)
    const rates = Object.fromEntries(
      body.data.result.map(({ metric, value }: { metric: { status: string }; value: [number, string] }) => [
        metric.status,
        Number(value[1]),
      ]),
    )
    expect(rates['503']).toBeCloseTo(10, 6)
    expect(rates['200']).toBeCloseTo(0, 6)
  })

  test('latency is what the image says', async () => {
    const { clock, send, sim } = shop(
      { requestsPerSecond: 100 },
      { images: [{ ref: good, behaviour: { latencyMs: { p50Ms: 100, p95Ms: 400 } } }] },
    )
    await clock.advance(60_000)
    const read = async () => {
      const query = encodeURIComponent(
        'histogram_quantile(0.95, sum by (le) (rate(fly_app_http_response_time_seconds_bucket{app="shop"}[1m])))',
      )
      const { body } = await send('GET', `/prometheus/personal/api/v1/query?query=${query}`)
      return Number(body.data.result[0].value[1])
    }
    expect(await read()).toBeCloseTo(0.4, 6)
    sim.admin.setTraffic('shop', 0)
    await clock.advance(120_000)
    expect(await read()).toBeNaN()
  })
})

test('users’ requests take their time on the clock, are counted, and wake what sleeps', async () => {
  const { clock, sim, send } = shop({
    machines: [{ state: 'stopped' }],
    serviceChecks: [{ intervalMs: 1_000, graceMs: 0 }],
  })
  const began = clock.now()
  const response = await clock.run(sim.fetch('https://shop.fly.dev/'))
  expect(response.status).toBe(200)
  expect(response.headers.get('fly-machine-id')).toBe(sim.admin.machines('shop')[0]?.id)
  expect(clock.now() - began).toBeGreaterThan(1_000)
  await clock.advance(30_000)
  const query = encodeURIComponent('sum(fly_edge_http_responses_count{status="200"})')
  const { body } = await send('GET', `/prometheus/personal/api/v1/query?query=${query}`)
  expect(body.data.result[0].value[1]).toBe('1')
  await expect(sim.fetch('https://nobody.fly.dev/')).rejects.toThrow('fetch failed')
})

test('the series of a machine end with it', async () => {
  const { clock, send, path } = shop({ requestsPerSecond: 30 })
  const machines = async () => {
    const query = encodeURIComponent('count(sum by (instance) (fly_app_http_responses_count))')
    return (await send('GET', `/prometheus/personal/api/v1/query?query=${query}`)).body.data.result[0].value[1]
  }
  expect(await machines()).toBe('3')
  await send('DELETE', path(0, '?kill=true'))
  await clock.advance(600_000)
  expect(await machines()).toBe('2')
})

test('the past is there: counters have been running, machines are as old as the history', async () => {
  const { send } = shop({ requestsPerSecond: 20 }, { historyMs: 600_000 })
  const query = encodeURIComponent('sum(increase(fly_edge_http_responses_count[10m]))')
  const { body } = await send('GET', `/prometheus/personal/api/v1/query?query=${query}`)
  expect(Number(body.data.result[0].value[1])).toBeCloseTo(12_000, 6)
})

test('what was asked is logged, and what was changed is counted', async () => {
  const { sim, send, path, update } = shop()
  await send('GET', path(0))
  await send('POST', path(0, '/lease?ttl=5'))
  await update(1, bad)
  await send('POST', path(2, '/cordon'))
  await send('POST', '/graphql', { query: '{ viewer { email } }' })
  expect(sim.admin.writes()).toEqual({ 'machines.update': 1, 'machines.cordon': 1 })
  const [call] = sim.admin.calls({ operation: 'machines.cordon' })
  expect(call).toMatchObject({ method: 'POST', app: 'shop', status: 200, user: 'you@example.com', fault: undefined })
  sim.admin.clearCalls()
  expect(sim.admin.calls()).toEqual([])
})

test('the same seed makes the same world, another one another', async () => {
  const world = async (seed: number) => {
    const { sim, clock } = shop({}, { seed })
    await clock.run(sim.admin.ship('shop', bad))
    return sim.admin.machines('shop')
  }
  expect(await world(1)).toEqual(await world(1))
  expect(await world(1)).not.toEqual(await world(2))
})

test('the admin surface works over HTTP, apart from Fly’s own paths and without a token', async () => {
  const sim = createFlySim({ seed: 4, apps: [{ name: 'shop', machines: 1 }], timing: { replaceMs: 5, startMs: 5 } })
  const { url } = await sim.listen()
  const send = sender(fetch, url)
  const none = { authorization: '' }
  const [machine] = (await send('GET', '/_sim/apps/shop/machines', undefined, none)).body
  expect((await send('POST', `/_sim/machines/${machine.id}/break`, { errorRatio: 1 }, none)).status).toBe(204)
  expect((await send('POST', `/_sim/machines/${machine.id}/break`, { errorRatio: 7 }, none)).body.error).toMatch(
    /errorRatio/,
  )
  expect((await send('POST', '/_sim/machines/none/mend', {}, none)).status).toBe(400)
  const { id } = (await send('POST', '/_sim/faults', { kind: 'unavailable', operation: 'apps.get' }, none)).body
  expect((await send('GET', '/v1/apps/shop')).status).toBe(503)
  expect((await send('DELETE', `/_sim/faults/${id}`, undefined, none)).status).toBe(204)
  const shipped = await send(
    'POST',
    '/_sim/ship',
    { app: 'shop', image: 'nginx', options: { smokeMs: 1, strategy: 'immediate' } },
    none,
  )
  expect(shipped.body).toMatchObject({ ok: true, release: { version: 2 } })
  expect((await send('GET', '/_sim/writes', undefined, none)).body).toMatchObject({ 'machines.update': 1 })
  expect((await send('GET', '/_sim/calls?operation=apps.get', undefined, none)).body).toHaveLength(2)
  await sim.close()
})

test.each([
  [{ apps: 'shop' }, /apps/],
  [{ apps: [{ name: 'a' }, { name: 'a' }] }, /twice/],
  [{ apps: [{ name: 'a', machines: -1 }] }, /machines/],
  [{ apps: [{ name: 'a', machines: Number.NaN }] }, /machines/],
  [{ apps: [{ name: 'a', requestsPerSecond: Number.NaN }] }, /requestsPerSecond/],
  [{ apps: [{ name: 'a', machines: [{ release: 9 }] }] }, /release 9/],
  [{ apps: [], scrapeEveryMs: 0 }, /scrapeEveryMs/],
  [{ apps: [], timing: { startMs: -1 } }, /timing.startMs/],
  [{ apps: [], images: [{ ref: 'x', behaviour: { phases: [{ fromMs: Number.NaN }] } }] }, /fromMs/],
] as const)('options that make no sense are refused: %j', (options, message) => {
  expect(() => createFlySim(options as unknown as Parameters<typeof createFlySim>[0])).toThrow(message)
})
