import type { Signal } from '@firebreak/core'
import { expect, test } from 'vitest'
import { outage } from '../responder.fixture.ts'
import { night } from '../fixtures/woken.ts'

const minute = 60_000
const inconclusive: Partial<Signal> = { key: 'errors', symptoms: [{ kind: 'errorRate', ratio: 0.15, requests: 20 }] }
const warning: Partial<Signal> = { key: 'disk', symptoms: [{ kind: 'warning', detail: 'disk grows' }] }

/** An incident at P2 that a person pinned to P0 and resolved so many minutes ago. */
async function afterAPin(minutes: number) {
  const w = night()
  const responder = await w.join()
  await responder.ingest(outage(w.clock, { symptoms: [{ kind: 'stated', severity: 'P2' }] }))
  await responder.pin('shop', { by: 'mia', severity: 'P0' })
  await w.clock.advance(minute)
  await responder.resolve('shop', { by: 'mia', why: 'fixed' })
  await w.clock.advance(minutes * minute)
  return { ...w, responder, since: w.clock.now() }
}

test.each([5, 24 * 60])(
  '3 of 20 requests failed once, %i min after a pinned incident was resolved: inconclusive, nobody is woken',
  async (minutes) => {
    const { clock, responder, wakes, since } = await afterAPin(minutes)
    await responder.ingest(outage(clock, inconclusive))
    await clock.advance(10 * minute)
    const { number, status } = await responder.incident('shop')
    expect({ number, status, wakes: wakes(since).length }).toEqual({ number: 1, status: 'resolved', wakes: 0 })
    await clock.run(responder.stop())
  },
)

test('a warning on the day after is a new incident at P3, whatever the last one was pinned to', async () => {
  const { clock, responder, wakes, since } = await afterAPin(24 * 60)
  await responder.ingest(outage(clock, warning))
  await clock.advance(10 * minute)
  const { number, worst } = await responder.incident('shop')
  expect({ number, worst, wakes: wakes(since).length }).toEqual({ number: 2, worst: 'P3', wakes: 0 })
  await clock.run(responder.stop())
})

test('what is silenced opens nothing, whatever the last incident was pinned to', async () => {
  const { clock, responder, wakes, since } = await afterAPin(24 * 60)
  const until = new Date(clock.now() + 60 * minute).toISOString()
  await responder.silence({ service: 'shop', by: 'mia', until, reason: 'deploying' })
  await responder.ingest(outage(clock))
  await clock.advance(10 * minute)
  expect({ number: (await responder.incident('shop')).number, wakes: wakes(since).length }).toEqual({
    number: 1,
    wakes: 0,
  })
  await clock.run(responder.stop())
})
