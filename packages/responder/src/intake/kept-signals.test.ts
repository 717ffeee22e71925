import type { Probe, RecordedEvent, Signal } from '@firebreak/core'
import { createTestClock } from '@firebreak/core/testing'
import { memoryLog } from '@firebreak/incident-log'
import { expect, test } from 'vitest'
import { createResponder } from '../index.ts'
import { outage } from '../responder.fixture.ts'

test('what a probe saw while the log was down is recorded when it is back, in order and with its own times', async () => {
  const clock = createTestClock()
  const kept = memoryLog({ clock })
  let down = true
  const log = {
    ...kept,
    append: async (writes: Parameters<typeof kept.append>[0]) =>
      down ? Promise.reject(new Error('disk full')) : kept.append(writes),
  }
  const seen: Signal[] = []
  const probe: Probe = {
    name: 'http',
    async observe() {
      seen.push(outage(clock))
      return seen.slice(-1)
    },
  }
  const responder = createResponder({ log, parts: [], probes: [probe], probeEveryMs: 10_000, repeatEveryMs: 0, clock })
  await responder.start()
  await clock.advance(45_000)
  const before = seen.length
  expect(before).toBeGreaterThan(2)
  down = false
  await clock.advance(2_000)
  await clock.run(responder.stop())
  const events: RecordedEvent[] = []
  for await (const event of kept.readAll()) if (event.type === 'signal.observed') events.push(event)
  const said = events.flatMap(({ data }) => {
    const { also = [], ...first } = data as Signal & { also?: readonly Signal[] }
    return [first, ...also].map(({ at }) => at)
  })
  expect(said.slice(0, before)).toEqual(seen.slice(0, before).map(({ at }) => at))
  expect((await responder.incident('shop')).signals.get('http')?.count).toBe(seen.length)
})

test('what can never be recorded is dropped, and keeps nothing that is seen later from being taken in', async () => {
  const clock = createTestClock()
  let looks = 0
  const probe: Probe = {
    name: 'http',
    async observe() {
      looks += 1
      return [looks === 1 ? outage(clock, { summary: 'x'.repeat(3_000_000) }) : outage(clock, { service: 'api' })]
    },
  }
  const responder = createResponder({ log: memoryLog({ clock }), parts: [], probes: [probe], clock })
  await responder.start()
  await clock.advance(60_000)
  expect((await responder.incident('api')).severity).toBe('P0')
  await clock.run(responder.stop())
})
