import { seededRandom, type IncidentLog, type Part } from '@firebreak/core'
import { createTestClock } from '@firebreak/core/testing'
import { memoryLog } from '@firebreak/incident-log'
import { expect, test } from 'vitest'
import { outage } from '../responder.fixture.ts'
import { createResponder } from '../responder.ts'

const second = 1_000

/** Half a minute after the opening, the service is to know. */
const teller: Part = {
  name: 'teller',
  plan({ stream, service, openedAt }) {
    const event = { id: `told/${stream}`, type: 'own.told', actor: 'teller', data: {} } as const
    const record = { events: [], tell: [{ to: `service/${service}`, event }] } as const
    return [{ key: 'tell', why: 'the service is to know', notBefore: openedAt + 30 * second, record }]
  },
}

test('a log that takes nothing is asked about once a second, also by a part that tells its service', async () => {
  const clock = createTestClock()
  const inner = memoryLog({ clock })
  let down = false
  let asked = 0
  const log: IncidentLog = {
    ...inner,
    async append(writes) {
      asked += 1
      // Without a pause no timer gets a turn, and this test would never end.
      if (down && asked < 5_000) throw new Error('the disk is full')
      return inner.append(writes)
    },
  }
  const responder = createResponder({ log, parts: [teller], clock, random: seededRandom(1) })
  await responder.start()
  await responder.ingest(outage(clock))
  await clock.advance(29 * second)
  down = true
  asked = 0
  await clock.advance(10 * second)
  expect(asked).toBeGreaterThan(3)
  expect(asked).toBeLessThan(40)
  down = false
  await clock.advance(5 * second)
  const told = await Array.fromAsync(log.read('service/shop'))
  expect(told.filter(({ type }) => type === 'own.told')).toHaveLength(1)
  await clock.run(responder.stop())
})
