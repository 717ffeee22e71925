import { expect, test } from 'vitest'
import { seededRandom, type Alarm, type IncidentLog, type Part } from '@firebreak/core'
import { createTestClock } from '@firebreak/core/testing'
import { memoryLog } from '@firebreak/incident-log'
import { createResponder } from '../responder.ts'
import { outage } from '../responder.fixture.ts'

function setUp() {
  const clock = createTestClock()
  const inner = memoryLog({ clock })
  let down = false
  const log: IncidentLog = {
    ...inner,
    append: async (writes) => {
      if (down) throw new Error('disk full')
      return inner.append(writes)
    },
  }
  const alarms: Alarm[] = []
  const part: Part = {
    name: 'desk',
    plan: () => [],
    async alarm(alarm) {
      alarms.push(alarm)
    },
  }
  const responder = createResponder({ log, parts: [part], clock, random: seededRandom(1) })
  return { clock, responder, alarms, breakLog: (broken: boolean) => void (down = broken) }
}

test('15 s after the log began to refuse a P0, people are told from memory, then every 10 min', async () => {
  const { clock, responder, alarms, breakLog } = setUp()
  breakLog(true)
  await expect(responder.ingest(outage(clock))).rejects.toThrow('disk full')
  await clock.advance(14_999)
  expect(alarms).toEqual([])
  await clock.advance(1)
  expect(alarms.map(({ severity, title }) => `${severity} ${title}`)).toEqual([
    'P0 P0 shop: and the incident log is down, automation is off',
  ])
  await clock.advance(599_999)
  expect(alarms).toHaveLength(1)
  await clock.advance(1)
  expect(alarms).toHaveLength(2)
  await responder.stop()
  expect(clock.pending).toBe(0)
})

test('a log that is back ends the emergency, and the signal is taken when it is sent again', async () => {
  const { clock, responder, alarms, breakLog } = setUp()
  breakLog(true)
  const signal = outage(clock)
  await expect(responder.ingest(signal)).rejects.toThrow('disk full')
  breakLog(false)
  await responder.ingest(signal)
  await clock.advance(60_000)
  expect(alarms).toEqual([])
  expect((await responder.incident('shop')).severity).toBe('P0')
})

test('signals that are worth no append do not call the alarm off: they have not tried the log', async () => {
  const { clock, responder, alarms, breakLog } = setUp()
  await responder.ingest(outage(clock, { service: 'cart' }))
  breakLog(true)
  await expect(responder.ingest(outage(clock))).rejects.toThrow('disk full')
  for (let turn = 0; turn < 4; turn += 1) {
    await clock.advance(5_000)
    await responder.ingest(outage(clock, { service: 'cart' }))
  }
  expect(alarms).toHaveLength(1)
  await responder.stop()
})

test('without a P0 or P1 nobody is told that the log is down', async () => {
  const { clock, responder, alarms, breakLog } = setUp()
  breakLog(true)
  const warning = outage(clock, { symptoms: [{ kind: 'warning', detail: 'disk 80 %' }] })
  await expect(responder.ingest(warning)).rejects.toThrow('disk full')
  await clock.advance(60_000)
  expect(alarms).toEqual([])
  await responder.stop()
})

test('it is not said again that the log is down once it takes appends, though nobody repeats what it refused', async () => {
  const { clock, responder, alarms, breakLog } = setUp()
  await responder.ingest(outage(clock, { service: 'blog' }))
  breakLog(true)
  await expect(responder.ingest(outage(clock))).rejects.toThrow('disk full')
  await clock.advance(20_000)
  expect(alarms).toHaveLength(1)
  breakLog(false)
  await responder.note('blog', { by: 'mia', text: 'looking' })
  await clock.advance(3_600_000)
  expect(alarms).toHaveLength(1)
  breakLog(true)
  await expect(responder.ingest(outage(clock))).rejects.toThrow('disk full')
  await clock.advance(20_000)
  expect(alarms).toHaveLength(2)
  await responder.stop()
  expect(clock.pending).toBe(0)
})
