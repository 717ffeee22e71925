import { InvalidInput } from '@firebreak/core'
import { defineCalendar } from '@firebreak/core/calendar'
import { expect, test } from 'vitest'
import { respondBy } from './index.ts'

const berlin = defineCalendar({ timeZone: 'Europe/Berlin' })
const iso = (at: number) => new Date(at).toISOString()

test('P0 and P1 count real time, at any hour, and need no calendar', () => {
  expect(iso(respondBy('P0', '2026-11-22T02:00:00Z'))).toBe('2026-11-22T02:05:00.000Z')
  expect(iso(respondBy('P1', Date.parse('2026-11-22T02:00:00Z'), berlin))).toBe('2026-11-22T02:15:00.000Z')
})

test('P2 from Friday night is due on Monday at eleven, across the end of summer time', () => {
  expect(iso(respondBy('P2', '2026-10-23T22:10:00+02:00', berlin))).toBe('2026-10-26T10:00:00.000Z')
})

test('P3 is due one business day later', () => {
  expect(iso(respondBy('P3', '2026-11-24T14:00:00+01:00', berlin))).toBe('2026-11-25T13:00:00.000Z')
  expect(iso(respondBy('P3', '2026-11-27T20:00:00+01:00', berlin))).toBe('2026-11-30T16:00:00.000Z')
})

test('what cannot be used is refused, and the field is named', () => {
  const refused =
    (...input: unknown[]) =>
    () =>
      (respondBy as (...input: unknown[]) => number)(...input)
  expect(refused('P4', 0, berlin)).toThrow(/^severity: is P4/)
  expect(refused('P2', Number.NaN, berlin)).toThrow(/^raisedAt: is NaN/)
  expect(refused('P2', 'yesterday', berlin)).toThrow(/^raisedAt/)
  expect(refused('P2', 0)).toThrow(/^calendar: is not set; P2/)
  expect(refused('P2', 0, { ...berlin, timeZone: 'Mars/Olympus' })).toThrow(InvalidInput)
})

/** The same by walking: minute after minute, asking Intl what the clock on the wall shows. */
function walk(raisedAt: number, businessMinutes: number, timeZone: string): number {
  const format = new Intl.DateTimeFormat('en-US', { timeZone, hourCycle: 'h23', weekday: 'short', hour: '2-digit' })
  const open = (at: number) => {
    const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]))
    return !['Sat', 'Sun'].includes(parts.weekday ?? '') && Number(parts.hour) >= 9 && Number(parts.hour) < 17
  }
  let at = raisedAt
  for (let left = businessMinutes; left > 0; at += 60_000) if (open(at)) left -= 1
  return at
}

test.each([
  ['Europe/Berlin', '2026-03-27T12:00:00Z'],
  ['Europe/Berlin', '2026-10-23T12:00:00Z'],
  ['America/New_York', '2026-03-06T18:00:00Z'],
  ['America/New_York', '2026-10-30T18:00:00Z'],
])('in %s, around the change of the clock after %s, it is what walking minute by minute gives', (timeZone, start) => {
  const calendar = defineCalendar({ timeZone })
  for (let hours = 0; hours < 96; hours += 7) {
    const raisedAt = Date.parse(start) + hours * 3_600_000 + 17 * 60_000
    expect(iso(respondBy('P2', raisedAt, calendar))).toBe(iso(walk(raisedAt, 120, timeZone)))
    expect(iso(respondBy('P3', raisedAt, calendar))).toBe(iso(walk(raisedAt, 480, timeZone)))
  }
})
