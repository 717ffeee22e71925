import { expect, test } from 'vitest'
import { classify, policyDigest, scalePolicyTimes, standardPolicy } from './index.ts'

test('a digest names a policy by its content, whatever the order of its fields', () => {
  const reordered = Object.fromEntries(Object.entries(standardPolicy).reverse()) as typeof standardPolicy
  expect(policyDigest(standardPolicy)).toMatch(/^[0-9a-f]{64}$/)
  expect(policyDigest(reordered)).toBe(policyDigest(standardPolicy))
  expect(policyDigest({ ...standardPolicy, slo: undefined } as never)).toBe(policyDigest(standardPolicy))
  expect(policyDigest({ ...standardPolicy, warning: 'P2' })).not.toBe(policyDigest(standardPolicy))
})

test('a drill scales every time in one place, and no threshold', () => {
  const drill = scalePolicyTimes(
    { ...standardPolicy, timing: { ...standardPolicy.timing, staleAfterMs: 600_000 } },
    1 / 60,
  )
  expect(drill.timing).toEqual({
    evaluateEveryMs: 250,
    windowsMs: [1_000, 5_000],
    raiseAfter: 2,
    lowerAfterMs: 2_000,
    exitFactor: 0.8,
    staleAfterMs: 10_000,
  })
  expect(drill.levels.P0.response).toEqual({ kind: 'elapsed', withinMs: 5_000 })
  expect(drill.levels.P3.response).toEqual({ kind: 'dailyReview' })
  expect(drill.crash.windowMs).toBe(10_000)
  expect(drill.errorRate.fewRequests.windowsMs[0]).toBe(1_000)
  expect(drill.burnRate[0]).toEqual({ level: 'P1', factor: 14.4, longMs: 60_000, shortMs: 5_000 })
  expect(drill.errorRate.bands).toEqual(standardPolicy.errorRate.bands)
  expect(drill.latency).toEqual(standardPolicy.latency)
  expect(classify([{ kind: 'crash', oom: true, count: 3, windowMs: 10_000 }], drill).severity).toBe('P1')
})

test.each([0, -1, Number.NaN, Infinity])('a factor of %d is refused', (factor) => {
  expect(() => scalePolicyTimes(standardPolicy, factor)).toThrow(/^factor/)
})
