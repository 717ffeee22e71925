import type { IncidentLog, Part, Probe } from '@firebreak/core'
import { expect, test } from 'vitest'
import { together } from './fixtures/troubled-log.ts'
import { createResponder } from './index.ts'
import { outage } from './responder.fixture.ts'

const second = 1_000
const minute = 60 * second

/** Calls once for each incident that is not on hold. */
function caller() {
  const called: string[] = []
  const part: Part = {
    name: 'caller',
    plan: ({ severity }, { service }) =>
      severity === null || service.holds.size > 0 ? [] : [{ key: 'call', why: 'somebody must', effect: null }],
    async perform(_action, { subject }) {
      called.push(subject.service)
      return { events: [] }
    },
  }
  return { called, part }
}

/** A log that tells nobody of appends: it has to be looked at. */
function silent(log: IncidentLog): IncidentLog {
  return Object.fromEntries(Object.entries(log).filter(([name]) => name !== 'subscribe')) as unknown as IncidentLog
}

test('a log that could not be read for a moment is followed on', async () => {
  const { clock, shared, join } = together()
  const { called, part } = caller()
  let failures = 1
  const log: IncidentLog = {
    ...silent(shared),
    head: () => (failures-- > 0 ? Promise.reject(new Error('starting up')) : shared.head!()),
    readAll(options) {
      if (failures-- > 0) throw new Error('gone for a moment')
      return shared.readAll(options)
    },
  }
  const following = createResponder({ log, parts: [part], clock, pollEveryMs: second })
  await following.start()
  await clock.advance(5 * second)
  failures = 2
  await clock.advance(5 * second)
  await join().responder.ingest(outage(clock))
  await clock.advance(5 * second)
  expect(called).toEqual(['shop'])
  await following.stop()
})

test('a hold whose end was hidden behind an append of our own is over for the incidents that wait for it', async () => {
  const { clock, shared, join } = together()
  const { called, part } = caller()
  const responder = createResponder({ log: silent(shared), parts: [part], clock, pollEveryMs: second })
  await responder.start()
  const hold = await responder.hold({ by: 'mia', reason: 'let me look', service: 'shop' })
  await responder.ingest(outage(clock))
  await clock.advance(3 * minute)
  expect(called).toEqual([])
  // Between two looks at the log: an append of our own, and then somebody else's.
  const until = new Date(clock.now() + minute).toISOString()
  await responder.silence({ service: 'shop', key: 'another', by: 'mia', until, reason: 'known' })
  await join().responder.release(hold, { by: 'kim', service: 'shop' })
  await clock.advance(2 * second)
  expect(called).toEqual(['shop'])
  await responder.stop()
})

test('a tick acts on what others have opened since the one before', async () => {
  const { clock, join } = together()
  const { called, part } = caller()
  const { responder } = join([part])
  await clock.run(responder.tick())
  await join().responder.ingest(outage(clock))
  await clock.advance(minute)
  await clock.run(responder.tick())
  expect(called).toEqual(['shop'])
})

test('what one probe saw and cannot be recorded keeps nobody from being paged for the rest', async () => {
  const { clock, join } = together()
  const { called, part } = caller()
  const probe = (name: string, overrides: Parameters<typeof outage>[1]): Probe => ({
    name,
    observe: async () => [outage(clock, overrides)],
  })
  const probes = [probe('huge', { service: 'api', summary: 'x'.repeat(3_000_000) }), probe('http', {})]
  const { responder } = join([part], { probes })
  await clock.run(responder.tick())
  expect(called).toEqual(['shop'])
})

test('whoever is told to stop finishes what runs and takes nothing new; another does the rest', async () => {
  const { clock, join } = together()
  const begun: string[] = []
  const steps: Part = {
    name: 'steps',
    plan: ({ actions }) => {
      const done = Array.from(actions.values()).filter(({ finished }) => finished?.outcome === 'done').length
      return done === 3 ? [] : [{ key: `step ${done + 1}`, why: 'one after the other', effect: null }]
    },
    async perform({ key }) {
      begun.push(key)
      await clock.sleep(3 * second)
      return { events: [] }
    },
  }
  const stopping = join([steps]).responder
  await stopping.start()
  await stopping.ingest(outage(clock))
  await stopping.ingest(outage(clock, { service: 'blog' }))
  await clock.advance(second)
  await clock.run(stopping.stop())
  expect(begun).toEqual(['step 1', 'step 1'])
  const actions = Array.from((await stopping.incident('shop')).actions.values())
  expect(actions.map(({ key, finished }) => `${key} ${finished?.outcome}`)).toEqual(['step 1 done'])
  const next = join([steps]).responder
  await next.start()
  await clock.advance(minute)
  expect(begun).toHaveLength(6)
  await clock.run(next.stop())
})

test('what does not listen does not keep a responder from stopping: its claim is left to others', async () => {
  const { clock, join } = together()
  const { called, part } = caller()
  const deaf: Part = { ...part, perform: () => new Promise(() => undefined) }
  const stopping = join([deaf]).responder
  await stopping.start()
  await stopping.ingest(outage(clock))
  await clock.advance(second)
  await clock.run(stopping.stop({ deadlineMs: 5 * second }), { limitMs: 30 * second })
  expect(clock.pending).toBe(0)
  const next = join([part]).responder
  await next.start()
  await clock.advance(second)
  expect(called).toEqual(['shop'])
  await next.stop()
})
