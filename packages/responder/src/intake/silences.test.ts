import { expect, test } from 'vitest'
import { outage } from '../responder.fixture.ts'
import { night } from '../fixtures/woken.ts'

const minute = 60_000

test.each([
  ['with no incident open', []],
  ['with an incident open at P3', [{ key: 'disk', symptoms: [{ kind: 'warning', detail: 'disk grows' }] as const }]],
])('what still fires when its silence ends is judged then, %s', async (_name, others) => {
  const w = night()
  const { clock } = w
  const responder = await w.join()
  for (const other of others) await responder.ingest(outage(clock, other))
  const until = new Date(clock.now() + 10 * minute).toISOString()
  await responder.silence({ service: 'shop', key: 'http', by: 'mia', until, reason: 'deploying' })
  // A sender that says it once: PagerDuty, Sentry, a standard webhook; Alertmanager says it again after 4 h.
  await responder.ingest(outage(clock))
  await clock.advance(9 * minute)
  expect(w.wakes()).toEqual([])
  await clock.advance(3 * minute)
  expect(w.wakes().map(({ role, page }) => `${role} ${page.severity}`)).toContain('manager P0')
  await clock.run(responder.stop())
})

test.each([
  ['the responder that heard it', 0],
  ['another responder', 1],
])('what fires under a silence is judged when %s lifts it, though it is not said again', async (_name, index) => {
  const w = night()
  const { clock } = w
  const responders = [await w.join(), await w.join()]
  const until = new Date(clock.now() + 60 * minute).toISOString()
  const id = await responders[0]?.silence({ service: 'shop', by: 'mia', until, reason: 'deploying' })
  await responders[0]?.ingest(outage(clock))
  await clock.advance(10 * minute)
  expect(w.wakes()).toEqual([])
  await responders[index]?.unsilence(id ?? '', { by: 'joe', service: 'shop' })
  await clock.advance(minute)
  expect(w.wakes().map(({ role, page }) => `${role} ${page.severity}`)).toContain('manager P0')
  for (const responder of responders) await clock.run(responder.stop())
})
