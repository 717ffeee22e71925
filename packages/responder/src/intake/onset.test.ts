import type { Signal } from '@firebreak/core'
import { expect, test } from 'vitest'
import { outage } from '../responder.fixture.ts'
import { night } from '../fixtures/woken.ts'

const minute = 60_000
/** 3 of 20: no level (POLICY §1, few requests). Our Prometheus probe tells it as firing. */
const trickle: Partial<Signal> = { key: 'errors', symptoms: [{ kind: 'errorRate', ratio: 0.15, requests: 20 }] }
const bad: Partial<Signal> = { key: 'errors', symptoms: [{ kind: 'errorRate', ratio: 0.9, requests: 1_200 }] }

async function quietHours(silenced: boolean, last: readonly Partial<Signal>[]) {
  const { clock, join } = night()
  const responder = await join()
  const noise = silenced ? { key: 'noise' } : trickle
  if (silenced) {
    const until = new Date(clock.now() + 300 * minute).toISOString()
    await responder.silence({ service: 'shop', key: 'noise', by: 'mia', until, reason: 'known' })
  }
  for (let turn = 0; turn < 120; turn += 1) {
    await responder.ingest(outage(clock, noise))
    await clock.advance(minute)
  }
  const began = clock.now()
  await responder.ingest(outage(clock, { service: 'api' }))
  for (const it of last) {
    await responder.ingest(outage(clock, it))
    await clock.advance(15_000)
  }
  const { onsetAt, linked, severity } = await responder.incident('shop')
  await clock.run(responder.stop())
  return { minutesBefore: Math.round((began - onsetAt) / minute), linked, severity }
}
const expected = { minutesBefore: 0, linked: ['incident/api/1'], severity: 'P0' }

test.each([
  ['an inconclusive trickle of another key', false, [{}]],
  ['an inconclusive trickle of the same key', false, [bad, bad]],
  ['a silenced key', true, [{}]],
] as const)('the onset is the first bad sample, not the beginning of %s', async (_name, silenced, last) => {
  expect(await quietHours(silenced, last)).toEqual(expected)
})
