import { expect, test } from 'vitest'
import {
  deskStream,
  seededRandom,
  type Alarm,
  type Desk,
  type IncidentLog,
  type PageRequested,
  type Part,
  type RecordAction,
} from '@firebreak/core'
import { createTestClock } from '@firebreak/core/testing'
import { memoryLog } from '@firebreak/incident-log'
import { createResponder } from '../responder.ts'
import { outage } from '../responder.fixture.ts'

function setUp(others: readonly (Part | Part<Desk>)[] = []) {
  const clock = createTestClock()
  const inner = memoryLog({ clock })
  let down = false
  let unread = false
  const log: IncidentLog = {
    ...inner,
    append: async (writes) => {
      if (down) throw new Error('disk full')
      return inner.append(writes)
    },
    async *read(...from) {
      if (unread) throw new Error('the disk is gone')
      yield* inner.read(...from)
    },
  }
  const alarms: Alarm[] = []
  const part: Part = {
    name: 'desk',
    plan: () => [],
    async alarm(alarm) {
      alarms.push(alarm)
    },
  }
  const responder = createResponder({ log, parts: [part, ...others], clock, random: seededRandom(1) })
  return {
    clock,
    responder,
    alarms,
    breakLog: (broken: boolean) => void (down = broken),
    loseLog: () => void (down = unread = true),
  }
}

test('15 s after the log began to refuse a P0, people are told from memory, then every 10 min', async () => {
  const { clock, responder, alarms, breakLog } = setUp()
  breakLog(true)
  await expect(responder.ingest(outage(clock))).rejects.toThrow('disk full')
  await clock.advance(14_999)
  expect(alarms).toEqual([])
  await clock.advance(1)
  expect(alarms.map(({ severity, title }) => `${severity} ${title}`)).toEqual([
    'P0 P0 shop: and the incident log is down, automation is off',
  ])
  await clock.advance(599_999)
  expect(alarms).toHaveLength(1)
  await clock.advance(1)
  expect(alarms).toHaveLength(2)
  await responder.stop()
  expect(clock.pending).toBe(0)
})

test('a log that is back ends the emergency, and the signal is taken when it is sent again', async () => {
  const { clock, responder, alarms, breakLog } = setUp()
  breakLog(true)
  const signal = outage(clock)
  await expect(responder.ingest(signal)).rejects.toThrow('disk full')
  breakLog(false)
  await responder.ingest(signal)
  await clock.advance(60_000)
  expect(alarms).toEqual([])
  expect((await responder.incident('shop')).severity).toBe('P0')
})

test('signals that are worth no append do not call the alarm off: they have not tried the log', async () => {
  const { clock, responder, alarms, breakLog } = setUp()
  await responder.ingest(outage(clock, { service: 'cart' }))
  breakLog(true)
  await expect(responder.ingest(outage(clock))).rejects.toThrow('disk full')
  for (let turn = 0; turn < 4; turn += 1) {
    await clock.advance(5_000)
    await responder.ingest(outage(clock, { service: 'cart' }))
  }
  expect(alarms).toHaveLength(1)
  await responder.stop()
})

test('without a P0 or P1 nobody is told that the log is down', async () => {
  const { clock, responder, alarms, breakLog } = setUp()
  breakLog(true)
  const warning = outage(clock, { symptoms: [{ kind: 'warning', detail: 'disk 80 %' }] })
  await expect(responder.ingest(warning)).rejects.toThrow('disk full')
  await clock.advance(60_000)
  expect(alarms).toEqual([])
  await responder.stop()
})

test('it is not said again that the log is down once it takes appends, though nobody repeats what it refused', async () => {
  const { clock, responder, alarms, breakLog } = setUp()
  await responder.ingest(outage(clock, { service: 'blog' }))
  breakLog(true)
  await expect(responder.ingest(outage(clock))).rejects.toThrow('disk full')
  await clock.advance(20_000)
  expect(alarms).toHaveLength(1)
  breakLog(false)
  await responder.note('blog', { by: 'mia', text: 'looking' })
  await clock.advance(3_600_000)
  expect(alarms).toHaveLength(1)
  breakLog(true)
  await expect(responder.ingest(outage(clock))).rejects.toThrow('disk full')
  await clock.advance(20_000)
  expect(alarms).toHaveLength(2)
  await responder.stop()
  expect(clock.pending).toBe(0)
})

const minute = 60_000

function noteOf(text: string, notBefore: number): RecordAction {
  const data = { service: 'shop', by: 'recorder', text }
  const why = 'for the record'
  return { key: text, notBefore, why, record: { events: [{ type: 'note.added', actor: 'recorder', data }] } }
}

/** Wants something recorded each minute after the opening. */
const recorder: Part = {
  name: 'recorder',
  plan: ({ openedAt }) => [1, 2, 3, 4, 5].map((number) => noteOf(`note ${number}`, openedAt + number * minute)),
}

test('a P0 that is open when the log goes down: 15 s after the log first refused what is due, then every 10 min', async () => {
  const { clock, responder, alarms, breakLog } = setUp([recorder])
  await clock.run(responder.start())
  await clock.run(responder.ingest(outage(clock)))
  breakLog(true)
  await clock.advance(minute + 14_999)
  expect(alarms).toEqual([])
  await clock.advance(1)
  expect(alarms.map(({ title }) => title)).toEqual(['P0 shop: and the incident log is down, automation is off'])
  await clock.advance(10 * minute - 1)
  expect(alarms).toHaveLength(1)
  await clock.advance(1)
  expect(alarms).toHaveLength(2)
  breakLog(false)
  await clock.advance(60 * minute)
  expect(alarms).toHaveLength(2)
  expect((await responder.incident('shop')).notes).toHaveLength(5)
  await clock.run(responder.stop())
  expect(clock.pending).toBe(0)
})

/** Each time a note is due, the log refuses it for so long. */
async function comeAndGo({ clock, responder, breakLog }: ReturnType<typeof setUp>, refusedMs: number): Promise<void> {
  await clock.run(responder.start())
  await clock.run(responder.ingest(outage(clock)))
  await clock.advance(minute - 1)
  for (let number = 1; number <= 5; number += 1) {
    breakLog(true)
    await clock.advance(refusedMs)
    breakLog(false)
    // Signals that are taken say nothing of what was refused.
    const symptoms = [{ kind: 'warning', detail: `disk ${number}` }] as const
    await clock.run(responder.ingest(outage(clock, { service: 'blog', symptoms })))
    await clock.advance(minute - refusedMs)
  }
  expect((await responder.incident('shop')).notes).toHaveLength(5)
}

test('what is recorded within 15 s wakes nobody, however often the log refuses something for a moment', async () => {
  const world = setUp([recorder])
  await comeAndGo(world, 14_000)
  expect(world.alarms).toEqual([])
  await world.clock.run(world.responder.stop())
})

test('a log that comes and goes wakes people every 10 min at most', async () => {
  const world = setUp([recorder])
  await comeAndGo(world, 20_000)
  expect(world.alarms).toHaveLength(1)
  await world.clock.run(world.responder.stop())
})

test('what the loop cannot record of a P2 wakes nobody', async () => {
  const { clock, responder, alarms, breakLog } = setUp([recorder])
  await clock.run(responder.start())
  await clock.run(responder.ingest(outage(clock, { symptoms: [{ kind: 'stated', severity: 'P2' }] })))
  expect((await responder.incident('shop')).severity).toBe('P2')
  breakLog(true)
  await clock.advance(20 * minute)
  expect(alarms).toEqual([])
  await clock.run(responder.stop())
})

test('a desk that holds the page of a P0 and can neither be read nor written is as if nobody were paged', async () => {
  const asking: Part = {
    name: 'asking',
    plan({ stream, code, service, onsetAt, openedAt }) {
      const to = deskStream('manager', openedAt)
      const [due, onset] = [openedAt, onsetAt].map((at) => new Date(at).toISOString()) as [string, string]
      const common = { incident: stream, code, service, severity: 'P0', to: 'manager', kind: 'trigger' } as const
      const said = { reason: 'raise', reach: 'wake', title: 'down', text: 'down' } as const
      const data: PageRequested = { request: 'one', ...common, ...said, due, onsetAt: onset }
      const event = { id: `${stream}/one`, type: 'page.requested', actor: 'asking', data } as const
      return [{ key: 'ask', why: 'P0', record: { events: [event], tell: [{ to, event }] } }]
    },
  }
  let asked = false
  const sending: Part<Desk> = {
    name: 'sending',
    over: 'desk',
    plan: () => [{ key: 'send', why: 'asked for', effect: null }],
    async perform() {
      asked = true
      return { events: [] }
    },
  }
  const { clock, responder, alarms, loseLog } = setUp([asking, sending])
  responder.bus.on('page.requested', loseLog)
  await clock.run(responder.start())
  await clock.run(responder.ingest(outage(clock)))
  await clock.advance(20_000)
  expect(asked).toBe(false)
  expect(alarms).toHaveLength(1)
  await clock.run(responder.stop())
})

test("one part's alarm that never answers delays no other part's repetition", async () => {
  const { clock, responder, alarms, breakLog } = setUp([
    { name: 'hangs', plan: () => [], alarm: () => new Promise(() => undefined) },
  ])
  breakLog(true)
  await expect(responder.ingest(outage(clock))).rejects.toThrow('disk full')
  await clock.advance(15_000 + 2 * 600_000 + 3 * 60_000)
  expect(alarms.length).toBeGreaterThanOrEqual(2)
  await clock.run(responder.stop())
  expect(clock.pending).toBe(0)
})
