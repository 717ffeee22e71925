import { createTestClock } from '@firebreak/core/testing'
import { expect, test } from 'vitest'
import { fakeFetch, inTurn, json } from '../fixtures/fake-fetch.ts'
import { bad, good, simShop } from '../fixtures/sim-shop.ts'
import { createFly } from '../fly.ts'

test('ready-made: error ratio, p95, request rate, by machine, by region', async () => {
  await using shop = simShop(
    {},
    { images: [{ ref: good }, { ref: bad, behaviour: { errorRatio: 0.2, paths: { '/health': { errorRatio: 0 } } } }] },
  )
  await shop.clock.advance(300_000)
  const { metrics } = shop.app
  expect(await shop.clock.run(metrics.errorRatio())).toBeCloseTo(0.2, 1)
  expect(await shop.clock.run(metrics.errorRatio({ view: 'app', windowMs: 120_000 }))).toBeCloseTo(0.2, 1)
  expect(await shop.clock.run(metrics.requestRate())).toBeCloseTo(20, 0)
  expect(await shop.clock.run(metrics.p95())).toBeGreaterThan(0)
  expect(Object.keys(await shop.clock.run(metrics.byMachine()))).toHaveLength(3)
  expect(Object.keys(await shop.clock.run(metrics.byRegion())).toSorted()).toEqual(['iad', 'ord'])
})

test('PromQL of your own, now and over time', async () => {
  await using shop = simShop()
  await shop.clock.advance(300_000)
  const up = await shop.clock.run(shop.app.metrics.query('sum(fly_instance_up{app="shop"})'))
  expect(up).toMatchObject([{ value: 3 }])
  const until = shop.clock.now()
  const range = { since: until - 60_000, until, stepMs: 15_000 }
  const series = await shop.clock.run(shop.app.metrics.queryRange('fly_instance_up{app="shop"}', range))
  expect(series).toHaveLength(3)
  expect(series[0]?.points.map(({ at }) => at)).toContain(until)
})

function client(handlers: Parameters<typeof fakeFetch>[0], options = {}) {
  const clock = createTestClock()
  const fake = fakeFetch(handlers)
  const app = createFly({ token: 't123', apiUrl: 'http://fly.test', fetch: fake.fetch, clock, ...options }).app('shop')
  return { app, clock, calls: fake.calls }
}

const vector = (...values: [object, string][]) =>
  json({
    status: 'success',
    data: { resultType: 'vector', result: values.map(([metric, value]) => ({ metric, value: [1.5, value] })) },
  })

test('the organization is asked for once, or given', async () => {
  const handlers = {
    'GET /v1/apps/shop': inTurn(
      () => json({}, 404),
      () => json({ name: 'shop', organization: { slug: 'acme' } }),
    ),
    'GET /prometheus/acme/api/v1/query': () => vector(),
  }
  const asking = client(handlers)
  await expect(asking.clock.run(asking.app.metrics.query('up'))).rejects.toMatchObject({ code: 'FLY_NOT_FOUND' })
  await asking.clock.run(asking.app.metrics.query('up'))
  await asking.clock.run(asking.app.metrics.query('up'))
  expect(asking.calls.filter(({ path }) => path === '/v1/apps/shop')).toHaveLength(2)
  const given = client(handlers, { organization: 'acme' })
  await given.clock.run(given.app.metrics.query('up'))
  expect(given.calls.map(({ path }) => path)).toEqual(['/prometheus/acme/api/v1/query'])
})

test('values come as numbers; NaN is no number', async () => {
  const { app, clock } = client(
    { 'GET /prometheus/acme/api/v1/query': () => vector([{ a: 'b' }, '0.25'], [{}, 'NaN'], [{}, '+Inf']) },
    { organization: 'acme' },
  )
  expect(await clock.run(app.metrics.query('x'))).toEqual([
    { labels: { a: 'b' }, at: 1_500, value: 0.25 },
    { labels: {}, at: 1_500, value: null },
    { labels: {}, at: 1_500, value: Number.POSITIVE_INFINITY },
  ])
})

test('no traffic: neither a ratio nor a p95, and never zero errors', async () => {
  const { app, clock } = client({ 'GET /prometheus/acme/api/v1/query': () => vector() }, { organization: 'acme' })
  expect(await clock.run(app.metrics.errorRatio())).toBeNull()
  expect(await clock.run(app.metrics.p95())).toBeNull()
  expect(await clock.run(app.metrics.requestRate())).toBeNull()
})

test('a query that Prometheus does not understand says so', async () => {
  const { app, clock } = client(
    {
      'GET /prometheus/acme/api/v1/query': () =>
        json({ status: 'error', errorType: 'bad_data', error: 'parse error' }, 400),
    },
    { organization: 'acme' },
  )
  await expect(clock.run(app.metrics.query('sum('))).rejects.toMatchObject({
    code: 'FLY_INVALID_REQUEST',
    message: expect.stringContaining('parse error') as string,
  })
})

test.each([
  { since: 2, until: 1, stepMs: 1 },
  { since: 0, until: 1e9, stepMs: 1 },
  { since: 0, until: 10, stepMs: Number.NaN },
  { since: Number.NaN, until: 10, stepMs: 1 },
])('the range %j is refused', async (range) => {
  const { app, calls } = client({}, { organization: 'acme' })
  await expect(app.metrics.queryRange('up', range)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  expect(calls).toEqual([])
})
