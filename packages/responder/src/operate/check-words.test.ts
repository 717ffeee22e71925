import { expect, test } from 'vitest'
import { createTestClock } from '@firebreak/core/testing'
import { memoryLog } from '@firebreak/incident-log'
import { createResponder, standardRunbook, type Operations } from '../index.ts'
import { outage } from '../responder.fixture.ts'

function setUp() {
  const clock = createTestClock()
  const told: string[] = []
  const phone = (name: string) => ({
    name,
    reach: 'wake' as const,
    async send() {
      told.push(name)
      return { state: 'delivered' as const }
    },
  })
  const parts = standardRunbook({ people: { manager: phone('manager'), engineer: phone('engineer') } })
  return { clock, told, responder: createResponder({ log: memoryLog({ clock }), parts, clock }) }
}

test('what people forget to say is asked for by name, and nothing is recorded', async () => {
  const { clock, responder } = setUp()
  await responder.ingest(outage(clock))
  const { version } = await responder.incident('shop')
  const past = new Date(clock.now() - 1).toISOString()
  const later = new Date(clock.now() + 60_000).toISOString()
  const attempts: [keyof Operations, unknown[], string][] = [
    ['acknowledge', [undefined, { by: 'mia' }], 'id'],
    ['acknowledge', ['shop', {}], 'by'],
    ['acknowledge', ['shop', { by: 'mia\nadmin' }], 'by'],
    ['note', ['shop', { by: 'mia' }], 'text'],
    ['resolve', ['shop', { by: 'mia', why: ' ' }], 'why'],
    ['escalate', ['shop', { by: 'mia' }], 'why'],
    ['pin', ['shop', { by: 'mia', severity: 'P9' }], 'severity'],
    ['hold', [{ by: 'mia' }], 'reason'],
    ['hold', [{ by: 'mia', reason: 'wait', service: 'shop/cart' }], 'service'],
    ['hold', [{ by: 'mia', reason: 'wait', until: '12 Dec 2030' }], 'until'],
    ['silence', [{ by: 'mia', reason: 'works', until: later }], 'service'],
    ['silence', [{ by: 'mia', reason: 'works', service: 'shop', until: past }], 'until'],
  ]
  for (const [call, words, field] of attempts)
    await expect((responder[call] as (...given: unknown[]) => unknown)(...words)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      field,
    })
  expect((await responder.incident('shop')).version).toBe(version)
})

test('help that is asked for after an acknowledgement comes, though a clock says it was before', async () => {
  const { clock, told, responder } = setUp()
  await responder.start()
  await responder.ingest(outage(clock))
  await clock.advance(10_000)
  expect(told).toEqual(['manager'])
  await responder.acknowledge('shop', { by: 'mia', role: 'manager' })
  await responder.escalate('shop', { by: 'mia', why: 'I cannot mend this' })
  await clock.advance(10_000)
  expect(told).toEqual(['manager', 'engineer'])
  await clock.run(responder.stop())
})
