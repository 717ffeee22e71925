import type { RecordedEvent } from '@firebreak/core'
import { expect, test } from 'vitest'
import { narrate } from './narrate.ts'
import { images, shortImage } from './story.ts'

const lines = (type: string, data: object) =>
  narrate({ type, data } as RecordedEvent, { logWord: ' --log out' }).map(({ step, text }) => `${step}: ${text}`)

test('a level is told by the reasons that made it, not by lesser ones', () => {
  const detail = { failed: 15, requests: 21, windowMs: 1_000 }
  const reasons = [
    { level: 'P0', rule: 'errorRate', observed: 0.71, threshold: 0.5, detail: { ...detail, exclusive: true } },
    { level: 'P1', rule: 'errorRate', observed: 0.67, threshold: 0.1, detail: { ...detail, unconfirmed: 'P0' } },
  ]
  const [line = ''] = lines('incident.assessed', { service: 'shop', severity: 'P0', reasons })
  expect(line).toMatch(/^P0: error rate 71 % is over 50 %/)
  expect(line).not.toContain('once seen again')
})

test('the way to stop a rollback is a command that works as it is typed', () => {
  const from = { version: 3, image: images.shipped.ref }
  const to = { version: 2, image: images.good.ref }
  expect(lines('rollback.planned', { service: 'shop', from, to })).toEqual([
    'rollback: v3 e7a941 -> v2 4be1c0, one machine first      stop it: firebreak hold -a shop --log out',
  ])
})

test('before the first write every guard is spelt out, and what is not fine says what was seen', () => {
  const ends = { from: { version: 3, image: images.shipped.ref }, to: { version: 2, image: images.good.ref } }
  const guard = (name: string, verdict: string, observed = 'so') => ({ guard: name, verdict, observed })
  const guards = (...all: object[]) =>
    lines('rollback.planned', { service: 'shop', ...ends, document: { plan: { guards: all } } })
  expect(guards(guard('target', 'ok'), guard('hold', 'ok'))[0]).toBe('guards: proven target, no hold: all ok')
  expect(guards(guard('hold', 'ok'), guard('secrets', 'warn', 'v2 changed secrets')).slice(0, 2)).toEqual([
    'guards: no hold: ok',
    ': secrets: v2 changed secrets',
  ])
})

test('an image has one name in the whole story', () => {
  expect([shortImage(images.good.ref), shortImage(images.shipped.ref)]).toEqual(['4be1c0', 'e7a941'])
  expect(shortImage('shop:v9')).toBe('v9')
})

test('the six tests have the names that people use', () => {
  const tests = ['otherCause', 'goodBefore'].map((test) => ({ test, answer: 'no', why: 'so' }))
  expect(lines('release.suspected', { verdict: 'not-suspected', release: { version: 3 }, tests })).toEqual([
    'suspect: v3: 0 of 2 tests hold: not suspected',
    ': no other cause no      so',
    ': good before    no      so',
  ])
})

test('of a test the answer is painted, not its name', () => {
  const tests = [{ test: 'otherCause', answer: 'no', why: 'no other' }]
  const event = { type: 'release.suspected', data: { verdict: 'not-suspected', tests } } as unknown as RecordedEvent
  const [, { text, painted } = { text: '', painted: '' }] = narrate(event, { logWord: '' })
  expect(text.replace(painted ?? '', '<>')).toBe('no other cause <>no other')
})
