import { isEvent, type RecordedEvent } from '@firebreak/core'
import { createTestClock } from '@firebreak/core/testing'
import { memoryLog } from '@firebreak/incident-log'
import { expect, test } from 'vitest'
import { createResponder } from '../index.ts'
import { outage } from '../responder.fixture.ts'

test('every repetition is counted in the log, of each key, also when nobody says it again', async () => {
  const clock = createTestClock()
  const log = memoryLog({ clock })
  const responder = createResponder({ log, parts: [], clock })
  await responder.start()
  const keys = ['front', 'back', 'side']
  let turn = 0
  for (; turn < 25; turn += 1) {
    const said = keys.map((key) => ({ ...outage(clock), id: `${key}-${turn}`, key }))
    await clock.run(responder.ingest(said))
    await clock.advance(1_000)
  }
  const { signals } = await responder.incident('shop')
  expect(
    Array.from(signals.values(), ({ count }) => count),
    'not an append each',
  ).toEqual([1, 1, 1])
  await clock.advance(100_000)
  await clock.run(responder.stop())
  const counts = new Map<string, number>()
  const events: RecordedEvent[] = await Array.fromAsync(log.read('incident/shop/1'))
  const observed = events.filter((event) => isEvent(event, 'signal.observed'))
  for (const { data } of observed)
    for (const { key, repeats = 0 } of [data, ...(data.also ?? [])])
      counts.set(key, (counts.get(key) ?? 0) + 1 + repeats)
  expect(Object.fromEntries(counts)).toEqual(Object.fromEntries(keys.map((key) => [key, turn])))
  expect(observed.length, 'once at the opening, and once for the rest').toBeLessThanOrEqual(3)
})
