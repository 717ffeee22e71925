import { seal } from '@firebreak/core'
import { describe, expect, test } from 'vitest'
import { badDeploy } from './fixtures/bad-deploy.ts'
import { oneOfEach } from './fixtures/one-of-each.ts'
import { recording } from './fixtures/recording.ts'
import { postmortemBlanks, renderPostmortem } from './index.ts'

const markdown = (events = badDeploy()) => renderPostmortem(events, { format: 'markdown', timeZone: 'Europe/Berlin' })
const html = (events = badDeploy()) => renderPostmortem(events, { format: 'html', timeZone: 'Europe/Berlin' })
const section = (document: string, title: string) => document.split(`\n## ${title}\n`)[1]?.split('\n## ')[0] ?? ''

test('the same events give the same bytes', () => {
  expect(markdown()).toBe(markdown())
  expect(html()).toBe(html())
})

test('the sections are those of a post-mortem, in order', () => {
  expect([...markdown().matchAll(/^## (.+)$/gm)].map(([, title]) => title)).toEqual([
    'Summary',
    'Impact',
    'Root cause',
    'Detection and response',
    'Mitigation and resolution',
    'Responders',
    'Lessons',
    'Action items',
    'Open questions',
    'Timeline',
    'Where this comes from',
  ])
  expect([...html().matchAll(/<h2[^>]*>([^<]+)</g)]).toHaveLength(11)
})

test('every sentence of fact names the event that it is from', () => {
  const facts = ['Summary', 'Impact', 'Mitigation and resolution', 'Lessons', 'Timeline'].flatMap((title) =>
    section(markdown(), title)
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('>') && !/^\| (?:---|Time )/.test(line)),
  )
  expect(facts.length).toBeGreaterThan(35)
  for (const line of facts) expect(line).toMatch(/ \((?:e\d+(?:–e\d+)?(?:, )?)+\)(?: \|)?$/)
})

test('in HTML the reference leads to its row in the timeline', () => {
  const document = html()
  const targets = [...document.matchAll(/href="#(e\d+)"/g)].map(([, id]) => id)
  expect(targets.length).toBeGreaterThan(40)
  for (const id of targets) expect(document.split(` id="${id}"`), id).toHaveLength(2)
})

test('each duration stands beside its rule', () => {
  const table = section(markdown(), 'Detection and response')
  expect(table).toContain(
    '| Detected | 15 s | 2026-11-23 03:02:25 CET (e1) | from the onset to the first firing signal',
  )
  expect(table).toContain(
    '| Acknowledged | 3 min 50 s | 2026-11-23 03:06:00 CET (e22) | from the onset to the first acknowledgement |',
  )
  expect(table).toContain('| P0 | 5 min 45 s |')
  expect(table).toContain('The longest time without an acknowledgement was 3 min 20 s. (e22)')
})

test('what nobody knows is told as unknown, never as 0', () => {
  const { events, add } = recording('incident/shop/1')
  add(0, 'incident.opened', { service: 'shop', code: '7K42', number: 1, onsetAt: '2026-11-23T02:02:00Z' })
  const document = markdown(events)
  expect(document).toContain('| Resolved | unknown | unknown |')
  expect(document).toContain('was not resolved when this was written')
  expect(document).toContain('Not in the log: when it was paged, acknowledged, mitigated, verified, resolved.')
  expect(document).toContain('Nothing was measured of what users felt.')
})

describe('what a person has to add', () => {
  test('is marked as a blank and never filled in: cause, lessons, owners and dates', () => {
    const blanks = postmortemBlanks(badDeploy())
    expect(blanks).toEqual([
      'Summary',
      'Customers and business',
      'Root cause',
      'Contributing factors',
      'What went well',
      'What went badly',
      'Where we got lucky',
      'owner',
      'date',
      'owner',
      'date',
      'what prevents this from happening again',
      'owner',
      'date',
      'Runbook',
      'Open questions',
      'Review',
    ])
    expect([...markdown().matchAll(/\*\*BLANK: ([^*]+?)\.?\*\*/g)].map(([, label]) => label)).toEqual(blanks)
    expect(
      [...html().matchAll(/class="blank"[^>]*>(?:<strong>)?To fill in: ([^<]+)</g)].map(([, label]) => label),
    ).toEqual(blanks)
  })

  test('has the action items that the log itself asks for, without an owner', () => {
    const table = section(markdown(oneOfEach('x')), 'Action items')
    expect(table).toContain(
      '| Mend or replace v3 x, which is quarantined (e16) | prevent | **BLANK: owner** | **BLANK: date** |',
    )
    expect(table).toContain('Find out how x ended: it is uncertain (e19)')
    expect(table).toContain('Find out why nobody on the route answered')
    expect(table).toContain('Mend the page to x by x')
    expect(table).toContain('See to it that this evidence can be saved: x')
  })
})

test('who took part is told by what the log says they did', () => {
  const table = section(markdown(), 'Responders')
  expect(table).toContain('| mia | acknowledged, noted (e22, e30) |')
  expect(table).toContain('| manager | was paged (e11) |')
})

test('the six tests stand with their answers', () => {
  expect(section(markdown(), 'Root cause')).toContain('| no other cause | yes | hotdash-llamaindex-mcp is healthy')
})

test('a run of routine events is one row that names them all; nothing is left out', () => {
  const rows = section(markdown(), 'Timeline')
  expect(rows).toContain('5 in a row until 03:07:05 CET; first prometheus: clear: 0 of 1310 requests failed (0 %)')
  expect(rows).toContain('(e23–e27)')
  const named = new Set(
    [...rows.matchAll(/e(\d+)(?:–e(\d+))?/g)].flatMap(([, from, until = from]) => {
      const first = Number(from)
      return Array.from({ length: Number(until) - first + 1 }, (_, index) => first + index)
    }),
  )
  expect(named.size).toBe(badDeploy().length)
})

describe('the head of the log', () => {
  test('is printed, with what the events show about their chain', () => {
    const events = badDeploy()
    const proof = section(markdown(events), 'Where this comes from')
    expect(proof).toContain(`| incident/hotdash-agent-service/7 | 31 | ${events.at(-1)?.hash} | 31 events, chain ok |`)
    expect(html(events)).toContain(events.at(-1)!.hash)
  })

  test('of a changed history is not confirmed, and says where', () => {
    const events = badDeploy().map((event) =>
      event.version === 30 ? { ...event, data: { service: 'x', by: 'mia', text: 'nothing happened' } } : event,
    )
    expect(markdown(events)).toContain('chain NOT confirmed at event 30: the content does not match its hash')
  })

  test('of a redacted history still holds', () => {
    const log = recording('incident/shop/1')
    const [opened] = [log.addAny(0, 'incident.opened', { service: 'shop' })]
    const dataDigest = 'a'.repeat(64)
    const event = {
      stream: 'incident/shop/1',
      version: 2,
      id: 'incident/shop/1@2',
      type: 'note.added',
      at: opened.at,
      recordedAt: opened.at,
      actor: 'x',
    }
    const redacted = { ...event, data: { redacted: 'a name' }, dataDigest, hash: seal(opened.hash, event, dataDigest) }
    expect(markdown([opened, redacted])).toContain('2 events, chain ok')
  })

  test('of a part of a stream is not checked, and says so', () => {
    expect(markdown(badDeploy().slice(5))).toContain('not checked: the first events are not here')
  })
})

describe('the page', () => {
  test('is one file that loads and runs nothing', () => {
    const document = html()
    expect(document).toContain(
      `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">`,
    )
    expect(document).not.toMatch(/<script|<img|<iframe|<object|<link|<form|<input|@import|url\(|\son\w+=|javascript:/i)
    expect([...document.matchAll(/\b(?:src|href)="([^"]*)"/g)].every(([, url]) => url?.startsWith('#'))).toBe(true)
  })

  test('can be read by everybody: language, one h1, headed tables, a described drawing, light and dark', () => {
    const document = html()
    expect(document).toMatch(/^<!doctype html>\n<html lang="en">/)
    expect([...document.matchAll(/<h1/g)]).toHaveLength(1)
    expect(document).toContain('<svg viewBox="0 0 960')
    expect(document).toMatch(/role="img" aria-labelledby="chart-title chart-text"/)
    expect(document).toContain(
      'began 0 s, detected 15 s, paged 1 min 18 s, mitigated 3 min 36 s, acknowledged 3 min 50 s, verified 5 min, resolved 15 min',
    )
    expect([...document.matchAll(/<table/g)].length).toBe([...document.matchAll(/<caption>/g)].length)
    expect(document).not.toMatch(/<th>/)
    expect(document).toContain('prefers-color-scheme:dark')
    const ids = [...document.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id)
    expect(new Set(ids).size).toBe(ids.length)
  })

  test('closes every element that it opens', () => {
    const open: string[] = []
    const crossed: string[] = []
    const empty = new Set(['meta', 'rect', 'line'])
    for (const [tag, slash, name = ''] of html(oneOfEach('x')).matchAll(/<(\/?)([a-z0-9]+)[^>]*>/g)) {
      if (empty.has(name)) continue
      if (slash === '') open.push(name)
      else if (open.pop() !== name) crossed.push(tag)
    }
    expect([open, crossed]).toEqual([[], []])
  })
})

test('events of other hands and of several streams are a document too', () => {
  const own = recording('incident/shop/1')
  own.addAny(0, 'incident.opened', { service: 'shop' })
  own.addAny(1, 'page.sent', { to: 'manager', receipt: { state: 'accepted' } })
  own.addAny(2, 'incident.resolved', {})
  const desk = recording('desk/manager/2026-11-23')
  desk.addAny(1, 'digest.sent', { to: 'manager' })
  const document = markdown([...own.events, ...desk.events])
  expect(document).toContain('# Post-mortem 1: shop')
  expect(document).toContain('(desk/manager/2026-11-23 e1)')
  expect(document).toContain('| desk/manager/2026-11-23 | 1 |')
  expect(html([...own.events, ...desk.events])).toContain('desk/manager/2026-11-23 e1')
  expect(markdown([])).toContain('# Post-mortem unknown: unknown')
  expect(html([])).toContain('</html>')
})

test('what is no format is refused', () => {
  expect(() => renderPostmortem([], { format: 'pdf' as never })).toThrow(/^format: is pdf; it must be markdown or html/)
})
