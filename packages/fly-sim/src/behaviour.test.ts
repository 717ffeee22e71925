import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { drawLatency, latencyMean, latencyShare, nextBoundary, profileAt } from './behaviour.ts'
import type { Behaviour } from './behaviour.ts'

const image: Behaviour = {
  errorRatio: 0.01,
  latencyMs: 100,
  paths: { '/health': { errorRatio: 0 } },
  phases: [{ fromMs: 5_000, errorRatio: 0.6, paths: { '/deep': { errorRatio: 1, status: 503 } } }],
}
const alone = (aliveMs: number, path: string) => profileAt([{ behaviour: image, aliveMs }], path)

describe('an image answers', () => {
  test('by its age', () => {
    expect(alone(4_999, '/').errorRatio).toBe(0.01)
    expect(alone(5_000, '/').errorRatio).toBe(0.6)
    expect(nextBoundary(image, 0)).toBe(5_000)
    expect(nextBoundary(image, 5_000)).toBeUndefined()
  })

  test('by path, where a path is listed; what is said in general does not touch it', () => {
    expect(alone(6_000, '/health').errorRatio).toBe(0)
    expect(alone(6_000, '/deep')).toMatchObject({ errorRatio: 1, status: 503 })
    expect(alone(1_000, '/deep').errorRatio).toBe(0.01)
  })

  test('under what is laid over it, the last word winning', () => {
    const broken = { behaviour: { errorRatio: 1 }, aliveMs: 0 }
    const layers = [{ behaviour: image, aliveMs: 6_000 }, broken]
    expect(profileAt(layers, '/').errorRatio).toBe(1)
    expect(profileAt(layers, '/health').errorRatio).toBe(0)
    const all = { behaviour: { paths: { '/health': { errorRatio: 1 } } }, aliveMs: 0 }
    expect(profileAt([...layers, all], '/health').errorRatio).toBe(1)
  })
})

test('a number is the median, and the 95th percentile is twice that', () => {
  expect(alone(0, '/')).toMatchObject({ p50Ms: 100, p95Ms: 200 })
})

test('what is drawn is distributed as it is counted', () => {
  const latency = fc.record({ p50Ms: fc.integer({ min: 1, max: 500 }), extra: fc.integer({ min: 1, max: 500 }) })
  fc.assert(
    fc.property(latency, fc.double({ min: 0, max: 0.999, noNaN: true }), ({ p50Ms, extra }, uniform) => {
      const profile = { errorRatio: 0, status: 500, p50Ms, p95Ms: p50Ms + extra }
      expect(latencyShare(profile, drawLatency(profile, uniform))).toBeCloseTo(uniform, 6)
    }),
  )
})

test('the mean is the mean of what is drawn', () => {
  const profile = { errorRatio: 0, status: 500, p50Ms: 100, p95Ms: 400 }
  const draws = Array.from({ length: 10_000 }, (_, index) => drawLatency(profile, (index + 0.5) / 10_000))
  expect(latencyMean(profile)).toBeCloseTo(draws.reduce((sum, it) => sum + it, 0) / draws.length, 0)
})
