import type { JsonObject } from '@firebreak/core'
import { describe, expect, test } from 'vitest'
import { bad, good, shop } from '../fixtures/shop.ts'
import { holdingFaults, strikingFaults } from './fault.ts'
import type { Fault } from './fault.ts'
import { randomFaults } from './random-faults.ts'

const withFault = (...faults: Fault[]) => shop({}, { faults })

describe('faults that answer a request', () => {
  test('408 without the effect, and with it', async () => {
    for (const effect of [false, true]) {
      const { send, path, get } = withFault({ kind: 'timeout', operation: 'machines.cordon', effect })
      const { status, text } = await send('POST', path(0, '/cordon'))
      expect([status, text]).toEqual([408, 'upstream timeout'])
      expect((await get())['cordoned']).toBe(effect)
      expect((await send('POST', path(0, '/cordon'))).status).toBe(200)
    }
  })

  test('429 with Retry-After, and without', async () => {
    const { send, path } = withFault(
      { kind: 'rate-limit', operation: 'machines.get', retryAfterSeconds: 20 },
      { kind: 'rate-limit', operation: 'machines.get', retryAfterSeconds: null },
    )
    const [first, second, third] = [await send('GET', path(0)), await send('GET', path(0)), await send('GET', path(0))]
    expect([first.status, second.status, third.status]).toEqual([429, 429, 200])
    expect([first, second].map(({ headers }) => headers.get('retry-after'))).toEqual(['20', null])
  })

  test('502 and 504 as HTML', async () => {
    for (const status of [502, 504]) {
      const { send, path } = withFault({ kind: 'bad-gateway', status })
      const answer = await send('GET', path(0))
      expect(answer.status).toBe(status)
      expect(answer.headers.get('content-type')).toMatch(/html/)
    }
  })

  test('a connection that breaks before the effect, after it, and in the middle of the answer', async () => {
    for (const effect of [false, true]) {
      const { send, path, get } = withFault({ kind: 'drop', operation: 'machines.cordon', effect })
      await expect(send('POST', path(0, '/cordon'))).rejects.toThrow('fetch failed')
      expect((await get())['cordoned']).toBe(effect)
    }
    const { send, path } = withFault({ kind: 'cut-answer', operation: 'machines.get' })
    await expect(send('GET', path(0))).rejects.toThrow('terminated')
  })

  test('a redirect, an answer far too long, an answer of the wrong kind', async () => {
    const { send, path } = withFault({ kind: 'redirect' }, { kind: 'huge-answer' }, { kind: 'wrong-type' })
    const redirect = await send('GET', path(0))
    expect([redirect.status, redirect.headers.get('location')]).toEqual([302, 'http://127.0.0.1:9/elsewhere'])
    expect((await send('GET', path(0))).text.length).toBeGreaterThan(10 * 1024 * 1024)
    expect((await send('GET', path(0))).body).toBeUndefined()
    expect((await send('GET', path(0))).status).toBe(200)
  })

  test('an answer that takes its time', async () => {
    const { clock, send, path } = withFault({ kind: 'slow', milliseconds: 5_000 })
    const began = clock.now()
    expect((await clock.run(send('GET', path(0)))).status).toBe(200)
    expect(clock.now() - began).toBe(5_000)
  })

  test('no room, a host under maintenance, an API that is down, a machine not found yet', async () => {
    const { update, send, path } = withFault(
      { kind: 'capacity', operation: 'machines.update' },
      { kind: 'maintenance', operation: 'machines.update' },
    )
    expect((await update(0, bad)).body).toMatchObject({
      error: expect.stringContaining('could not reserve resource for machine') as string,
      status: 'insufficient_capacity',
    })
    const maintenance = await update(0, bad)
    expect(maintenance.status).toBe(503)
    expect(maintenance.body.error).toContain('deploys to this host are temporarily disabled')
    expect((await update(0, bad)).status).toBe(200)
    expect((await send('GET', path(0))).status).toBe(200)
    const down = withFault({ kind: 'unavailable', times: 2 }, { kind: 'not-found' })
    expect((await down.send('GET', down.path(0))).status).toBe(503)
    expect((await down.send('GET', '/v1/apps/shop')).status).toBe(503)
    expect((await down.send('GET', down.path(0))).status).toBe(404)
  })

  test('somebody else’s lease, and somebody else’s change', async () => {
    const { clock, update, get } = withFault(
      { kind: 'foreign-lease', operation: 'machines.update', milliseconds: 20_000 },
      { kind: 'stale-version', operation: 'machines.update' },
    )
    const version = (await get())['instance_id'] as string
    expect((await update(0, bad)).body.error).toContain('lease currently held by ci@example.com')
    await clock.advance(20_000)
    expect((await update(0, bad, { current_version: version })).body.error).toContain('does not match')
    expect((await get())['instance_id']).not.toBe(version)
  })
})

describe('faults of the world', () => {
  test('a pull that fails is silently undone', async () => {
    const { clock, update, get, ids } = shop()
    const sim = withFault({ kind: 'image-pull-failure', image: bad })
    await sim.update(1, bad)
    await sim.clock.advance(5_000)
    expect(((await sim.get(1))['config'] as JsonObject)['image']).toBe(good)
    await update(1, bad)
    await clock.advance(5_000)
    expect(((await get(1))['config'] as JsonObject)['image']).toBe(bad)
    expect(ids).toHaveLength(3)
  })

  test('an autostop during the update leaves the new version stopped', async () => {
    const { clock, update, get } = withFault({ kind: 'autostop' })
    const { body } = await update(0, bad)
    await clock.advance(10_000)
    expect(await get()).toMatchObject({ state: 'stopped', instance_id: body.instance_id })
  })

  test('a host that does not answer: no config, no image, no write', async () => {
    const { clock, send, get, path, ids, sim } = shop(
      {},
      { faults: [{ kind: 'unreachable-host', fromMs: 1_000, untilMs: 5_000 }] },
    )
    sim.admin.addFault({ kind: 'unreachable-host', machine: ids[2] })
    expect(await get(0)).toMatchObject({ host_status: 'ok' })
    await clock.advance(1_000)
    expect(await get(0)).toMatchObject({
      host_status: 'unreachable',
      config: null,
      image_ref: { repository: '', tag: '' },
    })
    expect(((await get(0))['incomplete_config'] as JsonObject)['metadata']).toMatchObject({
      fly_platform_version: 'v2',
    })
    expect((await send('POST', path(0, '/lease?ttl=13'))).status).toBe(408)
    await clock.advance(4_000)
    expect((await get(0))['host_status']).toBe('ok')
    expect((await get(2))['host_status']).toBe('unreachable')
  })

  test.each(['crash-loop', 'oom'] as const)('%s begins and ends on its own', async (kind) => {
    const { clock, get } = withFault({ kind, fromMs: 10_000, untilMs: 30_000, milliseconds: 2_000 })
    const exits = async () => ((await get())['events'] as JsonObject[]).filter(({ type }) => type === 'exit').length
    await clock.advance(9_000)
    expect(await exits()).toBe(0)
    await clock.advance(21_000)
    const during = await exits()
    expect(during).toBeGreaterThan(3)
    await clock.advance(60_000)
    expect((await exits()) - during).toBeLessThanOrEqual(1)
    expect((await get())['state']).toBe('started')
  })

  test('a start that takes long', async () => {
    const { clock, send, path, get } = withFault({ kind: 'slow-start', milliseconds: 60_000 })
    await send('POST', path(0, '/restart'))
    await clock.advance(30_000)
    expect((await get())['state']).toBe('starting')
    await clock.advance(40_000)
    expect((await get())['state']).toBe('started')
  })

  test('checks that flap, and stop flapping', async () => {
    const { clock, ids, sim } = shop({ serviceChecks: [{ intervalMs: 1_000 }] })
    const mend = sim.admin.addFault({ kind: 'flapping-checks', machine: ids[0] })
    const seen = new Set<string>()
    for (let second = 0; second < 6; second += 1) {
      await clock.advance(1_000)
      seen.add(Object.values(sim.admin.machines('shop')[0]?.checks ?? {}).join(','))
      expect(Object.values(sim.admin.machines('shop')[1]?.checks ?? {})).toEqual(['passing'])
    }
    expect(seen).toEqual(new Set(['passing', 'critical']))
    mend()
    await clock.advance(3_000)
    expect(Object.values(sim.admin.machines('shop')[0]?.checks ?? {})).toEqual(['passing'])
  })

  test('samples and log lines get lost', async () => {
    const { clock, sim, send, path } = shop(
      { requestsPerSecond: 10 },
      {
        scrapeEveryMs: 1_000,
        historyMs: 0,
        faults: [
          { kind: 'metrics-gap', fromMs: 10_000, untilMs: 20_000 },
          { kind: 'log-gap', untilMs: 20_000 },
        ],
      },
    )
    await clock.advance(30_000)
    const query = encodeURIComponent('sum by (app) (count_over_time(fly_app_http_responses_count[30s]))')
    const { body } = await send('GET', `/prometheus/personal/api/v1/query?query=${query}`)
    expect(Number(body.data.result[0].value[1])).toBe(3 * 20)
    expect((await send('GET', '/api/v1/apps/shop/logs')).body.data).toEqual([])
    await send('POST', path(0, '/restart'))
    await clock.advance(5_000)
    expect((await send('GET', '/api/v1/apps/shop/logs')).body.data).toHaveLength(1)
    await sim.close()
  })

  test('an image that is gone for a while', async () => {
    const { clock, send } = withFault({ kind: 'pruned-image', image: good, untilMs: 5_000 })
    const query = `{ app(name: "shop") { image(ref: "${good}") { id } } }`
    const image = async () => (await send('POST', '/graphql', { query })).body.data.app.image
    expect(await image()).toBeNull()
    await clock.advance(5_000)
    expect(await image()).not.toBeNull()
  })

  test('clocks that are wrong', async () => {
    const { clock, send, path } = withFault({ kind: 'clock-skew', milliseconds: 90_000 })
    await send('POST', path(0, '/cordon'))
    expect(Date.parse((await send('GET', path(0))).body.updated_at) - clock.now()).toBe(90_000)
  })
})

test('a rule strikes so often, at so many, with such a probability', async () => {
  const { send, path } = withFault({ kind: 'unavailable', operation: 'machines.*', skip: 1, times: 2 })
  const statuses = []
  for (let index = 0; index < 5; index += 1) statuses.push((await send('GET', path(0))).status)
  expect(statuses).toEqual([200, 503, 503, 200, 200])
  expect((await send('GET', '/v1/apps/shop')).status).toBe(200)
  const half = withFault({ kind: 'unavailable', probability: 0.5 })
  let struck = 0
  for (let index = 0; index < 200; index += 1) if ((await half.send('GET', half.path(0))).status === 503) struck += 1
  expect(struck).toBeGreaterThan(60)
  expect(struck).toBeLessThan(140)
})

test('trouble from a seed is the same trouble each time, of every kind, and the simulator lives with it', async () => {
  expect(randomFaults({ seed: 5 })).toEqual(randomFaults({ seed: 5 }))
  expect(randomFaults({ seed: 5 })).not.toEqual(randomFaults({ seed: 6 }))
  const many = randomFaults({ seed: 1, count: 400, withinMs: 60_000 })
  expect(new Set(many.map(({ kind }) => kind))).toEqual(new Set([...strikingFaults, ...holdingFaults]))
  const { clock, sim } = shop({ requestsPerSecond: 10 }, { faults: many })
  for (let round = 0; round < 10; round += 1) {
    const shipped = sim.admin
      .ship('shop', round % 2 === 0 ? bad : good, { waitTimeoutMs: 20_000 })
      .catch(() => undefined)
    await clock.run(shipped)
    await clock.advance(10_000)
  }
  await sim.close()
  expect(clock.pending).toBe(0)
})

test.each([
  { kind: 'nonsense' as Fault['kind'] },
  { kind: 'timeout', probability: Number.NaN },
  { kind: 'timeout', probability: 2 },
  { kind: 'timeout', fromMs: -1 },
] satisfies Fault[])('a rule that makes no sense is refused: %j', (fault) => {
  expect(() => withFault(fault)).toThrow(/faults\[0\]/)
})
