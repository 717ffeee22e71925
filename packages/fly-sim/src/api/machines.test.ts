import type { JsonObject } from '@firebreak/core'
import { describe, expect, test } from 'vitest'
import { bad, good, shop } from '../fixtures/shop.ts'

const states = (events: unknown) =>
  (events as { type: string; status: string }[]).map(({ type, status }) => `${type}/${status}`)

describe('a machine that is updated', () => {
  test('answers at once with a new version, is replaced, and starts again with empty checks', async () => {
    const { clock, get, update } = shop()
    const before = await get()
    const answer = await update(0, bad)
    expect(answer.status).toBe(200)
    expect(answer.body.state).toBe('replacing')
    expect(answer.body.instance_id).not.toBe(before['instance_id'])
    await clock.advance(1_300)
    const starting = await get()
    expect(starting['state']).toBe('starting')
    expect(starting['checks']).toEqual([])
    await clock.advance(1_000)
    const started = await get()
    expect(started['state']).toBe('started')
    expect(states(started['events'])).toEqual(['start/started', 'launch/created'])
    await clock.advance(6_000)
    const checks = (await get())['checks'] as JsonObject[]
    expect(checks.map(({ status }) => status)).toEqual(['passing', 'passing'])
    expect(checks.every(({ updated_at }) => typeof updated_at === 'string')).toBe(true)
  })

  test('keeps every version it had, newest first', async () => {
    const { clock, send, path, update, get } = shop()
    await update(0, bad)
    await clock.advance(5_000)
    const { body } = await send('GET', path(0, '/versions'))
    expect(body.map((version: JsonObject) => (version['user_config'] as JsonObject)['image'])).toEqual([bad, good])
    expect(body[0].version).toBe((await get())['instance_id'])
  })

  test('refuses a stale version, a second update meanwhile, and a start meanwhile', async () => {
    const { send, path, update, get } = shop()
    const version = (await get())['instance_id'] as string
    expect((await update(0, bad, { current_version: 'stale' })).status).toBe(409)
    expect((await update(0, bad, { current_version: version })).status).toBe(200)
    const second = await update(0, good)
    expect(second.status).toBe(409)
    expect(second.body.error).toMatch(/concurrent update in progress/)
    const start = await send('POST', path(0, '/start'))
    expect(start.status).toBe(412)
  })

  test('stays stopped when it was stopped, and when nobody wants it launched', async () => {
    const { clock, update, get } = shop({ machines: [{ state: 'stopped' }, {}] })
    await update(0, bad)
    await update(1, bad, { skip_launch: true })
    await clock.advance(10_000)
    for (const index of [0, 1]) {
      const machine = await get(index)
      expect(machine['state']).toBe('stopped')
      expect((machine['image_ref'] as JsonObject)['tag']).toBe('deployment-bad')
      expect(states(machine['events'])[0]).toBe('update/stopped')
    }
  })

  test('comes back on the old version without a word when the image cannot be pulled', async () => {
    const { clock, sim, update, get, send, path } = shop()
    sim.admin.prune(bad)
    const before = await get()
    const { body } = await update(0, bad)
    await clock.advance(10_000)
    const after = await get()
    expect(after['state']).toBe('started')
    expect(after['instance_id']).toBe(before['instance_id'])
    expect((after['config'] as JsonObject)['image']).toBe(good)
    expect((after['checks'] as JsonObject[])[0]?.['status']).toBe('passing')
    expect((await send('GET', path(0, '/wait?state=started'))).status).toBe(200)
    const wait = await send('GET', path(0, `/wait?state=started&version=${String(body.instance_id)}`))
    expect(wait.status).toBe(408)
    expect(wait.body.error).toMatch(/currently replaced/)
  })

  test('loses metadata that was written while the update was under way', async () => {
    const { clock, send, path, update } = shop()
    await update(0, bad)
    expect((await send('POST', path(0, '/metadata/role'), { value: 'primary' })).status).toBe(204)
    expect((await send('GET', path(0, '/metadata'))).body.role).toBe('primary')
    await clock.advance(5_000)
    expect((await send('GET', path(0, '/metadata/role'))).status).toBe(404)
  })

  test('cannot get other volumes, and needs a config with an image', async () => {
    const { send, path, get } = shop()
    const { config } = await get()
    const mounts = [{ volume: 'vol_1', path: '/data' }]
    expect((await send('POST', path(0), { config: { ...(config as JsonObject), mounts } })).status).toBe(400)
    expect((await send('POST', path(0), { config: {} })).status).toBe(400)
    expect((await send('POST', path(0), '{"config":')).status).toBe(400)
    expect((await send('POST', path(0), [])).body.error).toMatch(/^json: cannot unmarshal array/)
  })

  test('keeps fields that nobody knows, numbers as they were written, and autostop as a boolean', async () => {
    const { send, path, get } = shop()
    const { config } = await get()
    const services = [
      { internal_port: 1, autostop: 'stop', x: { y: [1, null] } },
      { autostop: 'off' },
      { autostop: 'suspend' },
    ]
    const unknown = { deep: { er: [{ still: 'here' }] } }
    const body = JSON.stringify({ config: { ...(config as JsonObject), services, unknown } })
    await send('POST', path(0), body.replace('"still":"here"', '"still":12345678901234567890'))
    const { text, body: machine } = await send('GET', path(0))
    expect(text).toContain('"still":12345678901234567890')
    expect(machine.config.services).toEqual([
      { internal_port: 1, x: { y: [1, null] }, autostop: true },
      { autostop: false },
      { autostop: 'suspend' },
    ])
  })
})

describe('a machine is created', () => {
  const order = { config: { image: good }, region: 'ams', name: 'worker' }

  test('as created, and boots', async () => {
    const { clock, send } = shop()
    const { status, body } = await send('POST', '/v1/apps/shop/machines', order)
    expect(status).toBe(200)
    expect(body).toMatchObject({ state: 'created', region: 'ams', name: 'worker', cordoned: false })
    expect(states(body.events)).toEqual(['launch/created'])
    await clock.advance(2_000)
    expect((await send('GET', `/v1/apps/shop/machines/${body.id}`)).body.state).toBe('started')
  })

  test('once under a name, with a nonce and cordoned when asked for', async () => {
    const { send } = shop()
    const more = { ...order, lease_ttl: 300, skip_service_registration: true }
    const { body } = await send('POST', '/v1/apps/shop/machines', more)
    expect(body.nonce).toMatch(/^[0-9a-f]+$/)
    expect(body.cordoned).toBe(true)
    const again = await send('POST', '/v1/apps/shop/machines', order)
    expect(again.status).toBe(409)
    expect(again.body.error).toMatch(new RegExp(`^already_exists: .*${String(body.id)}`))
  })

  test('and left alone when it is not to be launched', async () => {
    const { clock, send } = shop()
    const { body } = await send('POST', '/v1/apps/shop/machines', { ...order, skip_launch: true })
    const path = `/v1/apps/shop/machines/${body.id}`
    expect((await send('POST', `${path}/start`)).body.error).toMatch(/current state: 'created'/)
    expect((await clock.run(send('GET', `${path}/wait?state=stopped`))).status).toBe(200)
    expect((await send('POST', `${path}/start`)).body).toEqual({
      previous_state: 'stopped',
      migrated: false,
      new_host: '',
    })
  })

  test('not with secrets that are not there yet', async () => {
    const { send } = shop()
    expect((await send('POST', '/v1/apps/shop/machines', { ...order, min_secrets_version: 9 })).status).toBe(412)
  })
})

describe('a machine is stopped, started, suspended, restarted, destroyed', () => {
  test('and its events tell', async () => {
    const { clock, send, path, get } = shop()
    expect((await send('POST', path(0, '/stop'), { id: 'x', signal: 'SIGTERM', timeout: '0s' })).body).toEqual({
      ok: true,
    })
    await clock.advance(1_000)
    const stopped = await get()
    expect(stopped['state']).toBe('stopped')
    const exit = (stopped['events'] as JsonObject[])[0]
    expect(exit).toMatchObject({ type: 'exit', request: { exit_event: { requested_stop: true, restarting: false } } })
    expect((await send('POST', path(0, '/stop'))).status).toBe(200)
    expect((await send('POST', path(0, '/stop'), [])).status).toBe(400)
    await send('POST', path(0, '/start'))
    await clock.advance(1_000)
    await send('POST', path(0, '/suspend'))
    await clock.advance(1_000)
    expect((await get())['state']).toBe('suspended')
    await send('POST', path(0, '/start'))
    await clock.advance(300)
    expect((await get())['state']).toBe('started')
    await send('POST', path(0, '/restart?force_stop=false&timeout=5s'))
    expect((await get())['state']).toBe('restarting')
    await clock.advance(2_000)
    expect((await get())['state']).toBe('started')
  })

  test('stopped while it starts, and it stays stopped', async () => {
    const { clock, send, path, get } = shop()
    await send('POST', path(0, '/restart'))
    await clock.advance(700)
    expect((await get())['state']).toBe('starting')
    expect((await send('POST', path(0, '/stop'))).status).toBe(200)
    await clock.advance(30_000)
    expect((await get())['state']).toBe('stopped')
  })

  test('destroyed only when stopped, or by force; readable for a while, then gone', async () => {
    const { clock, send, path, ids } = shop()
    expect((await send('DELETE', path(0))).status).toBe(412)
    expect((await send('DELETE', path(0, '?kill=true'))).body).toEqual({ ok: true })
    await clock.advance(1_000)
    expect((await send('GET', path(0))).body.state).toBe('destroyed')
    const list = async (query = '') =>
      (await send('GET', `/v1/apps/shop/machines${query}`)).body.map(({ id }: JsonObject) => id)
    expect(await list()).toEqual(ids.slice(1))
    expect(await list('?include_deleted=true')).toHaveLength(3)
    expect((await send('GET', path(0, '/wait?state=destroyed'))).status).toBe(200)
    expect((await send('GET', path(0, '/wait?state=started'))).status).toBe(404)
    await clock.advance(60_000)
    expect((await send('GET', path(0))).status).toBe(404)
    expect((await send('GET', path(0, '/wait?state=destroyed'))).status).toBe(404)
  })

  test('cordoned and back, as often as one likes', async () => {
    const { send, path, get } = shop()
    for (const [rest, cordoned] of [
      ['/cordon', true],
      ['/cordon', true],
      ['/uncordon', false],
    ] as const) {
      expect((await send('POST', path(0, rest))).body).toEqual({ ok: true })
      expect((await get())['cordoned']).toBe(cordoned)
    }
  })

  test('signalled by name and by number, asked for its processes, given a command', async () => {
    const { send, path } = shop()
    expect((await send('POST', path(0, '/signal'), { signal: 'SIGTERM' })).status).toBe(200)
    expect((await send('POST', path(0, '/signal'), { signal: 9 })).status).toBe(200)
    expect((await send('POST', path(0, '/signal'), {})).status).toBe(400)
    expect((await send('POST', path(0, '/exec'), { cmd: 'echo hello' })).body).toMatchObject({
      exit_code: 0,
      stdout: 'hello\n',
    })
    const sockets = (await send('GET', path(0, '/ps'))).body.flatMap((process: JsonObject) => process['listen_sockets'])
    expect(sockets).toContainEqual({ proto: 'tcp', address: '0.0.0.0:8080' })
  })
})

describe('a process that ends by itself', () => {
  const crashing = (exit: { afterMs: number; code?: number; oom?: boolean }) =>
    shop({ machines: 1 }, { images: [{ ref: good, behaviour: { exit } }] })

  test('is started again, and its exits say so with a count', async () => {
    const { clock, get } = crashing({ afterMs: 1_000 })
    await clock.advance(1)
    const exits = ((await get())['events'] as JsonObject[]).filter(({ type }) => type === 'exit')
    expect(exits.length).toBeGreaterThan(2)
    expect(exits[0]).toMatchObject({
      request: { exit_event: { exit_code: 1, requested_stop: false, oom_killed: false } },
    })
    const counts = exits.map(({ request }) => (request as JsonObject)['restart_count'])
    expect(counts).toEqual(counts.toSorted((one, other) => Number(other) - Number(one)))
  })

  test('until it has been tried often enough', async () => {
    const { clock, get } = crashing({ afterMs: 10, oom: true })
    await clock.advance(60_000)
    const machine = await get()
    expect(machine['state']).toBe('stopped')
    expect((machine['events'] as JsonObject[])[0]).toMatchObject({
      request: { restart_count: 10, exit_event: { exit_code: 137, oom_killed: true, restarting: false } },
    })
  })
})

describe('machines are listed', () => {
  test('by region, state and metadata', async () => {
    const { send } = shop({ machines: [{ region: 'iad' }, { region: 'ord' }, { region: 'iad', state: 'stopped' }] })
    const count = async (query: string) => (await send('GET', `/v1/apps/shop/machines?${query}`)).body.length
    expect(await count('region=iad')).toBe(2)
    expect(await count('state=stopped,suspended')).toBe(1)
    expect(await count('metadata.fly_process_group=app&metadata.fly_release_version=1')).toBe(3)
    expect(await count('metadata.fly_process_group=worker')).toBe(0)
  })

  test('in short, and with who holds them', async () => {
    const { sim, send, ids } = shop()
    sim.admin.holdLease(ids[0]!, { owner: 'mia@example.com', milliseconds: 10_000 })
    const summary = (await send('GET', '/v1/apps/shop/machines?summary=true')).body[0]
    expect(summary).not.toHaveProperty('config')
    expect(summary).not.toHaveProperty('checks')
    const [held, free] = (await send('GET', '/v1/apps/shop/machines?include_leases=true')).body
    expect(held.lease).toMatchObject({ owner: 'mia@example.com' })
    expect(held.lease).not.toHaveProperty('nonce')
    expect(free).not.toHaveProperty('lease')
  })
})

test('an id that is none is refused before anything is looked up', async () => {
  const { send } = shop()
  for (const id of ['a%2Fb', '..%2Fapps', 'A-B', 'x'.repeat(40)]) {
    const { status, body } = await send('GET', `/v1/apps/shop/machines/${id}`)
    expect(status).toBe(400)
    expect(body.error).toMatch(/^invalid machine ID/)
  }
  expect((await send('GET', '/v1/apps/shop/machines/0000000000000')).body.error).toBe('not_found: machine not found')
})
