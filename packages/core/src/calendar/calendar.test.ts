import { expect, test } from 'vitest'
import { InvalidInput } from '../index.ts'
import {
  addBusinessTime,
  defineCalendar,
  formatLocal,
  isBusinessTime,
  localDate,
  nextBusinessTime,
  type BusinessCalendar,
} from './index.ts'

const hour = 3_600_000
const minute = 60_000
const berlin = defineCalendar({ timeZone: 'Europe/Berlin' })
const at = (text: string) => Date.parse(text)
const iso = (time: number) => new Date(time).toISOString()

/** The same by another way: one minute after the other, as a clock on the wall of that zone shows it. */
function wall(calendar: BusinessCalendar) {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: calendar.timeZone,
    hourCycle: 'h23',
    weekday: 'short',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  })
  const weekdays = ['', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']
  return (time: number): boolean => {
    const parts = Object.fromEntries(format.formatToParts(time).map(({ type, value }) => [type, value]))
    const clock = `${parts['hour']}:${parts['minute']}`
    const date = `${parts['year']}-${parts['month']}-${parts['day']}`
    return (
      calendar.days.includes(weekdays.indexOf(parts['weekday']!)) &&
      !calendar.holidays.includes(date) &&
      calendar.from <= clock &&
      clock < calendar.until
    )
  }
}

test('a P2 of Friday night before the change of the clock is due on Monday at eleven', () => {
  const raised = at('2026-10-23T22:10:00+02:00')
  expect(addBusinessTime(raised, 2 * hour, berlin)).toBe(at('2026-10-26T11:00:00+01:00'))
  expect(nextBusinessTime(raised, berlin)).toBe(at('2026-10-26T09:00:00+01:00'))
  expect(isBusinessTime(raised, berlin)).toBe(false)
})

test('hours are counted within the day, over night, over a weekend and over a holiday', () => {
  const closed = defineCalendar({ timeZone: 'Europe/Berlin', holidays: ['2026-12-25'] })
  const cases: [string, number, string][] = [
    ['2026-11-23T10:00:00+01:00', 2 * hour, '2026-11-23T12:00:00+01:00'],
    ['2026-11-23T15:00:00+01:00', 2 * hour, '2026-11-23T17:00:00+01:00'],
    ['2026-11-23T16:00:00+01:00', 2 * hour, '2026-11-24T10:00:00+01:00'],
    ['2026-11-23T06:00:00+01:00', 30 * minute, '2026-11-23T09:30:00+01:00'],
    ['2026-12-24T16:30:00+01:00', hour, '2026-12-28T09:30:00+01:00'],
    ['2026-11-23T17:00:00+01:00', 1, '2026-11-24T09:00:00.001+01:00'],
  ]
  for (const [from, duration, until] of cases)
    expect(iso(addBusinessTime(at(from), duration, closed))).toBe(iso(at(until)))
})

test('the hours include their beginning and not their end', () => {
  expect(isBusinessTime(at('2026-11-23T09:00:00+01:00'), berlin)).toBe(true)
  expect(isBusinessTime(at('2026-11-23T08:59:59.999+01:00'), berlin)).toBe(false)
  expect(isBusinessTime(at('2026-11-23T16:59:59.999+01:00'), berlin)).toBe(true)
  expect(isBusinessTime(at('2026-11-23T17:00:00+01:00'), berlin)).toBe(false)
})

test('no time at all is the next business time', () => {
  const saturday = at('2026-11-21T12:00:00Z')
  expect(addBusinessTime(saturday, 0, berlin)).toBe(nextBusinessTime(saturday, berlin))
})

const changes = [
  ['Europe/Berlin', '2026-03-27', '2026-10-23'],
  ['America/New_York', '2026-03-06', '2026-10-30'],
  // Half an hour, and at midnight: the two odd ones.
  ['Australia/Lord_Howe', '2026-04-03', '2026-10-02'],
  ['America/Havana', '2026-03-06', '2026-10-30'],
] as const
const hoursOf = [
  { from: '09:00', until: '17:00' },
  // Over the change itself: hours that are missing, and hours that come twice.
  { from: '00:00', until: '24:00', days: [1, 2, 3, 4, 5, 6, 7] },
  { from: '02:30', until: '03:30', days: [6, 7] },
  { from: '01:15', until: '02:45', days: [7] },
]

/** Walks from noon on and says where our answers and the wall's differ, by instant and by time elapsed. */
function walk(calendar: BusinessCalendar, first: number, step: number) {
  const open = wall(calendar)
  const differences: string[] = []
  let counted = 0
  for (let time = first; time < first + 4 * 24 * hour; time += step) {
    const expected = open(time)
    if (isBusinessTime(time, calendar) !== expected) differences.push(`${iso(time)} on the wall: ${expected}`)
    if (!expected) continue
    counted += 1
    if (counted % 20 !== 0) continue
    const due = addBusinessTime(first, counted * step, calendar)
    if (due !== time + step) differences.push(`${counted} steps: ${iso(due)}, on the wall: ${iso(time + step)}`)
  }
  return { counted, differences }
}

const walks = changes.flatMap(([timeZone, ...starts]) =>
  starts.flatMap((start) => hoursOf.map((hours) => ({ start, calendar: defineCalendar({ timeZone, ...hours }) }))),
)

for (const { start, calendar } of walks) {
  const { timeZone, from, until } = calendar
  const plain = timeZone === 'Europe/Berlin' || timeZone === 'America/New_York'
  // Minute by minute over office hours; the rest begins and ends on quarters of an hour, as the odd zones change.
  const step = plain && from === '09:00' ? minute : plain ? 5 * minute : 15 * minute
  test(`step by step, a clock on the wall agrees: ${timeZone} from ${start}, ${from} to ${until}`, () => {
    const { counted, differences } = walk(calendar, at(`${start}T12:00:00Z`), step)
    expect(differences).toEqual([])
    expect(counted).toBeGreaterThan(0)
  })
}

test('a date that a zone left out altogether has no business time', () => {
  const apia = defineCalendar({ timeZone: 'Pacific/Apia', days: [1, 2, 3, 4, 5, 6, 7] })
  expect(iso(addBusinessTime(at('2011-12-29T16:00:00-10:00'), 2 * hour, apia))).toBe(
    iso(at('2011-12-31T10:00:00+14:00')),
  )
})

test('bad zones, days, hours and holidays are refused by name', () => {
  const refusals: [Parameters<typeof defineCalendar>[0], string][] = [
    [{ timeZone: 'Europe/Bärlin' }, 'timeZone'],
    [{ timeZone: '' }, 'timeZone'],
    [{ timeZone: undefined as unknown as string }, 'timeZone'],
    [{ timeZone: 'UTC', days: [] }, 'days'],
    [{ timeZone: 'UTC', days: [1, 8] }, 'days[1]'],
    [{ timeZone: 'UTC', days: [Number.NaN] }, 'days[0]'],
    [{ timeZone: 'UTC', from: '9:00' }, 'from'],
    [{ timeZone: 'UTC', from: '25:00' }, 'from'],
    [{ timeZone: 'UTC', until: '24:01' }, 'until'],
    [{ timeZone: 'UTC', from: '09:60' }, 'from'],
    [{ timeZone: 'UTC', from: '17:00', until: '09:00' }, 'until'],
    [{ timeZone: 'UTC', from: '09:00', until: '09:00' }, 'until'],
    [{ timeZone: 'UTC', holidays: ['2026-12-25', '25.12.2026'] }, 'holidays[1]'],
    [{ timeZone: 'UTC', holidays: ['2026-02-30'] }, 'holidays[0]'],
  ]
  for (const [calendar, field] of refusals) {
    const attempt = () => defineCalendar(calendar)
    expect(attempt, JSON.stringify(calendar)).toThrow(InvalidInput)
    expect(attempt).toThrow(`${field}: `)
  }
  for (const duration of [Number.NaN, -1, Number.POSITIVE_INFINITY, 1e15])
    expect(() => addBusinessTime(0, duration, berlin)).toThrow('durationMs: ')
  expect(() => isBusinessTime(Number.NaN, berlin)).toThrow('at: ')
  expect(() => formatLocal(0, 'Nowhere/Atall')).toThrow('timeZone: ')
})

test('local times are printed with seconds and the zone, as a page needs them', () => {
  const night = at('2026-11-23T02:03:45Z')
  expect(formatLocal(night, 'Europe/Berlin')).toBe('03:03:45 CET')
  expect(formatLocal(night, 'Europe/Berlin', { seconds: false })).toBe('03:03 CET')
  expect(formatLocal(at('2026-07-01T02:03:45Z'), 'Europe/Berlin', { date: true })).toBe('2026-07-01 04:03:45 CEST')
  expect(formatLocal(night, 'America/New_York')).toBe('21:03:45 EST')
  expect(formatLocal(night, 'UTC')).toBe('02:03:45 UTC')
  expect(formatLocal(night, 'Asia/Tokyo')).toBe('11:03:45 UTC+9')
  expect(formatLocal(at('2026-11-22T23:00:00Z'), 'Europe/Berlin')).toBe('00:00:00 CET')
  expect(localDate(at('2026-11-23T23:30:00Z'), 'Europe/Berlin')).toBe('2026-11-24')
  expect(localDate(at('2026-11-23T02:00:00Z'), 'America/New_York')).toBe('2026-11-22')
})

test('a wall shows the offset of each instant, whatever was asked before', () => {
  const change = Date.parse('2026-10-25T01:00:00Z')
  const shown = [change - 1, change, change - 1, change + 900_000].map((at) => formatLocal(at, 'Europe/Berlin'))
  expect(shown).toEqual(['02:59:59 CEST', '02:00:00 CET', '02:59:59 CEST', '02:15:00 CET'])
  expect(formatLocal(8.64e15, 'UTC', { date: true })).toBe('275760-09-13 00:00:00 UTC')
})

test('a deadline in business time is the same however often and in whatever order it is asked for', () => {
  const friday = Date.parse('2026-10-23T20:10:00Z')
  const ends = [friday, friday + 1, friday].map((at) => addBusinessTime(at, 7_200_000, berlin))
  expect(ends).toEqual([ends[0], ends[0], ends[0]])
  expect(addBusinessTime(friday, 3_600_000, berlin)).toBe(ends[0]! - 3_600_000)
})
