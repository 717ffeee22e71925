import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { baseline } from './baseline.ts'

function learnt(values: readonly number[], options: Parameters<typeof baseline>[0] = {}) {
  const usual = baseline({ minSamples: 5, ...options })
  for (const value of values) usual.learn(value)
  return usual
}

describe('baseline', () => {
  test('says "insufficient data" until there are enough values', () => {
    const usual = baseline()
    for (let index = 0; index < 29; index += 1) usual.learn(100 + index)
    expect(usual.figures()).toBeUndefined()
    expect(usual.judge(500)).toEqual({ verdict: 'insufficient data', samples: 29, needed: 30 })
    usual.learn(129)
    expect(usual.judge(114.5)).toMatchObject({ verdict: 'usual', z: 0 })
  })

  test('median and MAD, as the textbook has them', () => {
    const usual = learnt([1, 1, 2, 2, 4, 6, 9])
    expect(usual.figures()).toMatchObject({ median: 2, mad: 1, samples: 7 })
    // 0.6745 × (9 − 2) / 1
    expect(usual.judge(9)).toMatchObject({ verdict: 'high', z: expect.closeTo(4.7215, 10) })
    expect(usual.judge(7)).toMatchObject({ verdict: 'usual', z: expect.closeTo(3.3725, 10) })
    expect(usual.judge(-4)).toMatchObject({ verdict: 'low' })
  })

  test('the moving average weighs the newest value with lambda', () => {
    const usual = learnt([10, 20], { minSamples: 2, lambda: 0.2 })
    expect(usual.figures()?.ewma).toBeCloseTo(12, 12)
  })

  test('a small shift that lasts leaves the control limits although no single value is unusual', () => {
    const steady = Array.from({ length: 100 }, (_, index) => 100 + (index % 5) - 2)
    const usual = learnt(steady)
    expect(usual.judge(102)).toMatchObject({ verdict: 'usual', drift: 'none' })
    for (let round = 0; round < 12; round += 1) usual.learn(103)
    expect(usual.judge(103)).toMatchObject({ verdict: 'usual', drift: 'up' })
  })

  test('a few wild values do not move it', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 1e4, max: 1e9, noNaN: true }), { maxLength: 20 }), (wild) => {
        const usual = learnt([...Array.from({ length: 60 }, (_, index) => 100 + (index % 11)), ...wild])
        expect(usual.figures()!.median).toBeLessThanOrEqual(110)
      }),
    )
  })

  test('equal values are no reason to call the next one infinitely unusual', () => {
    const flat = learnt(Array.from({ length: 10 }, () => 50))
    expect(flat.judge(50)).toMatchObject({ verdict: 'usual', z: 0 })
    expect(flat.judge(51)).toMatchObject({ verdict: 'high', z: 1_000 })
    // More than half are equal: MAD is 0 and the mean deviation serves.
    const nearly = learnt([50, 50, 50, 50, 50, 50, 56, 44])
    expect(nearly.judge(51)).toMatchObject({ verdict: 'usual' })
  })

  test('frozen it learns nothing: what is ill does not become usual', () => {
    const usual = learnt([100, 101, 102, 103, 104])
    usual.freeze()
    for (let round = 0; round < 500; round += 1) usual.learn(900)
    expect(usual.figures()?.median).toBe(102)
    usual.thaw()
    usual.learn(105)
    expect(usual.figures()?.samples).toBe(6)
  })

  test('only the newest values count', () => {
    const usual = learnt([1, 1, 1, 1, 1, 9, 9, 9, 9, 9], { keep: 5 })
    expect(usual.figures()).toMatchObject({ median: 9, samples: 5 })
  })

  test('its state survives a restart', () => {
    const first = learnt([3, 1, 4, 1, 5, 9])
    first.freeze()
    const second = baseline({ minSamples: 5, state: JSON.parse(JSON.stringify(first.state())) })
    expect(second.judge(8)).toEqual(first.judge(8))
    second.learn(1_000)
    expect(second.state()).toEqual(first.state())
  })

  test('always gives finite figures', () => {
    const figure = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e12, max: 1e12 })
    fc.assert(
      fc.property(fc.array(figure, { minLength: 5, maxLength: 50 }), figure, (values, value) => {
        const verdict = learnt(values).judge(value)
        if (verdict.verdict === 'insufficient data') throw new Error('enough was learnt')
        expect(Math.abs(verdict.z)).toBeLessThanOrEqual(1_000)
        expect(Object.values(verdict.figures).every(Number.isFinite)).toBe(true)
      }),
    )
  })

  test.each([Number.NaN, Number.POSITIVE_INFINITY])('refuses %d', (value) => {
    expect(() => baseline().learn(value)).toThrow(/value/)
    expect(() => baseline().judge(value)).toThrow(/value/)
    expect(() => baseline({ state: { values: [1, value], ewma: 1, frozen: false } })).toThrow(/state\.values\[1\]/)
  })
})
