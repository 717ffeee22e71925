import { defineCalendar } from '@firebreak/core/calendar'
import { deskStream, seededRandom } from '@firebreak/core'
import { expect, test } from 'vitest'
import { dueOf } from '../ladder/due.ts'
import { waitingDesks } from './waiting-desks.ts'

const hour = 3_600_000
const day = 24 * hour
const monday = Date.parse('2026-11-23T00:00:00Z')

const calendars = [
  defineCalendar({ timeZone: 'UTC' }),
  defineCalendar({ timeZone: 'Pacific/Auckland', from: '07:00', until: '19:00' }),
  defineCalendar({ timeZone: 'America/Los_Angeles', days: [2], holidays: ['2026-12-01'] }),
  // Less than an hour closed: some starts see it and some do not.
  defineCalendar({ timeZone: 'UTC', from: '00:00', until: '23:30' }),
  defineCalendar({ timeZone: 'UTC', days: [1, 2, 3, 4, 5, 6, 7], from: '00:00', until: '24:00' }),
]

test.each(calendars)('wherever a digest waits, and for days after it was due, its desk is named: %o', (calendar) => {
  const random = seededRandom(5)
  const step = { name: 'digest', afterMs: day, digest: true, to: ['manager'], reach: 'read', says: '' } as const
  for (let number = 0; number < 300; number += 1) {
    const start = monday + random() * 14 * day
    const due = dueOf(step, { start, openedAt: start, pauses: [], calendar })
    const now = start + random() * (due + 3 * day - start)
    expect(waitingDesks(['engineer', 'manager'], calendar, now)).toContain(deskStream('manager', due))
  }
})

test('however long business is closed, few desks of a role are named', () => {
  const calendar = defineCalendar({ timeZone: 'UTC', days: [1], holidays: ['2026-11-23', '2026-11-30', '2026-12-07'] })
  expect(waitingDesks(['manager'], calendar, monday + hour)).toHaveLength(6)
})
