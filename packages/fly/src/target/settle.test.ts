import { createTestClock } from '@firebreak/core/testing'
import { expect, test } from 'vitest'
import { fakeFetch, inTurn, json } from '../fixtures/fake-fetch.ts'
import { never } from '../fixtures/sim-shop.ts'
import { createFly } from '../fly.ts'
import { flyTarget } from './fly-target.ts'
import { unitOf } from './unit.ts'

const service = { checks: [{ type: 'http', interval: '10s', grace_period: '5s', timeout: '1s' }] }
const base = {
  id: 'm1',
  region: 'iad',
  instance_id: '01NEW',
  host_status: 'ok',
  config: { image: 'a', services: [service] },
}
const check = (status: string) => ({ name: 'servicecheck-00-http-8080', status })

function settling(...answers: object[]) {
  const clock = createTestClock(0)
  const { fetch, calls } = fakeFetch({
    'GET /v1/apps/shop/machines/m1': inTurn(...answers.map((answer) => () => json({ ...base, ...answer }))),
    'GET /v1/apps/shop/machines/m1/wait': () => json({ error: 'deadline_exceeded' }, 408),
  })
  const target = flyTarget(createFly({ token: 't123', fetch, clock }).app('shop'))
  const unit = unitOf({ ...base, name: '', state: 'replacing', events: [], checks: [] })
  return { clock, calls, settle: () => clock.run(target.settle(unit, { signal: never })) }
}

test('started is not settled before the checks have reported: none is not all', async () => {
  const { settle, clock } = settling(
    { state: 'started', checks: [] },
    { state: 'started', checks: [] },
    { state: 'started', checks: [check('passing')] },
  )
  expect((await settle()).checks).toHaveLength(1)
  expect(clock.now()).toBe(2_000)
})

test('failing checks get their grace and two rounds, and are then told as they are', async () => {
  const { settle, clock } = settling({ state: 'started', checks: [check('critical')] })
  expect((await settle()).checks).toMatchObject([{ status: 'critical' }])
  expect(clock.now()).toBe(26_000)
})

test('another version than was ordered is told at once, whatever its checks say', async () => {
  const { settle, clock } = settling({ state: 'started', instance_id: '01OLD', checks: [] })
  expect(await settle()).toMatchObject({ revision: '01OLD' })
  expect(clock.now()).toBe(0)
})

test('a machine passes through created, or stays there when nothing boots it', async () => {
  const through = settling({ state: 'created' }, { state: 'started', checks: [check('passing')] })
  expect((await through.settle()).state).toBe('started')
  const stays = settling({ state: 'created' })
  expect((await stays.settle()).state).toBe('stopped')
})

test.each(['stopped', 'suspended', 'failed'])('%s is settled', async (state) => {
  expect((await settling({ state: 'replacing' }, { state }).settle()).state).toBe(state)
})

test('a wait that Fly refuses does not end the looking', async () => {
  const { settle, calls } = settling(
    { state: 'replacing' },
    { state: 'starting' },
    { state: 'started', checks: [check('passing')] },
  )
  expect((await settle()).state).toBe('started')
  expect(
    calls.filter(({ path }) => path.endsWith('/wait')).every(({ query }) => query.get('version') === '01NEW'),
  ).toBe(true)
})
