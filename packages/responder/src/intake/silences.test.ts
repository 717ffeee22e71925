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
