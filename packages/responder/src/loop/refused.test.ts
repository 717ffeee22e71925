import { expect, test } from 'vitest'
import { seededRandom, type Desk, type Notifier, type Part } from '@firebreak/core'
import { createTestClock } from '@firebreak/core/testing'
import { memoryLog } from '@firebreak/incident-log'
import { createPager } from '@firebreak/notify'
import { createResponder } from '../index.ts'
import { outage } from '../responder.fixture.ts'

const noted = { type: 'note.added', actor: 'good', data: { service: 'shop', by: 'good', text: 'done' } }
/** A part that does its duty: one record, one effect. */
const good: Part = {
  name: 'good',
  plan: () => [
    { key: 'record', why: 'a duty', record: { events: [noted] } },
    { key: 'effect', why: 'another', effect: {} },
  ],
  perform: async () => ({ events: [] }),
}
const phone: Notifier = { name: 'phone', reach: 'wake', send: async () => ({ state: 'delivered' }) }
const own = (data: unknown) => ({ type: 'own.thing', actor: 'bad', data })
const circular: Record<string, unknown> = {}
circular['itself'] = circular

const plans: Record<string, () => unknown> = {
  'gives nothing': () => undefined,
  'is async': async () => [],
  'gives no action': () => [null],
  'gives an action without a key': () => [{ why: 'x', effect: {} }],
  'gives a time that is none': () => [{ key: 'x', why: 'x', notBefore: Number.NaN, effect: {} }],
  'gives a record without events': () => [{ key: 'x', why: 'x', record: {} }],
  'records what JSON cannot hold': () => [{ key: 'x', why: 'x', record: { events: [own({ ratio: Number.NaN })] } }],
  'records an event without a type': () => [{ key: 'x', why: 'x', record: { events: [{ ...own({}), type: '' }] } }],
  'cannot put its record into words': () => [
    {
      key: 'x',
      why: 'x',
      get record(): never {
        throw new Error('boom')
      },
    },
  ],
  'claims for ever': () => [{ key: 'x', why: 'x', effect: {}, leaseMs: Infinity }],
  'throws what has no words': () => {
    throw Object.create(null)
  },
  'wants an effect that JSON cannot hold': () => [{ key: 'x', why: 'x', effect: circular }],
}

test.each(Object.entries(plans))('a part whose plan %s stops no other, and a person is told', async (_, plan) => {
  const clock = createTestClock()
  const bad = { name: 'bad', plan, perform: async () => ({ events: [] }) } as unknown as Part
  const responder = createResponder({ log: memoryLog({ clock }), parts: [bad, good], clock, random: seededRandom(1) })
  await responder.ingest(outage(clock))
  await clock.run(responder.tick())
  const incident = await responder.incident('shop')
  expect(incident.notes.map(({ text }) => text)).toEqual(['done'])
  expect(incident.actions.get('effect')?.finished?.outcome).toBe('done')
  expect(incident.escalations.map(({ to, why }) => `${to} ${why.slice(0, 27)}`)).toEqual([
    'engineer the part bad failed to plan',
  ])
  const { version } = incident
  await clock.run(responder.tick())
  expect((await responder.incident('shop')).version).toBe(version)
})

test('what is not to be recorded yet is not put into words', async () => {
  const clock = createTestClock()
  let worded = 0
  const later = clock.now() + 60_000
  const lazy: Part = {
    name: 'lazy',
    plan: () => [
      {
        key: 'note',
        why: 'later',
        notBefore: later,
        get record() {
          worded += 1
          return { events: [noted] }
        },
      },
    ],
  }
  const responder = createResponder({ log: memoryLog({ clock }), parts: [lazy], clock, random: seededRandom(1) })
  await responder.ingest(outage(clock))
  await clock.run(responder.tick())
  expect(worded).toBe(0)
  clock.jump(60_000)
  await clock.run(responder.tick())
  expect((await responder.incident('shop')).notes).toHaveLength(1)
  expect(worded).toBe(1)
})

test('an id that the log knows with other words stops no other part, and is not tried for ever', async () => {
  const clock = createTestClock()
  const told = { id: 'freeze/shop', type: 'deploys.frozen', actor: 'freezer' }
  const log = memoryLog({ clock })
  await log.append([
    { stream: 'service/shop', expected: 'dedupe', events: [{ ...told, data: { by: 'somebody else' } }] },
  ])
  let appends = 0
  const counted = {
    ...log,
    append: async (writes: Parameters<typeof log.append>[0]) => {
      appends += 1
      // Else a loop without end would leave this test no turn.
      if (appends > 100) return new Promise<never>(() => undefined)
      return log.append(writes)
    },
  }
  const freezer: Part = {
    name: 'freezer',
    plan: () => [
      {
        key: 'freeze',
        why: 'x',
        record: { events: [], tell: [{ to: 'service/shop', event: { ...told, data: { by: 'freezer' } } }] },
      },
    ],
  }
  const responder = createResponder({ log: counted, parts: [freezer, good], clock, random: seededRandom(1) })
  await responder.ingest(outage(clock))
  await clock.run(responder.tick())
  const incident = await responder.incident('shop')
  expect(incident.notes.map(({ text }) => text)).toEqual(['done'])
  expect(incident.escalations[0]?.why).toContain('the part freezer failed to plan')
  expect(appends).toBeLessThan(20)
})

test('a part over desks that fails to plan is named once', async () => {
  const clock = createTestClock()
  const errors: unknown[] = []
  const logger = { debug() {}, info() {}, warn() {}, error: (...said: unknown[]) => void errors.push(said) }
  const bad: Part<Desk> = {
    name: 'bad',
    over: 'desk',
    plan: () => {
      throw new Error('a bug')
    },
  }
  const pager = createPager({ people: { manager: [phone], engineer: [phone] } })
  const responder = createResponder({
    log: memoryLog({ clock }),
    parts: [...pager, bad],
    clock,
    random: seededRandom(1),
    logger,
  })
  await responder.start()
  await responder.ingest(outage(clock))
  await clock.advance(60_000)
  await clock.run(responder.stop())
  const said = errors.filter((it) => JSON.stringify(it).includes('a part failed to plan'))
  expect(new Set(said.map((it) => JSON.stringify(it))).size).toBe(said.length)
  expect(said.length).toBeGreaterThan(0)
})
