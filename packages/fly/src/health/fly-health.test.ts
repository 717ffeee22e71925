import { createTestClock } from '@firebreak/core/testing'
import { describe, expect, test } from 'vitest'
import { fakeFetch, json } from '../fixtures/fake-fetch.ts'
import { bad, good, never, simShop } from '../fixtures/sim-shop.ts'
import { createFly } from '../fly.ts'
import { flyHealth, type FlyHealthOptions } from './fly-health.ts'

const behaviour = { errorRatio: 0.6, latencyMs: { p50Ms: 80, p95Ms: 300 }, paths: { '/health': { errorRatio: 0 } } }
const failing = { images: [{ ref: good }, { ref: bad, behaviour }] }

describe('on the simulator', () => {
  test('what users got at the edge, by region, with each machine beside it', async () => {
    await using shop = simShop({}, failing)
    await shop.clock.advance(120_000)
    const until = shop.clock.now()
    const sample = await shop.clock.run(flyHealth(shop.app).sample({ since: until - 60_000, until, signal: never }))
    expect(sample).toMatchObject({ source: 'fly-edge', since: until - 60_000, until })
    expect(sample.requests).toBeGreaterThan(1_000)
    expect(sample.errorRatio).toBeGreaterThan(0.55)
    expect(sample.errorRatio).toBeLessThan(0.65)
    expect(sample.p95Ms).toBeGreaterThan(150)
    expect(Object.keys(sample.regions ?? {}).toSorted()).toEqual(['iad', 'ord'])
    expect(Object.keys(sample.units ?? {})).toHaveLength(3)
  })

  test('one machine by its id, in its own view', async () => {
    await using shop = simShop()
    const [ill, well] = shop.sim.admin.machines('shop')
    if (ill === undefined || well === undefined) throw new Error('no machines')
    shop.sim.admin.breakMachine(ill.id, { errorRatio: 1, paths: { '/health': { errorRatio: 0 } } })
    await shop.clock.advance(120_000)
    const until = shop.clock.now()
    const health = flyHealth(shop.app)
    const sample = await shop.clock.run(
      health.sample({ since: until - 60_000, until, units: [ill.id, well.id], signal: never }),
    )
    expect(sample.source).toBe('fly-app')
    expect(sample.units?.[ill.id]?.errorRatio).toBe(1)
    expect(sample.units?.[well.id]?.errorRatio).toBeLessThan(0.05)
    expect(Object.keys(sample.units ?? {})).toHaveLength(2)
  })

  test('a machine is judged by what came since: never by the end of what it was before', async () => {
    await using shop = simShop()
    const [mended] = shop.sim.admin.machines('shop')
    if (mended === undefined) throw new Error('no machines')
    shop.sim.admin.breakMachine(mended.id, { errorRatio: 0.9, paths: { '/health': { errorRatio: 0 } } })
    // Fly takes a sample every 15 s: the change lies between two of them.
    await shop.clock.advance(127_000)
    shop.sim.admin.mendMachine(mended.id)
    const since = shop.clock.now()
    const health = flyHealth(shop.app)
    const figures = async () => {
      const sample = health.sample({ since, until: shop.clock.now(), units: [mended.id], signal: never })
      return (await shop.clock.run(sample)).units?.[mended.id]
    }
    await shop.clock.advance(10_000)
    expect(await figures()).toMatchObject({ requests: null, errorRatio: null })
    await shop.clock.advance(20_000)
    expect(await figures()).toMatchObject({ requests: 100, errors: 0, p95Ms: expect.any(Number) as number })
  })

  test('no traffic is not "no errors"', async () => {
    await using shop = simShop({ requestsPerSecond: 0 })
    await shop.clock.advance(120_000)
    const until = shop.clock.now()
    const sample = await shop.clock.run(flyHealth(shop.app).sample({ since: until - 60_000, until, signal: never }))
    expect(sample.errorRatio).toBeNull()
    expect(sample.p95Ms).toBeNull()
    expect([0, null]).toContain(sample.requests)
  })

  test('the edge cannot tell machines apart', async () => {
    await using shop = simShop()
    const health = flyHealth(shop.app, { view: 'edge' })
    const asked = health.sample({ since: 1, until: 2, units: ['m1'], signal: never })
    await expect(asked).rejects.toMatchObject({ code: 'HEALTH_NOT_PER_UNIT' })
  })
})

/** A Prometheus that answers by what stands in the query. */
function prometheus(
  answers: readonly (readonly [RegExp, readonly (readonly [object, string])[]])[],
  options?: FlyHealthOptions,
) {
  const queries: string[] = []
  const fake = fakeFetch({
    'GET /prometheus/acme/api/v1/query': ({ query }) => {
      const promql = query.get('query') ?? ''
      queries.push(promql)
      const found = answers.find(([pattern]) => pattern.test(promql))?.[1] ?? []
      const result = found.map(([metric, value]) => ({ metric, value: [1_700_000_000, value] }))
      return json({ status: 'success', data: { resultType: 'vector', result } })
    },
  })
  const app = createFly({
    token: 't123',
    apiUrl: 'http://fly.test',
    organization: 'acme',
    fetch: fake.fetch,
    clock: createTestClock(),
  }).app('shop')
  return { health: flyHealth(app, options), queries }
}

const edge = { view: 'edge' } as const
const span = { since: 0, until: 5_000, signal: never }

test('no series at all: nothing is known', async () => {
  const { health } = prometheus([], edge)
  expect(await health.sample(span)).toMatchObject({ requests: null, errors: null, errorRatio: null, p95Ms: null })
})

test('series that stand still: no requests, and nothing known about errors', async () => {
  const { health } = prometheus([[/increase/, [[{ region: 'iad', status: '200' }, '0']]]], edge)
  expect(await health.sample(span)).toMatchObject({ requests: 0, errors: 0, errorRatio: null })
})

test('no 5xx series beside a total that moved: no errors', async () => {
  const { health } = prometheus([[/increase/, [[{ region: 'iad', status: '200' }, '40.2']]]], edge)
  expect(await health.sample(span)).toMatchObject({ requests: 40, errors: 0, errorRatio: 0 })
})

test('errors are 5xx of every kind, and 4xx are not', async () => {
  const { health } = prometheus(
    [
      [
        /increase/,
        [
          [{ region: 'iad', status: '200' }, '50'],
          [{ region: 'iad', status: '404' }, '20'],
          [{ region: 'iad', status: '500' }, '10'],
          [{ region: 'ord', status: '502' }, '20'],
        ],
      ],
    ],
    edge,
  )
  expect(await health.sample(span)).toMatchObject({
    requests: 100,
    errors: 30,
    errorRatio: 0.3,
    regions: { iad: { requests: 80, errors: 10 }, ord: { requests: 20, errorRatio: 1 } },
  })
})

test.each(['NaN', '+Inf'])('a p95 of %s is not known', async (value) => {
  const { health } = prometheus(
    [
      [/increase/, [[{ status: '200' }, '9']]],
      [/quantile/, [[{}, value]]],
    ],
    edge,
  )
  expect((await health.sample(span)).p95Ms).toBeNull()
})

test('the span is cut to whole seconds, never reaches before it began, and says so', async () => {
  const { health, queries } = prometheus([], edge)
  const sample = await health.sample({ since: 10_000, until: 13_900, signal: never })
  expect(sample).toMatchObject({ since: 10_900, until: 13_900 })
  expect(queries.every((promql) => promql.includes('[3s]'))).toBe(true)
})

test('a machine that has no series is not known, rather than missing', async () => {
  const { health } = prometheus([])
  const sample = await health.sample({ ...span, units: ['m1'] })
  expect(sample.units).toEqual({ m1: { requests: null, errors: null, errorRatio: null, p95Ms: null } })
})

test('what could leave its place in a query is refused', async () => {
  const { health, queries } = prometheus([])
  await expect(health.sample({ ...span, units: ['m1"} or vector(1)'] })).rejects.toMatchObject({
    code: 'INVALID_INPUT',
  })
  await expect(health.sample({ ...span, since: 9_000 })).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  expect(queries).toEqual([])
})
