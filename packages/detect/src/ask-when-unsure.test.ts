import { seededRandom, type Probe, type Signal, type Symptom } from '@firebreak/core'
import { createTestClock } from '@firebreak/core/testing'
import { classify } from '@firebreak/severity'
import { describe, expect, test } from 'vitest'
import { askWhenUnsure } from './ask-when-unsure.ts'
import { reportSignal } from './report-signal.ts'

const never = new AbortController().signal
const figure = (failed: number, requests: number): Symptom => ({
  kind: 'errorRate',
  ratio: failed / requests,
  requests,
})
const saying = (...symptoms: Symptom[]): Signal => ({
  ...reportSignal({ service: 'shop', summary: '3 of 20 requests failed', severity: 'P3' }),
  key: 'figures',
  measured: true,
  symptoms,
})

/** A probe of figures that may be changed, and whoever answers our own requests. */
function doubtful(answer: () => Promise<boolean> = async () => true) {
  const clock = createTestClock()
  const world = { says: [figure(3, 20)], asked: 0 }
  const figures: Probe = { name: 'edge', service: 'shop', observe: async () => [saying(...world.says)] }
  const probe = askWhenUnsure(figures, {
    ask: async () => {
      world.asked += 1
      return answer()
    },
    clock,
    random: seededRandom(1),
  })
  return { clock, world, look: async () => clock.run(probe.observe({ signal: never })) }
}

describe('askWhenUnsure', () => {
  test('3 of 20: ten requests of our own, once in five minutes, and well is no level', async () => {
    const { clock, world, look } = doubtful()
    const [, asked] = await look()
    expect(asked).toMatchObject({
      key: 'edge/asked',
      service: 'shop',
      measured: true,
      status: 'resolved',
      summary: expect.stringContaining('10 of 10 requests of our own were answered') as string,
    })
    expect(classify(asked?.symptoms ?? []).severity).toBeNull()
    for (let turn = 0; turn < 4; turn += 1) {
      await clock.advance(15_000)
      expect(await look()).toHaveLength(1)
    }
    expect(world.asked).toBe(10)
    await clock.advance(240_000)
    await look()
    expect(world.asked).toBe(20)
  })

  test('all of ten failing is a verdict, and asked again at the next look, also when users are silent by then', async () => {
    const { clock, world, look } = doubtful(async () => false)
    const [, asked] = await look()
    expect(asked?.status).toBe('firing')
    expect(classify(asked?.symptoms ?? []).severity).toBe('P0')
    world.says = [figure(0, 20)]
    await clock.advance(15_000)
    expect(await look()).toHaveLength(2)
  })

  test.each([
    ['nobody fails', [figure(0, 20)]],
    ['less than 1 % fails', [figure(4, 1_000)]],
    ['enough fail to tell', [figure(5, 20)]],
    ['a wider window can tell', [figure(3, 20), figure(15, 100)]],
    ['the volume is unknown', [{ kind: 'errorRate', ratio: 0.15 } as const]],
  ])('nothing is asked when %s', async (_, says) => {
    const { world, look } = doubtful()
    world.says = says
    expect(await look()).toHaveLength(1)
    expect(world.asked).toBe(0)
  })

  test('no answer in time is a failure; no network of our own is no figure at all', async () => {
    const silent = doubtful(() => new Promise(() => undefined))
    expect((await silent.look())[1]).toMatchObject({ symptoms: [figure(10, 10)] })
    const blind = doubtful(async () => {
      throw new TypeError('fetch failed', { cause: Object.assign(new Error('down'), { code: 'ENETDOWN' }) })
    })
    expect(await blind.look()).toHaveLength(1)
  })
})

test('what fires on record is handed on to the probe that is asked', async () => {
  const handed: unknown[] = []
  const figures: Probe = {
    name: 'edge',
    service: 'shop',
    async observe({ firing }) {
      handed.push(firing)
      return []
    },
  }
  const firing = [saying(figure(3, 20))]
  const clock = createTestClock()
  const probe = askWhenUnsure(figures, { ask: async () => true, clock, random: seededRandom(1) })
  await probe.observe({ signal: never, firing })
  expect(handed).toEqual([firing])
})
