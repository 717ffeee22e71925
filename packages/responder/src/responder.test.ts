import { expect, test } from 'vitest'
import { activeHold, createBus, isEvent, seededRandom, type IncidentLog, type Part } from '@firebreak/core'
import { createTestClock } from '@firebreak/core/testing'
import { memoryLog } from '@firebreak/incident-log'
import { createResponder, createResolver, type AnyPart } from './index.ts'
import { outage } from './responder.fixture.ts'

function setUp(parts: readonly AnyPart[], givenLog?: IncidentLog, seed = 7) {
  const clock = createTestClock()
  const log = givenLog ?? memoryLog({ clock })
  const random = seededRandom(seed)
  const seen: string[] = []
  const bus = createBus()
  for (const type of [
    'incident.opened',
    'incident.assessed',
    'incident.resolved',
    'action.started',
    'action.finished',
    'incident.reopened',
    'incident.escalated',
  ] as const)
    bus.on(type, () => seen.push(type))
  const responder = createResponder({ log, parts, clock, random, bus })
  return { clock, log, responder, seen }
}

test('a signal with a level opens one incident, and the same signal again changes nothing', async () => {
  const { clock, responder, seen } = setUp([])
  const signal = outage(clock)
  await responder.ingest(signal)
  await responder.ingest(signal)
  expect(seen).toEqual(['incident.opened', 'incident.assessed'])
  const incident = await responder.incident('shop')
  expect(incident).toMatchObject({ stream: 'incident/shop/1', severity: 'P0', status: 'open' })
})

test('an effect is claimed, performed once, and its outcome recorded with the claim', async () => {
  const performed: string[] = []
  const part: Part = {
    name: 'caller',
    plan: () => [{ key: 'call', why: 'somebody must', effect: { number: 1 } }],
    async perform({ effect }, { idempotencyKey, subject }) {
      performed.push(`${JSON.stringify(effect)} ${idempotencyKey.length > 0}`)
      return {
        events: [
          { type: 'note.added', actor: 'caller', data: { service: subject.service, by: 'caller', text: 'called' } },
        ],
      }
    },
  }
  const { clock, responder } = setUp([part])
  await responder.ingest(outage(clock))
  await clock.run(responder.tick())
  await clock.run(responder.tick())
  expect(performed).toEqual(['{"number":1} true'])
  const incident = await responder.incident('shop')
  expect(incident.actions.get('call')?.finished?.outcome).toBe('done')
  expect(incident.notes).toHaveLength(1)
})

test('a future action waits for its time', async () => {
  const { clock, responder, seen } = setUp([createResolver()])
  await responder.ingest(outage(clock))
  await clock.advance(1_000)
  await responder.ingest(outage(clock, { status: 'resolved' }))
  const nextAt = await clock.run(responder.tick())
  expect(seen).not.toContain('incident.resolved')
  expect(nextAt).toBeLessThanOrEqual(clock.now() + 600_000)
  expect((await responder.forecast('shop')).map(({ key }) => key.split('/')[0])).toEqual(['resolve'])
  await clock.advance(600_000)
  await clock.run(responder.tick())
  expect((await responder.incident('shop')).status).toBe('resolved')
})

test('a started responder, told of its own appends late, wakes up for what a signal made due', async () => {
  const clock = createTestClock()
  const inner = memoryLog({ clock })
  const log: IncidentLog = {
    ...inner,
    subscribe: (listener) => inner.subscribe!((streams) => void clock.sleep(1_000).then(() => listener(streams))),
  }
  const bakeMs = { P0: 8_000, P1: 8_000, P2: 8_000, P3: 8_000 }
  const responder = createResponder({ log, clock, parts: [createResolver({ bakeMs })] })
  await responder.start()
  await responder.ingest(outage(clock))
  await clock.advance(15_000)
  await responder.ingest(outage(clock, { status: 'resolved' }))
  await clock.advance(9_000)
  expect((await responder.incident('shop')).status).toBe('resolved')
  await clock.run(responder.stop())
})

test('an action that throws is tried again by its rule, then given up and a person is told', async () => {
  let calls = 0
  const part: Part = {
    name: 'caller',
    plan: () => [{ key: 'call', why: 'somebody must', effect: null }],
    async perform() {
      calls += 1
      throw new Error('no line')
    },
  }
  const { clock, responder } = setUp([part])
  await responder.ingest(outage(clock))
  await responder.start()
  await clock.advance(10 * 60_000)
  await clock.run(responder.stop())
  expect(calls).toBe(5)
  const incident = await responder.incident('shop')
  expect(incident.actions.get('call')?.finished?.outcome).toBe('failed')
  expect(incident.escalations.map(({ why }) => why)).toEqual(['call failed after 5 attempts: no line'])
  expect(clock.pending).toBe(0)
})

test('a part that cannot plan does not stop the others, and a person is told once', async () => {
  const broken: Part = {
    name: 'broken',
    plan() {
      throw new Error('no idea')
    },
  }
  const { clock, responder } = setUp([broken, createResolver()])
  await responder.ingest(outage(clock))
  await responder.ingest(outage(clock, { status: 'resolved' }))
  await clock.run(responder.tick())
  await clock.advance(600_000)
  await clock.run(responder.tick())
  const incident = await responder.incident('shop')
  expect(incident.status).toBe('resolved')
  expect(incident.escalations).toHaveLength(1)
})

test('two responders on one log open one incident and perform each action once', async () => {
  const performed: string[] = []
  const part = (name: string): Part => ({
    name: 'caller',
    plan: () => [{ key: 'call', why: 'somebody must', effect: null }],
    async perform() {
      performed.push(name)
      return { events: [] }
    },
  })
  const log = memoryLog()
  const one = setUp([part('one')], log)
  const two = setUp([part('two')], log)
  await Promise.all([
    one.responder.ingest(outage(one.clock, { id: 'a' })),
    two.responder.ingest(outage(two.clock, { id: 'b', key: 'tcp' })),
  ])
  await Promise.all([one.clock.run(one.responder.tick()), two.clock.run(two.responder.tick())])
  await one.clock.run(one.responder.tick())
  expect(performed).toHaveLength(1)
  const numbers: number[] = []
  for await (const { number } of log.list()) numbers.push(number)
  expect(numbers).toEqual([1])
})

test('what a dead responder left is taken over after its deadline, with the recorded effect', async () => {
  const log = memoryLog()
  const effects: string[] = []
  const hanging: Part = {
    name: 'caller',
    plan: () => [{ key: 'call', why: 'somebody must', effect: 'the first', leaseMs: 10_000 }],
    perform: () => new Promise(() => undefined),
  }
  const taking: Part = {
    name: 'caller',
    plan: () => [{ key: 'call', why: 'somebody must', effect: 'another', leaseMs: 10_000 }],
    async perform({ effect }, { takeover, attempt }) {
      effects.push(`${JSON.stringify(effect)} ${takeover} ${attempt}`)
      return { events: [] }
    },
  }
  const dead = setUp([hanging], log)
  await dead.responder.ingest(outage(dead.clock))
  await dead.responder.step()
  const alive = setUp([taking], log, 8)
  await alive.clock.advance(8_000)
  await alive.clock.run(alive.responder.tick())
  expect(effects).toEqual([])
  await alive.clock.advance(2_000)
  await alive.clock.run(alive.responder.tick())
  expect(effects).toEqual(['"the first" true 2'])
})

test('a service that falls ill again soon reopens its incident; later it gets a new one', async () => {
  const { clock, responder, seen } = setUp([createResolver()])
  const ill = async () => {
    await clock.advance(1_000)
    await responder.ingest(outage(clock))
  }
  const well = async () => {
    await clock.advance(1_000)
    await responder.ingest(outage(clock, { status: 'resolved' }))
    await clock.advance(600_000)
    await clock.run(responder.tick())
  }
  await ill()
  await well()
  await clock.advance(60_000)
  await ill()
  expect(seen).toContain('incident.reopened')
  await well()
  await clock.advance(31 * 60_000)
  await ill()
  expect((await responder.incident('shop')).number).toBe(2)
})

test('a hold stops performing, and acting goes on when it is released', async () => {
  const held: boolean[] = []
  const part: Part = {
    name: 'writer',
    plan: () => [{ key: 'write', why: 'now', effect: null }],
    async perform(_action, context) {
      held.push(context.held())
      return { events: [] }
    },
  }
  const { clock, responder } = setUp([part])
  await responder.hold({ by: 'mia', reason: 'looking at it', service: 'shop' })
  await responder.ingest(outage(clock))
  await clock.run(responder.tick())
  expect(held).toEqual([false])
})

test('what a hold puts off again and again has not failed: it is done when the hold is over', async () => {
  let held = true
  const part: Part = {
    name: 'writer',
    plan: () => [{ key: 'write', why: 'it must', effect: null }],
    async perform() {
      if (held) throw Object.assign(new Error('on hold'), { code: 'HELD', retryAfterMs: 15_000 })
      return { events: [] }
    },
  }
  const { clock, responder, seen } = setUp([part])
  await clock.run(responder.start())
  await responder.ingest(outage(clock))
  await clock.advance(600_000)
  expect(seen).not.toContain('incident.escalated')
  held = false
  await clock.advance(60_000)
  expect((await responder.incident('shop')).actions.get('write')?.finished?.outcome).toBe('done')
  await clock.run(responder.stop())
})

test('a hold that ends by itself wakes what it held, though nothing else happens', async () => {
  const seen: number[] = []
  const part: Part = {
    name: 'writer',
    plan: (_incident, { now, service }) =>
      activeHold(service, now) === undefined ? [{ key: 'write', why: 'it must', effect: null }] : [],
    async perform(_action, { clock }) {
      seen.push(clock.now())
      return { events: [] }
    },
  }
  const { clock, responder } = setUp([part])
  await clock.run(responder.start())
  const until = clock.now() + 600_000
  await responder.hold({ by: 'mia', reason: 'let me look', until: new Date(until).toISOString() })
  await responder.ingest(outage(clock))
  await clock.advance(660_000)
  expect(seen).toEqual([until])
  await clock.run(responder.stop())
})

test.each(['tomorrow', '2026-11-22T00:00:00Z'])('a hold until %s would hold nothing: it is refused', async (until) => {
  const { responder } = setUp([])
  await expect(responder.hold({ by: 'mia', reason: 'stop', until })).rejects.toMatchObject({ code: 'INVALID_INPUT' })
})

test('a release that releases nothing says so', async () => {
  const { clock, log, responder } = setUp([])
  const hold = await responder.hold({ by: 'mia', reason: 'let me look', service: 'shop' })
  const other = createResponder({ log, parts: [], clock, random: seededRandom(8) })
  await expect(other.release(hold, { by: 'mia' })).rejects.toMatchObject({ code: 'UNKNOWN_HOLD' })
  await other.release(hold, { by: 'mia', service: 'shop' })
})

test('a responder that sees less does not lower what another has raised', async () => {
  const { clock, log, responder } = setUp([])
  const other = createResponder({ log, parts: [], clock, random: seededRandom(8) })
  await clock.run(Promise.all([responder.start(), other.start()]))
  const edge = (ratio: number) =>
    outage(clock, { key: 'edge', symptoms: [{ kind: 'errorRate', ratio, requests: 1_000, windowMs: 60_000 }] })
  const both = async (one: number, two: number) => {
    await clock.advance(15_000)
    await Promise.all([responder.ingest(edge(one)), other.ingest(edge(two))])
  }
  for (let turn = 0; turn < 3; turn += 1) await both(0.8, 0.02)
  await clock.advance(60_000)
  const levels = async () => {
    const events = await Array.fromAsync(log.read('incident/shop/1'))
    return events.flatMap((event) => (isEvent(event, 'incident.assessed') ? [event.data.severity] : []))
  }
  expect(await levels()).toEqual(['P0'])
  await clock.run(Promise.all([responder.stop(), other.stop()]))
})

test('of many effects of one incident, no more are claimed than can be finished in their lease, many by one append', async () => {
  let together = 0
  let most = 0
  const part: Part = {
    name: 'many',
    plan: () => Array.from({ length: 200 }, (_, index) => ({ key: `call/${index}`, why: 'so many', effect: index })),
    async perform() {
      together += 1
      most = Math.max(most, together)
      await new Promise((resolve) => setImmediate(resolve))
      together -= 1
      return { events: [] }
    },
  }
  const { clock, log, responder } = setUp([part])
  await responder.ingest(outage(clock))
  let appends = 0
  const append = log.append.bind(log)
  log.append = async (writes) => {
    if (writes.some(({ events }) => events.some(({ type }) => type === 'action.started'))) appends += 1
    return append(writes)
  }
  await clock.run(responder.tick())
  const { actions } = await responder.incident('shop')
  expect(Array.from(actions.values(), ({ finished }) => finished?.outcome)).toEqual(Array(200).fill('done'))
  expect(most).toBe(64)
  expect(appends).toBeLessThan(200)
})

test('a hold on everything that another responder placed is known before the first write, and holds the plans', async () => {
  const seen: string[] = []
  const part: Part = {
    name: 'writer',
    plan: (_incident, { now, service }) =>
      activeHold(service, now) === undefined
        ? [{ key: 'write', why: 'it must', effect: null, notBefore: Date.parse('2026-11-23T02:01:00Z') }]
        : [],
    async perform(_action, context) {
      seen.push(context.held() ? 'written' : 'held')
      return { events: [] }
    },
  }
  const { clock, log, responder } = setUp([part])
  const other = createResponder({ log, parts: [], clock, random: seededRandom(8) })
  await clock.run(Promise.all([responder.start(), other.start()]))
  await responder.ingest(outage(clock))
  await clock.advance(1_000)
  const hold = await other.hold({ by: 'mia', reason: 'let me look' })
  await clock.advance(120_000)
  expect(seen).toEqual([])
  await other.release(hold, { by: 'mia' })
  await clock.advance(1_000)
  expect(seen).toEqual(['written'])
  await clock.run(Promise.all([responder.stop(), other.stop()]))
})

test('who hears of a service by the log alone does not raise again what was lowered on later signals', async () => {
  const clock = createTestClock()
  const log = memoryLog({ clock })
  const first = createResponder({ log, parts: [], clock, random: seededRandom(1) })
  const second = createResponder({ log, parts: [], clock, random: seededRandom(2) })
  await first.ingest(outage(clock))
  await first.start()
  await second.start()
  await clock.advance(1_000)
  for (let look = 0; look < 15; look += 1) {
    await first.ingest(outage(clock, { status: 'resolved', symptoms: [] }))
    await clock.advance(15_000)
  }
  const levels: string[] = []
  for await (const event of log.read('incident/shop/1'))
    if (isEvent(event, 'incident.assessed')) levels.push(event.data.severity)
  expect(levels.slice(0, 2)).toEqual(['P0', 'P1'])
  expect(levels).toEqual(levels.toSorted())
  await Promise.all([clock.run(first.stop()), clock.run(second.stop())])
})

test('a figure that is worse than what was recorded of it is recorded: who reads the log does not lower the level', async () => {
  const clock = createTestClock()
  const log = memoryLog({ clock })
  const watching = createResponder({ log, parts: [], clock, random: seededRandom(1) })
  const reading = createResponder({ log, parts: [], clock, random: seededRandom(2) })
  await watching.start()
  await reading.start()
  const sees = async (ratio: number) => {
    const symptoms = [{ kind: 'errorRate', ratio, requests: 1_200, windowMs: 60_000 }] as const
    await watching.ingest(outage(clock, { status: ratio >= 0.01 ? 'firing' : 'resolved', symptoms }))
    await clock.advance(15_000)
  }
  for (const ratio of [0.2, 0.2, 0.2, 0.2, 0.06, 0.06, 0.06, 0, 0, 0.02]) await sees(ratio)
  for (let look = 0; look < 6; look += 1) await sees(0.2)
  const levels: string[] = []
  for await (const event of log.read('incident/shop/1'))
    if (isEvent(event, 'incident.assessed')) levels.push(event.data.severity)
  expect(levels).toEqual(['P1'])
  await Promise.all([clock.run(watching.stop()), clock.run(reading.stop())])
})

test('a claim fails where a hold was placed that its process has not been told of', async () => {
  const clock = createTestClock()
  const log = memoryLog({ clock })
  const deaf: IncidentLog = { ...log, subscribe: () => ({ close: () => undefined, [Symbol.dispose]: () => undefined }) }
  const performed: string[] = []
  const part: Part = {
    name: 'fixer',
    plan: (_incident, { now, service }) =>
      activeHold(service, now) === undefined ? [{ key: 'fix', why: 'it is broken', effect: {} }] : [],
    async perform({ key }) {
      performed.push(key)
      return { events: [] }
    },
  }
  const other = createResponder({ log, parts: [], clock, random: seededRandom(1) })
  const late = createResponder({ log: deaf, parts: [part], clock, random: seededRandom(2) })
  await late.start()
  await other.hold({ by: 'mia', reason: 'let me look' })
  await late.ingest(outage(clock))
  await clock.advance(5_000)
  expect(performed).toEqual([])
  await clock.run(late.stop())
})

test('what an echo hid of another is planned for at the next look, and a look that finds nothing plans nothing', async () => {
  const clock = createTestClock()
  const inner = memoryLog({ clock })
  let tell = (_streams: readonly string[]) => undefined as void
  const log: IncidentLog = {
    ...inner,
    subscribe(listener) {
      tell = listener
      return { close: () => undefined, [Symbol.dispose]: () => undefined }
    },
  }
  const notes: number[] = []
  const part: Part = {
    name: 'reader',
    plan(incident) {
      notes.push(incident.notes.length)
      return []
    },
  }
  const responder = createResponder({ log, parts: [part], clock, random: seededRandom(7) })
  await responder.start()
  await responder.ingest(outage(clock))
  tell(['incident/shop/1'])
  await clock.advance(3_000)
  const before = notes.length

  await responder.ingest(outage(clock, { key: 'tcp', symptoms: [{ kind: 'stated', severity: 'P2' }] }))
  tell(['incident/shop/1'])
  await clock.advance(3_000)
  expect(notes.slice(before)).toEqual([0])

  await responder.ingest(outage(clock, { key: 'dns', symptoms: [{ kind: 'stated', severity: 'P2' }] }))
  const { version } = await responder.incident('shop')
  const data = { service: 'shop', by: 'mia', text: 'looking' }
  const events = [{ type: 'note.added', actor: 'person:mia', data }]
  await inner.append([{ stream: 'incident/shop/1', events, expected: version }])
  tell(['incident/shop/1'])
  await clock.advance(3_000)
  expect(notes.at(-1)).toBe(1)
  await clock.run(responder.stop())
})
