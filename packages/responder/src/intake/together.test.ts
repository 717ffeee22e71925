import { expect, test } from 'vitest'
import { seededRandom, type IncidentLog, type Signal, type Write } from '@firebreak/core'
import { createTestClock } from '@firebreak/core/testing'
import { memoryLog } from '@firebreak/incident-log'
import { createResponder } from '../responder.ts'
import { outage } from '../responder.fixture.ts'

/** A responder with an open incident for each of `services`, and a log that notes what is appended from then on. */
async function setUp(services: readonly string[]) {
  const clock = createTestClock()
  const inner = memoryLog({ clock })
  const appends: (readonly Write[])[] = []
  let refuse: (writes: readonly Write[]) => Error | undefined = () => undefined
  const log: IncidentLog = {
    ...inner,
    async append(writes) {
      appends.push(writes)
      const error = refuse(writes)
      if (error !== undefined) throw error
      return inner.append(writes)
    },
  }
  const responder = createResponder({ log, parts: [], clock, random: seededRandom(1) })
  const told = (service: string, key: string, summary = 'does not answer') =>
    outage(clock, { service, key, summary, measured: false, symptoms: [{ kind: 'stated', severity: 'P1' }] })
  await responder.ingest(services.map((service) => told(service, 'first')))
  await responder.step()
  appends.length = 0
  const resolveElsewhere = async (service: string) => {
    const { stream, version } = await responder.incident(service)
    const resolved = { type: 'incident.resolved', actor: 'elsewhere', data: { service, by: 'Kim', why: 'over' } }
    await inner.append([{ stream, events: [resolved], expected: version }])
  }
  const keysOf = async (service: string) => [...(await responder.incident(service)).signals.keys()]
  return {
    clock,
    inner,
    responder,
    resolveElsewhere,
    appends,
    told,
    keysOf,
    refuseIf: (when: typeof refuse) => void (refuse = when),
  }
}

const streamsOf = (writes: readonly Write[]) => writes.map(({ stream }) => stream)

test('what several senders add to open incidents at one moment is one append, with one event for each incident', async () => {
  const { responder, appends, told, keysOf } = await setUp(['api', 'shop'])
  await Promise.all([
    responder.ingest([told('api', 'a'), told('shop', 'b')]),
    responder.ingest(told('shop', 'c')),
    responder.ingest(told('api', 'd')),
  ])
  expect(appends.map(streamsOf)).toEqual([['incident/api/1', 'incident/shop/1']])
  expect(await keysOf('api')).toEqual(['first', 'a', 'd'])
  expect(await keysOf('shop')).toEqual(['first', 'b', 'c'])
})

test('what could raise a level is judged apart, and the rest does not wait for a service of its own', async () => {
  const { clock, responder, appends, told, keysOf } = await setUp(['api', 'shop'])
  await responder.ingest([told('api', 'a'), outage(clock, { service: 'shop' }), told('new', 'n')])
  expect(appends.map(streamsOf)).toContainEqual(['incident/api/1'])
  expect((await responder.incident('shop')).severity).toBe('P0')
  expect(await keysOf('new')).toEqual(['n'])
})

test('an end of a signal is judged, not only written down', async () => {
  const { clock, inner, responder, told } = await setUp(['shop'])
  clock.jump(1_000)
  await responder.ingest({ ...told('shop', 'first'), status: 'resolved', symptoms: [] })
  expect((await responder.incident('shop')).firing).toBe(0)
  const flips: string[] = []
  for await (const { type } of inner.read('service/shop')) flips.push(type)
  expect(flips).toEqual(['signal.observed'])
})

test('what is said while another resolves the incident counts, and what is only repeated does not', async () => {
  const { clock, inner, responder, resolveElsewhere, told } = await setUp(['api', 'shop'])
  const standing = told('api', 'first')
  clock.jump(600_000)
  await responder.ingest(standing)
  await resolveElsewhere('api')
  await resolveElsewhere('shop')
  await responder.ingest([{ ...standing, id: 'repeated' }, told('shop', 'b')])
  for await (const { type } of inner.read('incident/api/1')) expect(type).not.toBe('incident.reopened')
  const shop = await responder.incident('shop')
  expect([shop.number, shop.status, shop.reopened]).toEqual([1, 'open', 1])
})

test('long after the end it is another incident', async () => {
  const { clock, responder, resolveElsewhere, told } = await setUp(['shop'])
  await resolveElsewhere('shop')
  clock.jump(3_600_000)
  await responder.ingest(told('shop', 'b'))
  expect((await responder.incident('shop')).number).toBe(2)
})

test('a signal that cannot be recorded refuses nobody but its sender', async () => {
  const { responder, told, keysOf } = await setUp(['api', 'shop'])
  const huge = told('shop', 'huge', 'x'.repeat(2_000_000))
  const outcomes = await Promise.allSettled([
    responder.ingest(told('api', 'a')),
    responder.ingest([huge, told('api', 'b')]),
    responder.ingest(told('shop', 'c')),
  ])
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(await keysOf('shop')).toEqual(['first', 'c'])
})

test('what a log that is down has refused is taken when it is sent again', async () => {
  const { responder, told, keysOf, refuseIf } = await setUp(['api', 'shop'])
  const signals = [told('api', 'a'), told('shop', 'b')]
  refuseIf(() => new Error('disk full'))
  await expect(responder.ingest(signals)).rejects.toThrow('disk full')
  refuseIf(() => undefined)
  await responder.ingest(signals)
  expect(await keysOf('api')).toEqual(['first', 'a'])
  expect(await keysOf('shop')).toEqual(['first', 'b'])
})

test('a repetition within the window costs no append', async () => {
  const { clock, responder, appends, told } = await setUp(['shop'])
  await responder.ingest(told('shop', 'a'))
  clock.jump(1_000)
  await responder.ingest(told('shop', 'a'))
  expect(appends).toHaveLength(1)
})

test('what is no signal refuses nobody but its sender', async () => {
  const { responder, told, keysOf } = await setUp(['shop'])
  const outcomes = await Promise.allSettled([
    responder.ingest({ ...told('shop', 'a'), symptoms: undefined } as unknown as Signal),
    responder.ingest(undefined as unknown as Signal),
    responder.ingest({ ...told('shop', 'a'), labels: undefined } as unknown as Signal),
    responder.ingest(told('shop', 'b')),
  ])
  expect(outcomes.map((it) => (it.status === 'rejected' ? (it.reason as Error).message : 'taken'))).toEqual([
    'signal.symptoms: is not a list',
    'signal: is no object: make one with parseSignal of @firebreak/core/schemas',
    'signal.labels: is not an object',
    'taken',
  ])
  expect(await keysOf('shop')).toEqual(['first', 'b'])
})
