import { expect, test } from 'vitest'
import { seededRandom } from '@firebreak/core'
import { createTestClock } from '@firebreak/core/testing'
import { memoryLog } from '@firebreak/incident-log'
import { createResponder } from '../index.ts'
import { outage } from '../responder.fixture.ts'

const minute = 60_000

function setUp() {
  const clock = createTestClock()
  const log = memoryLog({ clock })
  const join = (seed: number) => createResponder({ log, parts: [], clock, random: seededRandom(seed) })
  const levels = () => Array.fromAsync(log.list(), ({ severity }) => severity)
  const silence = (key?: string) => {
    const until = new Date(clock.now() + 60 * minute).toISOString()
    return responder.silence({ service: 'shop', key, by: 'mia', until, reason: 'works on the line' })
  }
  const responder = join(7)
  return { clock, log, join, responder, levels, silence }
}

test.each([
  ['a key', 'http'],
  ['all of a service', undefined],
])('once the silence of %s is lifted, what fires again is judged', async (_, key) => {
  const { clock, responder, levels, silence } = setUp()
  const id = await silence(key)
  await responder.ingest(outage(clock))
  expect(await levels()).toEqual([])
  await clock.advance(minute)
  await responder.unsilence(id, { by: 'joe' })
  await responder.ingest(outage(clock))
  expect(await levels()).toEqual(['P0'])
})

test('one silence is lifted and another stays', async () => {
  const { clock, responder, levels, silence } = setUp()
  const id = await silence('tcp')
  await silence('http')
  await responder.unsilence(id, { by: 'joe', service: 'shop' })
  await responder.ingest(outage(clock))
  expect(await levels()).toEqual([])
  await responder.ingest(outage(clock, { key: 'tcp' }))
  expect(await levels()).toEqual(['P0'])
})

test('lifting what is no silence there says so, and nothing is recorded', async () => {
  const { join, log, responder, silence } = setUp()
  const id = await silence()
  const other = join(8)
  const refused = { code: 'UNKNOWN_SILENCE' }
  await expect(other.unsilence(id, { by: 'joe' })).rejects.toMatchObject(refused)
  await expect(responder.unsilence('none', { by: 'joe', service: 'shop' })).rejects.toMatchObject(refused)
  await expect(responder.unsilence(id, { by: 'joe', service: 'cart' })).rejects.toMatchObject(refused)
  await expect(responder.unsilence(id, { by: '' })).rejects.toMatchObject({ code: 'INVALID_INPUT', field: 'by' })
  await other.unsilence(id, { by: 'joe', service: 'shop' })
  await expect(other.unsilence(id, { by: 'joe', service: 'shop' })).rejects.toMatchObject(refused)
  const types = (await Array.fromAsync(log.read('service/shop'))).map(({ type }) => type)
  expect(types).toEqual(['silence.placed', 'silence.lifted'])
  expect(await Array.fromAsync(log.read('service/cart'))).toEqual([])
})
