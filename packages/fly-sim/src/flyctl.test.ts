import type { JsonObject } from '@firebreak/core'
import { describe, expect, test } from 'vitest'
import { bad, good, shop } from './fixtures/shop.ts'

/** What the real flyctl sends, command by command, and what it reads from the answers. */
type Machine = JsonObject & { id: string; config: JsonObject; checks: JsonObject[]; instance_id: string }
const nonce = (value: string) => ({ 'fly-machine-lease-nonce': value })

function flyctl(...how: Parameters<typeof shop>) {
  const world = shop(...how)
  const { send, clock } = world
  const machines = '/v1/apps/shop/machines'
  const list = async () => (await send('GET', machines)).body as Machine[]
  const get = async (id: string) => (await send('GET', `${machines}/${id}`)).body as Machine
  const lease = async (id: string, ttl: number): Promise<string> =>
    (await send('POST', `${machines}/${id}/lease?ttl=${ttl}`)).body.data.nonce
  const wait = (id: string, state: string) => clock.run(send('GET', `${machines}/${id}/wait?state=${state}&timeout=60`))
  const healthy = async (id: string) => {
    for (let look = 0; look < 60; look += 1) {
      const checks = (await get(id)).checks.filter(
        ({ name }) => !String(name as string).startsWith('bg_deployments_compat'),
      )
      if (checks.length > 0 && checks.every(({ status }) => status === 'passing')) return
      await clock.advance(1_000)
    }
    throw new Error('never healthy')
  }
  return { ...world, machines, list, get, lease, wait, healthy }
}

test('bluegreen: greens beside the blues, cordoned until healthy; then the blues are tagged, cordoned, stopped, destroyed', async () => {
  const { send, clock, sim, machines, list, get, lease, wait, healthy } = flyctl({ requestsPerSecond: 10 })
  const allowed = '{ canPerformBluegreenDeployment(name: "shop") }'
  expect((await send('POST', '/graphql', { query: allowed })).body.data.canPerformBluegreenDeployment).toBe(true)
  const blues = await list()
  const nonces = new Map<string, string>()
  for (const { id } of blues) nonces.set(id, await lease(id, 120))
  const greens: Machine[] = []
  for (const { config, region } of blues) {
    const metadata = {
      ...(config['metadata'] as JsonObject),
      fly_bluegreen_deployment_tag: '1',
      fly_flyctl_bluegreen_launch_id: `L${greens.length}`,
    }
    const input = {
      config: { ...config, image: bad, metadata },
      region,
      skip_service_registration: true,
      skip_secrets: false,
      lease_ttl: 300,
    }
    greens.push((await send('POST', machines, input)).body as Machine)
  }
  expect(await list()).toHaveLength(6)
  for (const { id } of greens) {
    expect((await wait(id, 'started')).status).toBe(200)
    await healthy(id)
    expect((await get(id))['cordoned']).toBe(true)
  }
  for (const green of greens)
    await send('POST', `${machines}/${green.id}/uncordon`, undefined, nonce(green['nonce'] as string))
  for (const { id } of blues) {
    expect(
      (await send('POST', `${machines}/${id}/metadata/fly_bluegreen_deployment_tag`, { value: 'safe_to_destroy' }))
        .status,
    ).toBe(204)
    expect((await send('POST', `${machines}/${id}/cordon`, undefined, nonce(nonces.get(id)!))).status).toBe(200)
  }
  for (const { id } of blues) {
    const stop = { id, signal: 'SIGINT', timeout: '0s' }
    expect((await send('POST', `${machines}/${id}/stop`, stop, nonce(nonces.get(id)!))).status).toBe(200)
    expect((await wait(id, 'stopped')).status).toBe(200)
    expect((await send('DELETE', `${machines}/${id}?kill=true`, undefined, nonce(nonces.get(id)!))).status).toBe(200)
    expect((await send('DELETE', `${machines}/${id}/lease`, undefined, nonce(nonces.get(id)!))).status).toBe(404)
  }
  await clock.advance(1_000)
  expect((await list()).map(({ id }) => id)).toEqual(greens.map(({ id }) => id))
  const query = encodeURIComponent('sum(increase(fly_edge_http_responses_count{status="503"}[1h])) or vector(0)')
  expect(
    Number((await send('GET', `/prometheus/personal/api/v1/query?query=${query}`)).body.data.result[0].value[1]),
  ).toBe(0)
  expect(sim.admin.machines('shop').every(({ image }) => image === bad)).toBe(true)
})

describe('a release command', () => {
  const run = async (exitCode: number) => {
    const { send, clock, machines, wait, get, list } = flyctl(
      {},
      { images: [{ ref: good }, { ref: bad, behaviour: { command: { exitCode, takesMs: 3_000 } } }] },
    )
    const config = {
      image: bad,
      init: { cmd: ['migrate'] },
      restart: { policy: 'no' },
      auto_destroy: true,
      dns: { skip_registration: true },
      metadata: { fly_platform_version: 'v2', fly_process_group: 'fly_app_release_command' },
    }
    const { id } = (await send('POST', machines, { config, skip_launch: true, skip_secrets: false })).body as Machine
    expect((await wait(id, 'stopped')).status).toBe(200)
    expect((await send('POST', `${machines}/${id}/start`)).status).toBe(200)
    expect((await wait(id, 'started')).status).toBe(200)
    expect((await wait(id, 'destroyed')).status).toBe(200)
    await clock.advance(2_000)
    expect((await list()).map((machine) => machine.id)).not.toContain(id)
    const events = (await get(id))['events'] as { type: string; request?: { exit_event: { exit_code: number } } }[]
    const start = events.findIndex(({ type }) => type === 'start')
    return events.slice(0, start).find(({ type }) => type === 'exit')?.request?.exit_event.exit_code
  }

  test('runs to its end, destroys itself, and its exit can still be read', async () => {
    expect(await run(0)).toBe(0)
    expect(await run(7)).toBe(7)
  })
})

test('scale count: a copy of the first machine’s config is launched, the last one destroyed under its lease', async () => {
  const { send, clock, machines, list, lease, wait } = flyctl()
  const [first, , last] = await list()
  const { id } = (await send('POST', machines, { config: first!.config, region: 'ord', skip_secrets: false }))
    .body as Machine
  expect((await wait(id, 'started')).status).toBe(200)
  expect(await list()).toHaveLength(4)
  const held = await lease(last!.id, 120)
  expect((await send('DELETE', `${machines}/${last!.id}?kill=true`)).status).toBe(409)
  await send('DELETE', `${machines}/${last!.id}?kill=true`, undefined, nonce(held))
  await clock.advance(1_000)
  expect(await list()).toHaveLength(3)
})

test('status and checks list: managed machines with version, image, and checks that have a time', async () => {
  const { list, send } = flyctl({ machines: [{}, { unmanaged: true }, { standbyFor: ['x'] }] })
  const query = `query($appName: String!) { appcompact: app(name: $appName) { id internalNumericId name hostname cnameTarget
    deployed network status appUrl platformVersion organization { id internalNumericId slug paidPlan } postgresAppRole: role { name } } }`
  const { data } = (await send('POST', '/graphql', { query, variables: { appName: 'shop' } })).body
  expect(data.appcompact).toMatchObject({ status: 'deployed', network: '', postgresAppRole: null })
  const machines = await list()
  const managed = machines.filter(({ config }) => (config['metadata'] as JsonObject)['fly_platform_version'] === 'v2')
  expect(managed).toHaveLength(2)
  expect(managed.map(({ config }) => (config['metadata'] as JsonObject)['fly_release_version'])).toEqual(['1', '1'])
  for (const machine of machines) {
    expect(machine['image_ref']).toMatchObject({
      registry: 'registry.fly.io',
      repository: 'shop',
      tag: 'deployment-good',
    })
    for (const check of machine.checks) expect(Number.isNaN(Date.parse(check['updated_at'] as string))).toBe(false)
  }
})

test('machine update waits for settled and reads the state; machine restart comes back started', async () => {
  const { send, clock, machines, list, lease, wait, get } = flyctl()
  const [machine] = await list()
  const held = await lease(machine!.id, 120)
  const path = `${machines}/${machine!.id}`
  await send(
    'POST',
    path,
    {
      config: { ...machine!.config, image: bad },
      name: machine!['name'],
      region: machine!['region'],
      skip_secrets: false,
    },
    nonce(held),
  )
  expect((await wait(machine!.id, 'settled')).body.state).toBe('started')
  expect((await send('POST', `${path}/restart?force_stop=false`, undefined, nonce(held))).status).toBe(200)
  expect((await wait(machine!.id, 'started')).status).toBe(200)
  await clock.advance(10_000)
  expect((await get(machine!.id)).checks[0]?.['status']).toBe('passing')
})

test('a mutation that is not simulated says so, instead of pretending', async () => {
  const { send } = flyctl()
  const query = 'mutation { addWireGuardPeer(input: {}) { peerip } }'
  expect((await send('POST', '/graphql', { query })).body.errors[0].message).toBe(
    "Field 'addWireGuardPeer' doesn't exist on type 'Mutations'",
  )
})
