import { FirebreakError, seededRandom, type Part } from '@firebreak/core'
import { createTestClock } from '@firebreak/core/testing'
import { memoryLog } from '@firebreak/incident-log'
import { expect, test } from 'vitest'
import { createResponder } from '../index.ts'
import { outage } from '../responder.fixture.ts'

async function performed(perform: NonNullable<Part['perform']>, forMs: number) {
  const clock = createTestClock()
  const part: Part = { name: 'doer', plan: () => [{ key: 'do', why: 'a duty', effect: {} }], perform }
  const responder = createResponder({ log: memoryLog({ clock }), parts: [part], clock, random: seededRandom(1) })
  await responder.start()
  await responder.ingest(outage(clock))
  await clock.advance(forMs)
  const incident = await responder.incident('shop')
  await clock.run(responder.stop())
  return { action: incident.actions.get('do'), escalations: incident.escalations.map(({ why }) => why) }
}

test('what a hold put off is still tried five times once the hold is over', async () => {
  const tries: number[] = []
  let asked = 0
  const { action } = await performed(async (_action, { attempt }) => {
    asked += 1
    if (asked <= 7) throw new FirebreakError({ code: 'HELD', message: 'on hold' })
    tries.push(attempt)
    if (tries.length < 5) throw new Error('503')
    return { events: [] }
  }, 1_200_000)
  expect(tries).toEqual([1, 2, 3, 4, 5])
  expect(action?.finished?.outcome).toBe('done')
})

test('five tries are enough', async () => {
  let tries = 0
  const { escalations } = await performed(async () => {
    tries += 1
    throw new Error('503')
  }, 1_200_000)
  expect(tries).toBe(5)
  expect(escalations).toEqual(['do failed after 5 attempts: 503'])
})

test('an effect of which no outcome is given is not performed again, and a person is told', async () => {
  let times = 0
  const { action, escalations } = await performed(
    (async () => {
      times += 1
    }) as unknown as NonNullable<Part['perform']>,
    600_000,
  )
  expect(times).toBe(1)
  expect(action?.finished?.outcome).toBe('failed')
  expect(escalations[0]).toContain('gave no outcome')
})
