import { expect, test } from 'vitest'
import type { Probe, Signal } from '@firebreak/core'
import { createTestClock } from '@firebreak/core/testing'
import { memoryLog } from '@firebreak/incident-log'
import { createResponder } from '../index.ts'
import { outage } from '../responder.fixture.ts'

const odd = (clock: { now(): number }): [unknown, string][] => [
  [undefined, 'signal'],
  ['down', 'signal'],
  [{}, 'signal.id'],
  [outage(clock, { service: '' }), 'signal.service'],
  [outage(clock, { service: 'shop/cart' }), 'signal.service'],
  [outage(clock, { service: '*' }), 'signal.service'],
  [outage(clock, { at: 'just now' }), 'signal.at'],
  [{ ...outage(clock), status: 'red' }, 'signal.status'],
  [{ ...outage(clock), symptoms: undefined }, 'signal.symptoms'],
  [{ ...outage(clock), labels: undefined }, 'signal.labels'],
  [[outage(clock), null], 'signals[1]'],
]

test('what is no signal is refused by name, nothing is recorded, and the next one is taken', async () => {
  const clock = createTestClock()
  const responder = createResponder({ log: memoryLog({ clock }), parts: [], clock })
  for (const [given, field] of odd(clock))
    await expect(responder.ingest(given as Signal)).rejects.toMatchObject({ code: 'INVALID_INPUT', field })
  await expect(responder.incident('shop')).rejects.toMatchObject({ code: 'UNKNOWN_INCIDENT' })
  await responder.ingest(outage(clock))
  expect((await responder.incident('shop')).severity).toBe('P0')
})

test('a probe that once sees what cannot be recorded keeps nobody from seeing more', async () => {
  const clock = createTestClock()
  for (const bad of [
    undefined,
    { ...outage(clock), labels: undefined },
    outage(clock, { symptoms: [{ kind: 'errorRate', ratio: Number.NaN }] }),
  ]) {
    let looks = 0
    const probe: Probe = {
      name: 'http',
      async observe() {
        looks += 1
        return [looks === 1 ? (bad as Signal) : outage(clock, { service: 'blog' })]
      },
    }
    const responder = createResponder({ log: memoryLog({ clock }), parts: [], probes: [probe], clock })
    await responder.start()
    await clock.advance(60_000)
    expect((await responder.incident('blog')).severity).toBe('P0')
    await clock.run(responder.stop())
  }
})
