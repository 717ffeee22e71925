import { InvalidInput, type RecordedEvent } from '@firebreak/core'
import { expect, test } from 'vitest'
import { badDeploy } from './fixtures/bad-deploy.ts'
import { oneOfEach } from './fixtures/one-of-each.ts'
import { recording } from './fixtures/recording.ts'
import { renderTimeline, timelineEntries } from './index.ts'

const summaries = (events: Iterable<RecordedEvent>) => timelineEntries(events).map(({ summary }) => summary)

test('every type of event has a sentence of its own', () => {
  const entries = timelineEntries(oneOfEach('mia'))
  expect(entries).toHaveLength(48)
  const told = Object.fromEntries(entries.map(({ type, summary }) => [type, summary]))
  expect(told).toMatchObject({
    'signal.observed': 'mia: mia (told, not measured), repeated 3 times',
    'incident.opened': 'incident 7K42 opened for mia; began 02:02:00 UTC; reported by a person',
    'incident.assessed': 'P0 (was P1): database mia is unavailable; mia: mia (threshold mia); not judged: mia: mia',
    'incident.acknowledged': 'P0 acknowledged by mia (mia), via mia, holds until 02:05:00 UTC',
    'severity.pinned': 'pinned to P1 by mia: mia',
    'impact.estimated':
      '1,212 of 2,020 requests failed (60 % of the traffic), in mia and mia, 02:05:00 UTC to 02:05:00 UTC',
    'release.suspected': 'v3 is possible: 1 of 2 tests hold; place unknown (mia); candidate v2 mia, not proven yet',
    'action.finished': 'mia uncertain: a person has to look; mia; again 02:05:00 UTC',
    'guard.refused': 'mia not allowed by mia: mia, needs mia; mia',
    'hold.placed': 'acting on everything held by mia until 02:05:00 UTC: mia',
    'page.sent':
      'trigger to mia by mia: accepted, wakes, 1.2 s after it was due, one message for 2 requests, may be a repetition',
    'page.failed': 'page to mia by mia failed (permanent): mia; not tried again',
    'rollback.planned': 'plan mia: v3 mia -> v2 shop:v2, 1 machine: mia',
    'rollback.verified': 'rollback to v2 mia verified, 0 % errors in 1,310 requests, p95 41 ms',
    'unit.updated': '1/3 mia mia: reverted, mia, mia',
  })
  for (const [type, summary] of Object.entries(told)) expect(summary, type).not.toMatch(/undefined|\[object|NaN/)
})

test('of several signals recorded together the one that fires is told', () => {
  const { events, add } = recording('incident/shop/1')
  const signal = {
    id: '1',
    key: 'k',
    source: 'checks',
    measured: true,
    service: 'shop',
    at: '',
    summary: 'all pass',
    symptoms: [],
    labels: {},
    links: [],
  }
  const firing = { ...signal, id: '2', source: 'prometheus', status: 'firing', summary: '6 of 21 failed' } as const
  add(0, 'signal.observed', { ...signal, status: 'resolved', also: [firing] })
  expect(summaries(events)).toEqual(['prometheus: 6 of 21 failed, with 1 more signal'])
})

test('an unknown type is shown with what it has, not dropped', () => {
  const { events, addAny } = recording('incident/shop/1')
  addAny(0, 'mesh.rebalanced', { weight: 3 })
  expect(timelineEntries(events)).toMatchObject([{ type: 'mesh.rebalanced', summary: '{"weight":3}' }])
})

test('events of other hands, with half of their data or none, say "unknown" and never 0 or undefined', () => {
  const { events, addAny } = recording('incident/shop/1')
  for (const { type } of oneOfEach('x')) {
    addAny(0, type, {})
    addAny(0, type, null as never)
    addAny(0, type, {
      reasons: 'x',
      tests: 7,
      items: { a: 1 },
      requests: 'many',
      also: null,
      receipt: 'x',
      to: 5,
      from: [],
    })
  }
  for (const summary of summaries(events)) expect(summary).not.toMatch(/undefined|NaN|\[object/)
  expect(summaries(events.slice(0, 1))).toEqual(['unknown: unknown'])
})

test('a redacted event says that it is, and why', () => {
  const { events, addAny } = recording('incident/shop/1')
  const event = addAny(0, 'note.added', { by: 'mia', text: 'x' })
  const { salt: _salt, ...rest } = event
  expect(summaries([{ ...rest, data: { redacted: 'a customer’s name' }, dataDigest: 'd' }])).toEqual([
    'redacted: a customer’s name',
  ])
  expect(events).toHaveLength(1)
})

test('it is in the order in which things happened; at the same time as recorded', () => {
  const { events, addAny } = recording('incident/shop/1')
  addAny(10, 'a.first', {})
  addAny(5, 'b.late', {})
  addAny(10, 'c.second', {})
  expect(timelineEntries(events).map(({ type }) => type)).toEqual(['b.late', 'a.first', 'c.second'])
  expect(timelineEntries(events.toReversed()).map(({ type }) => type)).toEqual(['b.late', 'c.second', 'a.first'])
})

test('an event whose time cannot be read stands where it was recorded', () => {
  const { events, addAny } = recording('incident/shop/1')
  addAny(1, 'a.first', {})
  const odd = addAny(2, 'b.odd', {})
  addAny(3, 'c.last', {})
  const list = events.map((event) => (event === odd ? { ...event, at: 'yesterday' } : event))
  expect(timelineEntries(list).map(({ type }) => type)).toEqual(['a.first', 'b.odd', 'c.last'])
  expect(renderTimeline(list)).toContain('unknown  b.odd')
})

test('times are those of the readers’ zone', () => {
  const [first] = renderTimeline(badDeploy(), { timeZone: 'Europe/Berlin' }).split('\n')
  expect(first).toMatch(/^03:02:25 CET {2}signal\.observed +prometheus: 171 of 610/)
  expect(renderTimeline(badDeploy())).toMatch(/^02:02:25 UTC/)
})

test('a page in words: what it did, whom it reached, how late', () => {
  expect(summaries(badDeploy())).toContain('trigger to manager by sms: delivered, wakes, 1.8 s after it was due')
})

test('as Markdown it is a table with a row for each event', () => {
  const lines = renderTimeline(badDeploy(), { format: 'markdown' }).split('\n')
  expect(lines).toHaveLength(badDeploy().length + 2)
  expect(lines[2]).toBe('| 02:02:25 UTC | signal.observed | prometheus: 171 of 610 requests failed (28 %) | 1 |')
})

test('what is no list of events, no format or no zone is refused, and the option named', () => {
  expect(() => renderTimeline(undefined as never)).toThrow(/^events: is no list of events/)
  expect(() => renderTimeline([7 as never])).toThrow(/^events\[0\]: is no recorded event/)
  expect(() => renderTimeline([], { format: 'pdf' as never })).toThrow(/^format: is pdf/)
  expect(() => renderTimeline(badDeploy(), { timeZone: 'Mars/Olympus' })).toThrow(InvalidInput)
})

test('nothing gives nothing', () => {
  expect(renderTimeline([])).toBe('')
  expect(timelineEntries([])).toEqual([])
})
