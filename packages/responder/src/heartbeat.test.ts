import { createBus, InvalidInput, type IncidentLog, type PageFailed, type PageSent } from '@firebreak/core'
import { createTestClock } from '@firebreak/core/testing'
import { memoryLog } from '@firebreak/incident-log'
import { expect, test } from 'vitest'
import { createHeartbeat } from './heartbeat.ts'
import { createResponder } from './index.ts'
import { outage } from './responder.fixture.ts'

const page = { incident: 'incident/shop/1', service: 'shop', severity: 'P0', to: 'manager', notifier: 'sms' } as const
const sent: PageSent = { ...page, reach: 'wake', kind: 'trigger', receipt: { state: 'delivered' } }
const failed: PageFailed = { ...page, outcome: 'permanent', error: 'no credit' }

function beating(give: (log: IncidentLog) => IncidentLog = (log) => log) {
  const clock = createTestClock()
  const bus = createBus()
  const log = give(memoryLog({ clock }))
  const beats: string[] = []
  const fetch: typeof globalThis.fetch = async (url, init) => {
    beats.push(`${init?.method} ${new Request(url).url}`)
    return new Response(null)
  }
  const options = { url: 'https://beat.example.com/1', fetch }
  return { clock, bus, log, beats, heartbeat: createHeartbeat(options, { log, bus, clock }), options }
}

test('a beat a minute while the loop runs, none when it stands', async () => {
  const { clock, heartbeat, beats } = beating()
  heartbeat.start(new AbortController().signal)
  heartbeat.ran()
  await clock.advance(60_000)
  expect(beats).toEqual(['POST https://beat.example.com/1'])
  await clock.advance(60_000)
  expect(beats).toHaveLength(1)
  heartbeat.ran()
  await clock.advance(60_000)
  expect(beats).toHaveLength(2)
})

test('no beat while the log takes no appends', async () => {
  let down = true
  const { clock, heartbeat, beats } = beating((log) => ({
    ...log,
    append: async (writes) => (down ? Promise.reject(new Error('disk full')) : log.append(writes)),
  }))
  heartbeat.start(new AbortController().signal)
  heartbeat.ran()
  await clock.advance(60_000)
  expect(beats).toEqual([])
  down = false
  heartbeat.ran()
  await clock.advance(60_000)
  expect(beats).toHaveLength(1)
})

test('no beat while the log refuses what is to be kept, though a write that leaves nothing behind works', async () => {
  const { clock, log: inner, beats, options } = beating()
  let full = true
  const log: IncidentLog = {
    ...inner,
    append: async (writes) =>
      full && writes.some(({ events }) => events.length > 0)
        ? Promise.reject(new Error('disk full'))
        : inner.append(writes),
  }
  const responder = createResponder({ log, parts: [], clock, heartbeat: options })
  await clock.run(responder.start())
  await expect(responder.ingest(outage(clock))).rejects.toThrow('disk full')
  await clock.advance(60_000)
  expect(beats).toEqual([])
  full = false
  await responder.ingest(outage(clock))
  await clock.advance(60_000)
  expect(beats).toHaveLength(1)
  await clock.run(responder.stop())
})

test('no beat while nothing that should wake somebody arrives; one waking channel that works is enough', async () => {
  const { bus, clock, heartbeat, beats } = beating()
  heartbeat.start(new AbortController().signal)
  async function minute(): Promise<number> {
    const before = beats.length
    heartbeat.ran()
    await clock.advance(60_000)
    return beats.length - before
  }
  bus.emit('page.failed', failed)
  expect(await minute()).toBe(0)
  bus.emit('page.sent', { ...sent, notifier: 'calls' })
  expect(await minute()).toBe(1)
  bus.emit('page.failed', { ...failed, notifier: 'calls' })
  expect(await minute()).toBe(0)
  bus.emit('page.sent', sent)
  expect(await minute()).toBe(1)
})

test('a chat that fails is no reason to be silent', async () => {
  const { bus, clock, heartbeat, beats } = beating()
  heartbeat.start(new AbortController().signal)
  bus.emit('page.sent', { ...sent, notifier: 'chat', reach: 'read' })
  bus.emit('page.failed', { ...failed, notifier: 'chat' })
  heartbeat.ran()
  await clock.advance(60_000)
  expect(beats).toHaveLength(1)
})

test('an address that is none is refused when the responder is made, and the check leaves no trace in the log', async () => {
  const { clock, log, beats, options } = beating()
  expect(() => createResponder({ log, parts: [], clock, heartbeat: { url: undefined } })).toThrow(InvalidInput)
  const withPassword = { url: 'https://mia:hunter2@beat.example.com/1' }
  expect(() => createResponder({ log, parts: [], clock, heartbeat: withPassword })).toThrow(
    /^heartbeat\.url: holds a user or a password(?!.*hunter2)/,
  )
  const responder = createResponder({ log, parts: [], clock, heartbeat: options })
  await responder.start()
  await clock.advance(180_000)
  await clock.run(responder.stop())
  expect(beats).toHaveLength(3)
  for await (const event of log.readAll()) expect(event).toBeUndefined()
})
