import { createTestClock } from '@firebreak/core/testing'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fakeFetch, inTurn, json } from '../fixtures/fake-fetch.ts'
import { never } from '../fixtures/sim-shop.ts'
import { createFly } from '../fly.ts'
import { parseJson } from '../transport/json.ts'
import { flyTarget } from '../target/fly-target.ts'
import type { MachineConfig } from './machine.ts'

const good = 'registry.fly.io/shop:v1'
const digest = 'sha256:aaaaaaaa'
const release = { id: 'Rel1', version: 1, status: 'complete', image: good, digest, createdAt: '', labels: {} }

/** A machine that keeps the configuration's text as it was sent, and its version. */
function oneMachine(configText: string) {
  let config = configText
  let version = 1
  const machine = () =>
    new Response(
      `{"id":"m1","state":"started","region":"iad","host_status":"ok","instance_id":"01V${version}","config":${config}}`,
      { headers: { 'content-type': 'application/json' } },
    )
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const request = new Request(input, init)
    if (request.method !== 'POST') return machine()
    const body = await request.text()
    config = JSON.stringify((parseJson(body) as { config: unknown }).config)
    version += 1
    return machine()
  }
  const app = createFly({ token: 't123', fetch, clock: createTestClock(), pacing: false }).app('shop')
  return { app, target: flyTarget(app), read: () => config }
}

/** Names that a careless copy loses, among any others. */
const names = fc.oneof(
  fc.string(),
  fc.constantFrom('__proto__', 'constructor', 'toString', 'image', 'metadata', 'env', ''),
)
const anything = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.string(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(names, tie('value')), { maxLength: 4 }).map((pairs) => new Map(pairs)),
  ),
})).value

/** JSON text with whatever a machine's configuration may hold one day: any name, any depth, numbers of any length. */
function written(value: unknown): string {
  if (typeof value === 'bigint') return String(value)
  if (Array.isArray(value)) return `[${value.map(written).join(',')}]`
  if (value instanceof Map)
    return `{${[...value].map(([name, item]) => `${JSON.stringify(name)}:${written(item)}`).join(',')}}`
  return JSON.stringify(value)
}

test('an update preserves every field of a configuration, known or not, but image and release metadata', async () => {
  const own = {
    image: 'registry.fly.io/shop:v2',
    metadata: { fly_platform_version: 'v2', role: 'web', fly_release_version: '2' },
  }
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(names, anything), { maxLength: 6 }), async (pairs) => {
      const extra = new Map(pairs.filter(([name]) => !['image', 'metadata', 'checks', 'services'].includes(name)))
      const text = `${written(extra).slice(0, -1)}${extra.size > 0 ? ',' : ''}${JSON.stringify(own).slice(1)}`
      const { target, read } = oneMachine(text)
      const unit = await target.observe('m1', { signal: never })
      await target.update(unit, release, { signal: never })
      const expected = `${written(extra).slice(0, -1)}${extra.size > 0 ? ',' : ''}${JSON.stringify({
        image: `${good}@${digest}`,
        metadata: { ...own.metadata, fly_release_version: '1', fly_release_id: 'Rel1' },
      }).slice(1)}`
      expect(plain(read())).toEqual(plain(expected))
    }),
  )
})

/** Names and values, `__proto__` and long numbers included, in a form that compares exactly. */
function plain(text: string): unknown {
  const json = JSON as unknown as {
    parse(text: string, reviver: (key: string, value: unknown, context: { source?: string }) => unknown): unknown
  }
  return json.parse(text, (_, value, { source }) => {
    if (typeof value === 'number' && /^-?\d{16,}$/.test(source ?? '')) return BigInt(source ?? 0)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
    return new Map(
      Object.keys(value)
        .toSorted()
        .map((key) => [key, Reflect.get(value, key)]),
    )
  })
}

const machine = {
  id: 'm1',
  name: 'calm',
  state: 'started',
  region: 'iad',
  instance_id: '01V1',
  events: [],
  checks: [],
  config: { image: 'a', metadata: { keep: 'me', drop: 'me' } } as MachineConfig,
}

function client(handlers: Parameters<typeof fakeFetch>[0]) {
  const clock = createTestClock()
  const fake = fakeFetch(handlers)
  const app = createFly({ token: 't123', fetch: fake.fetch, clock, random: () => 0.5 }).app('shop')
  return { app, clock, calls: fake.calls }
}

test('metadata is merged, null removes a key, and the lease goes along', async () => {
  const { app, clock, calls } = client({
    'POST /v1/apps/shop/machines/m1': () => json({ ...machine, instance_id: '01V2' }),
  })
  await clock.run(
    app.machines.update(machine, { metadata: { drop: null, add: 'it' } }, { nonce: 'abc123', skipLaunch: true }),
  )
  expect(calls[0]?.body).toMatchObject({ current_version: '01V1', skip_launch: true, config: { image: 'a' } })
  const sent = calls[0]?.body as { config: MachineConfig } | undefined
  expect(sent?.config.metadata).toEqual({ keep: 'me', add: 'it' })
  expect(calls[0]?.headers.get('fly-machine-lease-nonce')).toBe('abc123')
})

test('what came without its configuration is never written back', async () => {
  const { app, calls } = client({})
  const { config: _, ...lost } = machine
  await expect(app.machines.update({ ...lost, host_status: 'unreachable' }, { image: 'b' })).rejects.toMatchObject({
    code: 'INVALID_INPUT',
  })
  await expect(app.machines.update({ ...machine, instance_id: '' }, { image: 'b' })).rejects.toMatchObject({
    code: 'INVALID_INPUT',
  })
  expect(calls).toEqual([])
})

const updated = (image: string) => ({ ...machine, instance_id: '01V2', config: { ...machine.config, image } })

test.each([408, 502, 504])('after %i it looks; the change is there, so it is not sent again', async (status) => {
  const { app, clock, calls } = client({
    'POST /v1/apps/shop/machines/m1': () => new Response('', { status }),
    'GET /v1/apps/shop/machines/m1': () => json(updated('b')),
  })
  expect(await clock.run(app.machines.update(machine, { image: 'b' }))).toMatchObject({ instance_id: '01V2' })
  expect(calls.map(({ method }) => method)).toEqual(['POST', 'GET'])
})

test('after a lost answer it looks; nothing happened, so it is sent again', async () => {
  const { app, clock, calls } = client({
    'POST /v1/apps/shop/machines/m1': inTurn(
      () => new Response('', { status: 504 }),
      () => json(updated('b')),
    ),
    'GET /v1/apps/shop/machines/m1': () => json(machine),
  })
  await clock.run(app.machines.update(machine, { image: 'b' }))
  expect(calls.map(({ method }) => method)).toEqual(['POST', 'GET', 'POST'])
})

test('after a lost answer it looks; somebody else was there, so nothing is sent', async () => {
  const { app, clock, calls } = client({
    'POST /v1/apps/shop/machines/m1': () => new Response('', { status: 504 }),
    'GET /v1/apps/shop/machines/m1': () => json(updated('theirs')),
  })
  await expect(clock.run(app.machines.update(machine, { image: 'b' }))).rejects.toMatchObject({
    code: 'FLY_STALE_VERSION',
  })
  expect(calls.map(({ method }) => method)).toEqual(['POST', 'GET'])
})

test('an id is read first', async () => {
  const { app, clock, calls } = client({
    'GET /v1/apps/shop/machines/m1': () => json(machine),
    'POST /v1/apps/shop/machines/m1': () => json(updated('b')),
  })
  await clock.run(app.machines.update('m1', { config: (config) => ({ ...config, schedule: 'daily' }) }))
  expect(calls[1]?.body).toMatchObject({ current_version: '01V1', config: { image: 'a', schedule: 'daily' } })
})
