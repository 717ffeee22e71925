import { createTestClock } from '@firebreak/core/testing'
import { expect, test } from 'vitest'
import { fakeFetch, inTurn, json } from '../fixtures/fake-fetch.ts'
import { provePreserved } from '../fixtures/preserved.ts'
import { createFly } from '../fly.ts'
import type { MachineConfig } from './machine.ts'

test('an update preserves every field of a configuration, known or not, but image and release metadata', async () => {
  await expect(provePreserved(50)).resolves.toBeUndefined()
})

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

test('after a lost answer, another change than ours is not taken for ours', async () => {
  const theirs = { ...machine, instance_id: '01V2', config: { ...machine.config, guest: { memory_mb: 256 } } }
  const { app, clock } = client({
    'POST /v1/apps/shop/machines/m1': () => new Response('', { status: 504 }),
    'GET /v1/apps/shop/machines/m1': () => json(theirs),
  })
  const resize = app.machines.update(machine, { config: (config) => ({ ...config, guest: { memory_mb: 1_024 } }) })
  await expect(clock.run(resize)).rejects.toMatchObject({ code: 'FLY_STALE_VERSION' })
})

test('an id is read first', async () => {
  const { app, clock, calls } = client({
    'GET /v1/apps/shop/machines/m1': () => json(machine),
    'POST /v1/apps/shop/machines/m1': () => json(updated('b')),
  })
  await clock.run(app.machines.update('m1', { config: (config) => ({ ...config, schedule: 'daily' }) }))
  expect(calls[1]?.body).toMatchObject({ current_version: '01V1', config: { image: 'a', schedule: 'daily' } })
})
