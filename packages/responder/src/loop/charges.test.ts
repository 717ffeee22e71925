import { seededRandom, type Part } from '@firebreak/core'
import { createTestClock } from '@firebreak/core/testing'
import { memoryLog } from '@firebreak/incident-log'
import { expect, test } from 'vitest'
import { createResponder } from '../responder.ts'
import { outage } from '../responder.fixture.ts'

const minute = 60_000

test('of two incidents that see the same room in a budget over all services one gets it, and then the other', async () => {
  const clock = createTestClock()
  const log = memoryLog({ clock })
  const begun: string[] = []
  let atOnce = 0
  let most = 0
  const part: Part = {
    name: 'mover',
    plan({ service }, { organisation }) {
      const others = organisation?.charges.some(
        ({ over, incident }) => over !== true && incident !== `incident/${service}/1`,
      )
      const charge = [`service/${service}`, 'service/*'] as const
      return others === true ? [] : [{ key: 'move/now', why: 'there is room', effect: null, charge }]
    },
    async perform(_action, { subject, organisation }) {
      begun.push(`${subject.service}: ${organisation?.charges.length ?? 0}`)
      most = Math.max(most, (atOnce += 1))
      await clock.sleep(minute)
      atOnce -= 1
      const data = { service: subject.service, action: 'move', incident: subject.stream }
      const event = { id: `${subject.stream}/settled`, type: 'ledger.settled', actor: 'mover', data }
      return { events: [], tell: [{ to: 'service/*', event }] }
    },
  }
  const responder = createResponder({ log, parts: [part], clock, random: seededRandom(1) })
  await responder.start()
  await responder.ingest([outage(clock, { service: 'api' }), outage(clock, { service: 'shop' })])
  await clock.advance(5 * minute)
  expect(most).toBe(1)
  expect(begun).toEqual(['api: 1', 'shop: 2'])
  for (const service of ['api', 'shop', '*']) {
    const types: string[] = []
    for await (const { type } of log.read(`service/${service}`)) types.push(type)
    expect(types.filter((type) => type === 'ledger.charged')).toHaveLength(service === '*' ? 2 : 1)
  }
  await responder.stop()
})
