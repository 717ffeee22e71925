import { createTestClock } from '@firebreak/core/testing'
import { reduceService, type Signal } from '@firebreak/core'
import { memoryLog } from '@firebreak/incident-log'
import { expect, test } from 'vitest'
import { createResponder } from '../index.ts'
import { outage } from '../responder.fixture.ts'

test('a figure that comes and goes across the level of its incident flaps, though it never ends', async () => {
  const clock = createTestClock()
  const log = memoryLog({ clock })
  const responder = createResponder({ log, parts: [], clock })
  await responder.start()
  let turn = 0
  const say = async (...ratios: readonly number[]) => {
    for (const ratio of ratios) {
      turn += 1
      const figure: Signal = {
        ...outage(clock),
        id: `figure-${turn}`,
        key: 'errors',
        status: 'firing',
        symptoms: [{ kind: 'errorRate', ratio, requests: 1_200 }],
      }
      await clock.run(responder.ingest(figure))
      await clock.advance(15_000)
    }
  }
  const flaps = async () =>
    reduceService('service/shop', await Array.fromAsync(log.read('service/shop'))).flaps.get('errors') ?? []
  await say(0.12, 0.12)
  expect((await responder.incident('shop')).severity).toBe('P1')
  const before = (await flaps()).length
  await say(0.11, 0.09, 0.11, 0.09)
  expect(await flaps(), 'not between the level and where it would be lowered').toHaveLength(before)
  await say(0.03, 0.12, 0.03, 0.12)
  expect(await flaps()).toHaveLength(before + 4)
  await clock.run(responder.stop())
})
