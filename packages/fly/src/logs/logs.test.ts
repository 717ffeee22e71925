import { createTestClock } from '@firebreak/core/testing'
import { expect, test } from 'vitest'
import { fakeFetch, inTurn, json } from '../fixtures/fake-fetch.ts'
import { simShop } from '../fixtures/sim-shop.ts'
import { createFly } from '../fly.ts'
import type { FlyLogs, LogEntry } from './logs.ts'

const line = (id: string) => ({
  id,
  attributes: {
    timestamp: '2026-11-23T02:00:00.000000001Z',
    message: `line ${id}`,
    level: 'info',
    instance: 'm1',
    region: 'iad',
    meta: { event: { provider: 'app' }, url: { full: 'https://x' } },
  },
})
const page = (ids: readonly string[], next_token?: string) => () => json({ data: ids.map(line), meta: { next_token } })

function client(handler: Parameters<typeof fakeFetch>[0][string]) {
  const clock = createTestClock()
  const fake = fakeFetch({ 'GET /api/v1/apps/shop/logs': handler })
  const app = createFly({ token: 't123', apiUrl: 'http://fly.test', fetch: fake.fetch, clock, random: () => 0.5 }).app(
    'shop',
  )
  return { app, clock, calls: fake.calls }
}

async function take(logs: FlyLogs, count = Number.POSITIVE_INFINITY): Promise<LogEntry[]> {
  const entries: LogEntry[] = []
  for await (const entry of logs) if (entries.push(entry) >= count) break
  return entries
}

test('pages follow each other by next_token; the first asks without one', async () => {
  const { app, clock, calls } = client(inTurn(page(['1', '2'], '100'), page(['3'], '200'), page([])))
  const entries = await clock.run(take(app.logs({ follow: false })))
  expect(entries.map(({ id }) => id)).toEqual(['1', '2', '3'])
  expect(entries[0]).toMatchObject({ message: 'line 1', machine: 'm1', region: 'iad', provider: 'app' })
  expect(calls.map(({ query }) => query.get('next_token'))).toEqual(['', '100', '200'])
})

test('filters and a beginning', async () => {
  const { app, clock, calls } = client(page([]))
  await clock.run(take(app.logs({ follow: false, region: 'iad', machine: 'm1', since: 1_700_000_000_123 })))
  expect(Object.fromEntries(calls[0]?.query ?? [])).toEqual({
    next_token: '1700000000123000000',
    region: 'iad',
    instance: 'm1',
  })
})

test('goes on where an earlier reading stopped', async () => {
  const first = client(inTurn(page(['1'], '100'), page([])))
  const reading = first.app.logs({ follow: false })
  await first.clock.run(take(reading))
  expect(reading.position).toBe('100')
  const second = client(page([]))
  await second.clock.run(take(second.app.logs({ follow: false, from: reading.position })))
  expect(second.calls[0]?.query.get('next_token')).toBe('100')
})

test('a server that repeats its last line is no endless log', async () => {
  const { app, clock, calls } = client(inTurn(page(['1', '2'], '100'), page(['2'], '100')))
  const entries = await clock.run(take(app.logs({ follow: false })))
  expect(entries.map(({ id }) => id)).toEqual(['1', '2'])
  expect(calls).toHaveLength(2)
})

test('follows until it is told to stop, and then ends without an error or a timer', async () => {
  const { app, clock } = client(inTurn(page(['1'], '100'), page([]), page([]), page(['2'], '200'), page([])))
  const stop = new AbortController()
  const reading = take(app.logs({ signal: stop.signal }))
  await clock.advance(5_000)
  stop.abort()
  expect((await reading).map(({ id }) => id)).toEqual(['1', '2'])
  expect(clock.pending).toBe(0)
})

test('stops at once when the loop is left', async () => {
  const { app, clock, calls } = client(page(['1', '2'], '100'))
  await clock.run(take(app.logs(), 1))
  expect(calls).toHaveLength(1)
})

test('a shaky service is asked again, up to nine times', async () => {
  const { app, clock, calls } = client(
    inTurn(
      () => json({}, 500),
      () => json({}, 502),
      page(['1'], '1'),
      page([]),
    ),
  )
  expect(await clock.run(take(app.logs({ follow: false })))).toHaveLength(1)
  expect(calls).toHaveLength(4)
  const dead = client(() => json({}, 500))
  await expect(dead.clock.run(take(dead.app.logs()))).rejects.toMatchObject({ code: 'FLY_PLATFORM' })
  expect(dead.calls).toHaveLength(10)
})

test('a deploy token is refused, and told why', async () => {
  const {
    clock,
    sim,
    fly: _,
    ...shop
  } = simShop({}, { tokens: [{ token: 'fm2_deployOnly', class: 'deploy', app: 'shop' }] }, { token: 'fm2_deployOnly' })
  await expect(clock.run(take(shop.app.logs()))).rejects.toMatchObject({
    code: 'FLY_UNAUTHORIZED',
    message: expect.stringContaining('deploy') as string,
  })
  await sim.close()
})

test('the lines of the simulator', async () => {
  await using shop = simShop()
  const { id } = shop.sim.admin.machines('shop')[0] ?? { id: '' }
  shop.sim.admin.crash(id, { code: 3 })
  await shop.clock.advance(5_000)
  const entries = await shop.clock.run(take(shop.app.logs({ follow: false, machine: id })))
  expect(entries.map(({ message }) => message).join('\n')).toContain('code: 3')
  expect(new Set(entries.map(({ machine }) => machine))).toEqual(new Set([id]))
})

test.each([{ from: 'abc' }, { machine: '../x' }, { region: 'a/b' }, { since: Number.NaN }, { pollMs: -1 }])(
  '%j is refused',
  (query) => {
    const { app, calls } = client(page([]))
    expect(() => app.logs(query)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }) as Error)
    expect(calls).toEqual([])
  },
)
