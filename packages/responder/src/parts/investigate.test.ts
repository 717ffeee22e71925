import { emptyIncident, emptyService, type Clock, type PerformContext } from '@firebreak/core'
import { createTestClock } from '@firebreak/core/testing'
import { expect, test } from 'vitest'
import { createInvestigator } from './investigate.ts'

const action = { key: 'investigate/1/impact/P0', why: '', effect: {} }
const unknown = {
  events: [{ type: 'impact.estimated', data: { requests: null, failedRequests: null, share: null } }],
}

function contextOf(clock: Clock, attempt: number): PerformContext {
  return {
    subject: { ...emptyIncident('incident/shop/1'), service: 'shop', onsetAt: clock.now() },
    service: emptyService('service/shop'),
    attempt,
    takeover: false,
    idempotencyKey: 'k',
    clock,
    random: () => 0,
    signal: new AbortController().signal,
    held: () => true,
    record: async () => undefined,
    history: async function* none() {},
  }
}

test('figures that cannot be read are tried for three times; then the impact is not known, which wakes nobody', async () => {
  const clock = createTestClock()
  const part = createInvestigator({ health: { sample: async () => Promise.reject(new Error('no answer')) } })
  await expect(part.perform?.(action, contextOf(clock, 2))).rejects.toThrow('no answer')
  expect(await part.perform?.(action, contextOf(clock, 3))).toMatchObject(unknown)
})

test('figures that never come are not known: no write waits for them longer than for evidence', async () => {
  const clock = createTestClock()
  const part = createInvestigator({ health: { sample: async () => new Promise(() => undefined) }, timeLimitMs: 3_000 })
  const began = clock.now()
  expect(await clock.run(part.perform!(action, contextOf(clock, 1)))).toMatchObject(unknown)
  expect(clock.now() - began).toBe(3_000)
})
