import { seededRandom, type IncidentLog, type Notifier } from '@firebreak/core'
import { createTestClock } from '@firebreak/core/testing'
import { memoryLog } from '@firebreak/incident-log'
import { expect, test } from 'vitest'
import { createResponder, standardRunbook } from './index.ts'
import { outage } from './responder.fixture.ts'

const count = 30
const services = Array.from({ length: count }, (_, index) => `shop-${index}`)

test('whoever dies as many incidents end leaves the last words of all of them to the next one', async () => {
  const clock = createTestClock()
  const closed = new Set<string>()
  const phone: Notifier = { name: 'sms', reach: 'wake', send: async () => ({ state: 'delivered' }) }
  const ledger: Notifier = {
    name: 'ledger',
    reach: 'record',
    async send(page) {
      if (page.kind === 'resolve') closed.add(page.service)
      return { state: 'delivered' }
    },
  }
  const people = { manager: phone, engineer: phone, 'deployment-log': ledger }
  const inner = memoryLog({ clock })
  let ended = 0
  const mortal: IncidentLog = {
    ...inner,
    async append(writes) {
      if (ended >= count) return new Promise(() => undefined)
      const appended = await inner.append(writes)
      ended += writes.flatMap(({ events }) => events).filter(({ type }) => type === 'incident.resolved').length
      return ended >= count ? new Promise(() => undefined) : appended
    },
  }
  const join = (log: IncidentLog, seed: number) =>
    createResponder({ log, parts: standardRunbook({ people }), clock, random: seededRandom(seed) })
  const first = join(mortal, 1)
  await first.start()
  for (const service of services) await first.ingest(outage(clock, { service }))
  await clock.advance(60_000)
  for (const service of services) await first.ingest(outage(clock, { service, status: 'resolved', symptoms: [] }))
  await clock.advance(20 * 60_000)
  expect(ended).toBe(count)
  const second = join(inner, 2)
  await second.start()
  await clock.advance(10 * 60_000)
  expect(closed.size).toBe(count)
  await clock.run(second.stop())
  // A log that never answers again keeps nobody from going.
  await clock.run(first.stop())
})
