import { expect, test } from 'vitest'
import type { Notifier, Part, Signal } from '@firebreak/core'
import { createTestClock } from '@firebreak/core/testing'
import { memoryLog } from '@firebreak/incident-log'
import { createResponder, standardRunbook } from '../index.ts'
import { outage } from '../responder.fixture.ts'

const phone: Notifier = { name: 'phone', reach: 'wake', send: async () => ({ state: 'delivered' }) }
const chat: Notifier = { name: 'chat', reach: 'read', send: async () => ({ state: 'delivered' }) }

/** The runbook, at five seconds after the signal; with what could act in the mitigator's place, where it is given. */
async function setUp(signal: Partial<Signal>, mitigator?: Part['plan']) {
  const clock = createTestClock()
  const runbook = standardRunbook({ people: { manager: [phone, chat], engineer: phone } })
  const parts = mitigator === undefined ? runbook : [...runbook, { name: 'mitigator', plan: mitigator }]
  const responder = createResponder({ log: memoryLog({ clock }), parts, clock })
  await responder.start()
  await responder.ingest(outage(clock, signal))
  await clock.advance(5_000)
  return { clock, responder, end: async () => clock.run(responder.stop()) }
}

test('why nothing was changed is said though nothing was tried', async () => {
  const warning: Partial<Signal> = { symptoms: [{ kind: 'warning', detail: 'slow' }] }
  const cases: [Partial<Signal>, Part['plan'] | undefined, RegExp][] = [
    [{}, undefined, /no target/],
    [{}, () => [], /no release has been examined/],
    [warning, () => [], /level P3, and nothing is changed below P1/],
  ]
  for (const [signal, mitigator, why] of cases) {
    const { responder, end } = await setUp(signal, mitigator)
    expect((await responder.explain('shop')).notDone).toEqual([expect.stringMatching(why)])
    await end()
  }
})

test('a hold on everything is among the reasons, and one that has ended is not', async () => {
  const seen: number[] = []
  const { clock, responder, end } = await setUp({}, (_, { service }) => {
    seen.push(service.holds.size)
    return []
  })
  const until = new Date(clock.now() + 60_000).toISOString()
  await responder.hold({ by: 'mia', reason: 'works', service: 'shop', until })
  await responder.hold({ by: 'tom', reason: 'freeze' })
  expect((await responder.explain('shop')).notDone).toEqual([
    'on hold by tom: freeze',
    `on hold by mia until ${until}: works`,
  ])
  // A forecast plans under the same holds as the loop.
  seen.length = 0
  await responder.forecast('shop')
  expect(seen).toEqual([2])
  await clock.advance(120_000)
  expect((await responder.explain('shop')).notDone).toEqual(['on hold by tom: freeze'])
  await end()
})

test('who was not paged is said with the time at which that changes', async () => {
  const { responder, end } = await setUp({})
  expect((await responder.explain('shop')).notPaged).toEqual([
    expect.stringMatching(/^engineer: not due yet; due 2026-11-23T02:05:00.000Z \(P0: no acknowledgement/),
  ])
  await end()
})

test('a digest that waits at a desk has its time in the forecast of its incident, and in no other', async () => {
  const { clock, responder, end } = await setUp({ symptoms: [{ kind: 'warning', detail: 'slow' }] })
  await responder.ingest(outage(clock, { service: 'blog' }))
  const [digest] = (await responder.forecast('shop')).filter(({ part }) => part === 'desk')
  expect(digest?.at).toBe(Date.parse('2026-11-23T09:00:00Z'))
  expect((await responder.forecast('blog')).filter(({ key }) => key === digest?.key)).toEqual([])
  await end()
})

test('who looks at what is over does not make it kept in memory', async () => {
  const clock = createTestClock()
  const http = { publicUrl: 'http://127.0.0.1:8080', open: true }
  const responder = createResponder({ log: memoryLog({ clock }), parts: [], clock, http })
  const kept = async () => {
    const text = await (await responder.fetch(new Request(`${http.publicUrl}/metrics`))).text()
    return /firebreak_streams_followed (\d+)/.exec(text)?.[1]
  }
  for (const service of ['shop', 'blog']) {
    await responder.ingest(outage(clock, { service }))
    await responder.resolve(service, { by: 'mia', why: 'over' })
  }
  await responder.start()
  await clock.advance(5_000)
  const before = await kept()
  for (const service of ['shop', 'blog']) {
    await responder.incident(service)
    await responder.forecast(service)
    await responder.explain(service)
  }
  expect(await kept()).toBe(before)
  await clock.run(responder.stop())
})
