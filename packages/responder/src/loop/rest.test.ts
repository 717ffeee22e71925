import { expect, test } from 'vitest'
import { seededRandom, type Part } from '@firebreak/core'
import { createTestClock } from '@firebreak/core/testing'
import { memoryLog } from '@firebreak/incident-log'
import { createResponder } from '../index.ts'
import { outage } from '../responder.fixture.ts'
import { stands } from './rest.ts'

test('a plan stands until its time, and while nothing is recorded', () => {
  const rest = { ground: '3/0/0', madeAt: 0, until: 1_000 }
  expect(stands(rest, '3/0/0', 999)).toBe(true)
  expect(stands(rest, '3/0/0', 1_000)).toBe(false)
  expect(stands(rest, '4/0/0', 999)).toBe(false)
  expect(stands({ ...rest, until: undefined }, '3/0/0', 59_999)).toBe(true)
  expect(stands({ ...rest, until: undefined }, '3/0/0', 60_000)).toBe(false)
  expect(stands(undefined, '3/0/0', 0)).toBe(false)
})

test('what was planned is not planned again when a look finds nothing new, and is when its time has come', async () => {
  const clock = createTestClock()
  const plans: number[] = []
  const due = clock.now() + 20_000
  const part: Part = {
    name: 'clock',
    plan(_incident, { now }) {
      plans.push(now)
      return [{ key: 'ring', why: 'it is time', notBefore: due, record: { events: [] } }]
    },
  }
  const responder = createResponder({ log: memoryLog({ clock }), parts: [part], clock, random: seededRandom(7) })
  await responder.start()
  await responder.ingest(outage(clock))
  await clock.advance(100)
  const first = plans.length
  await clock.advance(15_000)
  expect(plans.length).toBe(first)
  await clock.advance(5_000)
  expect(plans.slice(first)).toContain(due)
  expect((await responder.incident('shop')).actions.get('ring')?.finished?.outcome).toBe('done')
  await clock.run(responder.stop())
})
