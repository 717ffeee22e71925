import { systemClock } from '@firebreak/core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { sender } from '../fixtures/shop.ts'
import type { FlySim, FlySimListening, FlySimOptions, SimApp } from '../index.ts'
import { createFlySim } from '../index.ts'

const image = 'registry.fly.io/shop:deployment-1'
const check = { intervalMs: 50, graceMs: 50, timeoutMs: 2_000 }
const quick = {
  createMs: 10,
  replaceMs: 20,
  startMs: 10,
  stopMs: 10,
  suspendMs: 10,
  resumeMs: 10,
  destroyMs: 10,
  restartPauseMs: 20,
}

function serve(app: Partial<SimApp> = {}, options: Partial<Omit<FlySimOptions, 'apps'>> = {}) {
  const sim = createFlySim({
    seed: 11,
    machines: 'http',
    scrapeEveryMs: 50,
    timing: quick,
    images: [{ ref: image, behaviour: { latencyMs: 2 } }],
    ...options,
    apps: [{ name: 'shop', machines: 2, regions: ['iad', 'ord'], serviceChecks: [check], ...app }],
  })
  return sim
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 400; tries += 1) {
    if (await holds()) return
    await systemClock.sleep(10)
  }
  throw new Error('it never came about')
}

const handles = () => process.getActiveResourcesInfo().filter((kind) => /TCP|Timeout/.test(kind)).length

describe('machines on real HTTP', () => {
  let before = 0
  let sim: FlySim
  let listening: FlySimListening
  const open = async (...how: Parameters<typeof serve>) => {
    sim = serve(...how)
    listening = await sim.listen()
    return listening.apps['shop'] ?? ''
  }
  beforeEach(() => {
    before = handles()
  })
  afterEach(async () => {
    await sim.close()
    await until(() => handles() <= before)
  })
  const status = async (url: string) => {
    const response = await fetch(url)
    await response.text()
    return response.status
  }

  test('are in the pool when listen has come back, and share the requests evenly', async () => {
    const url = await open()
    const who = new Map<string, number>()
    for (let index = 0; index < 20; index += 1) {
      const response = await fetch(url)
      await response.text()
      const machine = response.headers.get('fly-machine-id') ?? ''
      who.set(machine, (who.get(machine) ?? 0) + 1)
    }
    expect([...who.values()]).toEqual([10, 10])
  })

  test('leave the pool when their service check fails, and when they are cordoned', async () => {
    const url = await open()
    const [first, second] = sim.admin.machines('shop')
    sim.admin.breakMachine(first!.id, { paths: { '/health': { errorRatio: 1 } } })
    await until(() => Object.values(sim.admin.machines('shop')[0]?.checks ?? {}).includes('critical'))
    const answered = new Set<string | null>()
    for (let index = 0; index < 6; index += 1) {
      const response = await fetch(url)
      await response.text()
      answered.add(response.headers.get('fly-machine-id'))
    }
    expect(answered).toEqual(new Set([second!.id]))
    const send = sender(fetch, listening.url)
    await send('POST', `/v1/apps/shop/machines/${second!.id}/cordon`)
    expect(await status(url)).toBe(503)
    const { data } = (await send('GET', '/api/v1/apps/shop/logs')).body
    expect(data.at(-1).attributes).toMatchObject({ meta: { event: { provider: 'proxy' }, error: { code: 'PR01' } } })
    sim.admin.mendMachine(first!.id)
    await until(async () => (await status(url)) === 200)
  })

  test('are counted by the proxy as they answered, and the edge counts what it said itself', async () => {
    const url = await open(
      { machines: 1 },
      { images: [{ ref: image, behaviour: { latencyMs: 2, paths: { '/bad': { errorRatio: 1 } } } }] },
    )
    for (let index = 0; index < 10; index += 1) await status(`${url}/${index < 4 ? 'bad' : 'well'}`)
    const [machine] = sim.admin.machines('shop')
    const send = sender(fetch, listening.url)
    await send('POST', `/v1/apps/shop/machines/${machine!.id}/cordon`)
    await status(url)
    const read = async (query: string) => {
      const { body } = await send('GET', `/prometheus/personal/api/v1/query?query=${encodeURIComponent(query)}`)
      return Number(body.data.result[0]?.value[1])
    }
    await until(async () => (await read('sum(fly_edge_http_responses_count{app="shop"})')) === 11)
    expect(await read('sum(fly_edge_http_responses_count{status="503"})')).toBe(1)
    expect(await read('sum(fly_app_http_responses_count{status="500"})')).toBe(4)
    expect(await read(`sum(fly_app_http_responses_count{instance="${machine!.id}",status="200"})`)).toBe(6)
    expect(await read('sum(fly_app_http_response_time_seconds_bucket{le="+Inf"})')).toBe(10)
    expect(await read('fly_instance_up{app="shop"}')).toBe(1)
  })

  test('are woken by a request when they sleep', async () => {
    const url = await open({ machines: [{ state: 'stopped' }] })
    expect(sim.admin.machines('shop')[0]?.state).toBe('stopped')
    expect(await status(url)).toBe(200)
    const { body } = await sender(fetch, listening.url)('GET', '/v1/apps/shop/machines')
    expect(body[0].events[0]).toMatchObject({ type: 'start', source: 'proxy' })
  })

  test('take their requests with them when they crash: those are 502, the others are answered', async () => {
    const slow = { latencyMs: { p50Ms: 400, p95Ms: 400 }, paths: { '/health': { latencyMs: 1 } } }
    const url = await open({}, { images: [{ ref: image, behaviour: slow }] })
    const [first] = sim.admin.machines('shop')
    const load = Array.from({ length: 20 }, () => status(url))
    await systemClock.sleep(150)
    sim.admin.crash(first!.id)
    const answers = await Promise.all(load)
    const broken = answers.filter((answer) => answer === 502).length
    expect(broken).toBeGreaterThan(0)
    expect(answers.filter((answer) => answer === 200)).toHaveLength(20 - broken)
    await until(() => sim.admin.machines('shop')[0]?.state === 'started')
    const { data } = (await sender(fetch, listening.url)('GET', '/api/v1/apps/shop/logs')).body
    expect(
      data.filter(({ attributes }: { attributes: { message: string } }) => attributes.message.startsWith('[PU02]')),
    ).toHaveLength(broken)
  })

  test('finish what they are doing when they are stopped', async () => {
    const url = await open(
      { machines: 1 },
      {
        images: [
          { ref: image, behaviour: { latencyMs: { p50Ms: 150, p95Ms: 150 }, paths: { '/health': { latencyMs: 1 } } } },
        ],
      },
    )
    const slow = status(url)
    await systemClock.sleep(30)
    const [machine] = sim.admin.machines('shop')
    await sender(fetch, listening.url)('POST', `/v1/apps/shop/machines/${machine!.id}/stop`)
    expect(await slow).toBe(200)
  })

  test('can be asked in-process as well, under their public name', async () => {
    await open()
    const response = await sim.fetch('https://shop.fly.dev/anything')
    expect(response.status).toBe(200)
  })

  test('take no traffic that is not sent', async () => {
    await open()
    expect(() => sim.admin.setTraffic('shop', 5)).toThrow(/http/)
  })

  test('break off connections over HTTP as they do in-process', async () => {
    await open({}, { faults: [{ kind: 'drop' }, { kind: 'cut-answer' }] })
    const send = sender(fetch, listening.url)
    await expect(send('GET', '/v1/apps/shop')).rejects.toThrow('fetch failed')
    await expect(send('GET', '/v1/apps/shop')).rejects.toThrow('terminated')
    expect((await send('GET', '/v1/apps/shop')).status).toBe(200)
  })

  test('are waited for by real clients; a client that goes away is forgotten', async () => {
    await open()
    const [machine] = sim.admin.machines('shop')
    const wait = (signal: AbortSignal) =>
      fetch(`${listening.url}/v1/apps/shop/machines/${machine!.id}/wait?state=stopped&timeout=60`, {
        headers: { authorization: 'Bearer x' },
        signal,
      })
    const stop = new AbortController()
    const gone = wait(stop.signal)
    await systemClock.sleep(20)
    stop.abort()
    await expect(gone).rejects.toThrow('aborted')
    const waiting = wait(new AbortController().signal)
    await sender(fetch, listening.url)('POST', `/v1/apps/shop/machines/${machine!.id}/stop`)
    expect((await waiting).status).toBe(200)
  })
})

test('closing while everything is in motion leaves nothing behind', async () => {
  const before = handles()
  const sim = serve({ machines: 4 })
  const listening = await sim.listen()
  const send = sender(fetch, listening.url)
  const busy = [
    send('GET', `/v1/apps/shop/machines/${sim.admin.machines('shop')[0]!.id}/wait?state=stopped`),
    send('POST', `/v1/apps/shop/machines/${sim.admin.machines('shop')[1]!.id}/restart`),
    send('POST', '/v1/apps/shop/machines', { config: { image } }),
    fetch(listening.apps['shop'] ?? ''),
  ]
  await systemClock.sleep(15)
  await sim.close()
  await Promise.allSettled(busy)
  await sim.close()
  await expect(sim.listen()).rejects.toThrow(/closed/)
  await until(() => handles() <= before)
})

test('closing while it comes up ends the coming up', async () => {
  const before = handles()
  const never = { ref: image, behaviour: { paths: { '/health': { errorRatio: 1 } } } }
  const sim = serve({}, { images: [never] })
  const ended = sim.listen().then(
    () => 'listening',
    (error: Error) => error.message,
  )
  await systemClock.sleep(20)
  await sim.close()
  expect(await ended).toMatch(/closed/)
  await until(() => handles() <= before)
})

test('a simulator that never listened has opened nothing', async () => {
  const before = handles()
  const sim = serve()
  expect(handles()).toBe(before)
  await sim.close()
})

test('a port in use is the system’s own error', async () => {
  const sim = createFlySim({ apps: [] })
  const { url } = await sim.listen()
  await expect(createFlySim({ apps: [] }).listen(Number(new URL(url).port))).rejects.toMatchObject({
    code: 'EADDRINUSE',
  })
  await sim.close()
})
