import { emptyIncident, emptyService, type PerformContext } from '@firebreak/core'
import { createTestClock } from '@firebreak/core/testing'
import { expect, test } from 'vitest'
import { createInvestigator } from './investigate.ts'

test('figures that cannot be read are tried for three times; then the impact is not known, which wakes nobody', async () => {
  const clock = createTestClock()
  const part = createInvestigator({ health: { sample: async () => Promise.reject(new Error('no answer')) } })
  const context = (attempt: number): PerformContext => ({
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
  })
  const action = { key: 'investigate/1/impact/P0', why: '', effect: {} }
  await expect(part.perform?.(action, context(2))).rejects.toThrow('no answer')
  expect(await part.perform?.(action, context(3))).toMatchObject({
    events: [{ type: 'impact.estimated', data: { requests: null, failedRequests: null, share: null } }],
  })
})
