import { expect, test } from 'vitest'
import { arrayLog, type ArrayLog } from './fixtures/array-log.ts'
import { createBus, once, record, relay, seededRandom, type Signal } from './index.ts'
import { createTestClock } from './testing/index.ts'

const stream = 'incident/shop/1'
const own = (type: string, data: object) => ({ type, actor: 'own', data })
const opened = own('incident.opened', { service: 'shop', code: '7K42', number: 1, onsetAt: '2026-11-23T02:00:00Z' })
const signal = (key: string): Signal => ({
  id: key,
  key,
  source: 'test',
  measured: true,
  service: 'shop',
  status: 'firing',
  at: '2026-11-23T02:00:00Z',
  summary: key,
  symptoms: [],
  labels: {},
  links: [],
})

function world({ telling = true } = {}) {
  const clock = createTestClock()
  const log = arrayLog(clock, { telling })
  const bus = createBus()
  const stopping = new AbortController()
  const seen: string[] = []
  bus.on('incident.changed', ({ incident }) => seen.push(`changed ${incident.stream} v${incident.version}`))
  return { clock, log, bus, stopping, seen, options: { signal: stopping.signal, clock, random: seededRandom(1) } }
}
const append = (log: ArrayLog, ...events: ReturnType<typeof own>[]) => record(log, stream, () => events)

test('at the start it tells of every open incident, and not of old events', async () => {
  const { clock, log, bus, stopping, seen, options } = world()
  await append(log, opened)
  await record(log, 'incident/old/1', () => [own('incident.resolved', {})])
  bus.on('incident.opened', () => seen.push('opened'))
  const running = relay(log, bus, options)
  await clock.advance(0)
  expect(seen).toEqual([`changed ${stream} v1`])
  stopping.abort()
  await running
  expect(clock.pending).toBe(0)
})

test('what is recorded is told as data and record, then its incident as changed', async () => {
  const { clock, log, bus, stopping, seen, options } = world()
  const running = relay(log, bus, options)
  await clock.advance(0)
  bus.on('incident.opened', ({ code }, recorded) =>
    seen.push(`opened ${code} by ${recorded?.actor} v${recorded?.version}`),
  )
  await append(log, opened)
  await clock.advance(0)
  expect(seen).toEqual(['opened 7K42 by own v1', `changed ${stream} v1`])
  stopping.abort()
  await running
})

test('a batch of signals is told one by one', async () => {
  const { clock, log, bus, stopping, seen, options } = world()
  const running = relay(log, bus, options)
  await clock.advance(0)
  bus.on('signal.observed', (observed) => seen.push(`${observed.key} ${'also' in observed}`))
  await append(log, own('signal.observed', { ...signal('a'), also: [signal('b'), signal('c')] }))
  await clock.advance(0)
  expect(seen).toEqual(['a false', 'b false', 'c false', `changed ${stream} v1`])
  stopping.abort()
  await running
})

test('without a subscription it polls', async () => {
  const { clock, log, bus, stopping, seen, options } = world({ telling: false })
  const running = relay(log, bus, { ...options, pollMs: 5_000 })
  await clock.advance(0)
  await append(log, opened)
  await clock.advance(4_999)
  expect(seen).toEqual([])
  await clock.advance(1)
  expect(seen).toEqual([`changed ${stream} v1`])
  stopping.abort()
  await running
  expect(clock.pending).toBe(0)
})

test('when a claim runs out its incident is told once more, so that somebody takes over', async () => {
  const { clock, log, bus, stopping, seen, options } = world()
  await append(log, opened)
  const dead = { now: () => clock.now(), sleep: () => new Promise<void>(() => undefined) }
  void once(log, stream, 'k', () => new Promise(() => undefined), { clock: dead, leaseMs: 12_345 })
  await clock.advance(0)
  const running = relay(log, bus, { ...options, pollMs: 60_000 })
  await clock.advance(12_344)
  expect(seen).toHaveLength(1)
  await clock.advance(1)
  expect(seen).toHaveLength(2)
  await clock.advance(30_000)
  expect(seen).toHaveLength(2)
  stopping.abort()
  await running
})

test('a retry that falls due is told, and a listener that calls once performs it', async () => {
  const { clock, log, bus, stopping, options } = world()
  let calls = 0
  bus.on('incident.changed', ({ incident }) =>
    once(
      log,
      incident.stream,
      'k',
      async () => {
        calls += 1
        if (calls < 3) throw new Error('not yet')
        return []
      },
      { ...options, retry: { jitter: 0 } },
    ),
  )
  await append(log, opened)
  const running = relay(log, bus, { ...options, pollMs: 60_000 })
  await clock.advance(999)
  expect(calls).toBe(1)
  await clock.advance(1)
  expect(calls).toBe(2)
  await clock.advance(2_000)
  expect(calls).toBe(3)
  stopping.abort()
  await running
  await bus.idle()
  expect(clock.pending).toBe(0)
})

test('a resolved incident is no longer told of', async () => {
  const { clock, log, bus, stopping, seen, options } = world()
  await append(log, opened)
  const running = relay(log, bus, options)
  await clock.advance(0)
  bus.on('incident.resolved', () => seen.push('resolved'))
  await append(log, own('incident.resolved', { service: 'shop', by: 'mia', why: 'well' }))
  await clock.advance(10_000)
  expect(seen).toEqual([`changed ${stream} v1`, 'resolved'])
  stopping.abort()
  await running
})

test('more events than one batch are all told, in order', async () => {
  const { clock, log, bus, stopping, seen, options } = world()
  const running = relay(log, bus, options)
  await clock.advance(0)
  bus.on('note.added', ({ text }) => seen.push(text))
  await append(log, ...Array.from({ length: 600 }, (_, index) => own('note.added', { text: String(index) })))
  await clock.advance(0)
  const texts = seen.filter((line) => !line.startsWith('changed'))
  expect(texts).toEqual(Array.from({ length: 600 }, (_, index) => String(index)))
  stopping.abort()
  await running
})

test('a log that fails for a while is told of and waited for, and nothing is missed', async () => {
  const { clock, log, bus, stopping, seen, options } = world({ telling: false })
  const readAll = log.readAll.bind(log)
  const running = relay(log, bus, options)
  await clock.advance(0)
  bus.on('relay.failed', ({ error }) => seen.push(String(error)))
  log.readAll = () => {
    throw new Error('log is down')
  }
  await append(log, opened)
  await clock.advance(2_000)
  log.readAll = readAll
  await clock.advance(2_000)
  expect(seen).toEqual(['Error: log is down', 'Error: log is down', `changed ${stream} v1`])
  stopping.abort()
  await running
})

test('from a stored position on, nothing is missed across a restart', async () => {
  const { clock, log, bus, stopping, seen, options } = world()
  let stored: string | undefined
  const first = relay(log, bus, { ...options, onPosition: (position) => (stored = position) })
  await clock.advance(0)
  await append(log, opened)
  await clock.advance(0)
  stopping.abort()
  await first
  await append(log, own('note.added', { text: 'while it was down' }))

  const again = new AbortController()
  bus.on('note.added', ({ text }) => seen.push(text))
  const second = relay(log, bus, { ...options, signal: again.signal, after: stored })
  await clock.advance(0)
  expect(seen).toContain('while it was down')
  expect(seen.filter((line) => line === 'while it was down')).toHaveLength(1)
  again.abort()
  await second
})

test('a record cannot fake what only the bus tells', async () => {
  const { clock, log, bus, stopping, seen, options } = world()
  bus.on('listener.failed', () => seen.push('faked'))
  const running = relay(log, bus, options)
  await clock.advance(0)
  await append(log, own('listener.failed', {}))
  await clock.advance(0)
  expect(seen).not.toContain('faked')
  stopping.abort()
  await running
})

test('aborted before it starts, it does nothing', async () => {
  const { clock, log, bus, seen, options } = world()
  await append(log, opened)
  await relay(log, bus, { ...options, signal: AbortSignal.abort() })
  expect([seen, clock.pending]).toEqual([[], 0])
})
