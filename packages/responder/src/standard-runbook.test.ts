import { expect, test } from 'vitest'
import type { Notifier, Page } from '@firebreak/core'
import { createTestClock } from '@firebreak/core/testing'
import { memoryLog } from '@firebreak/incident-log'
import { createResponder, standardRunbook } from './index.ts'
import { outage } from './responder.fixture.ts'

test('the links of a runbook stand at the foot of every page, and name its incident', async () => {
  const clock = createTestClock()
  const pages: Page[] = []
  const phone = (name: string): Notifier => ({
    name,
    reach: 'wake',
    async send(page) {
      pages.push(page)
      return { state: 'delivered' }
    },
  })
  const responder = createResponder({
    log: memoryLog({ clock }),
    clock,
    parts: standardRunbook({
      people: { manager: phone('manager'), engineer: phone('engineer') },
      clock,
      links: ({ code }) => [{ title: 'Acknowledge', url: `https://respond.example/i/${code}` }],
    }),
  })
  await clock.run(responder.start())
  await clock.run(responder.ingest(outage(clock)))
  await clock.advance(60_000)
  const { code } = await responder.incident('shop')
  expect(pages.length).toBeGreaterThan(0)
  for (const page of pages)
    expect(page.links).toContainEqual({ title: 'Acknowledge', url: `https://respond.example/i/${code}` })
  await clock.run(responder.stop())
})
