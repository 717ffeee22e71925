import { afterEach, describe, expect, test } from 'vitest'
import { askWhenUnsure } from '@firebreak/detect'
import { prometheusProbe } from '@firebreak/detect/prometheus'
import { isEvent, serviceStream, type RecordedEvent } from '@firebreak/core'
import { assessedAt, closeWorlds, ill, minute, watched } from './watched-world.ts'
import { agent, wakes, writesOf } from './world.ts'

afterEach(closeWorlds)

describe('scenarios of figures', () => {
  test('5: three failures of twenty requests are no level: the app is asked ten times, and nobody is told', { timeout: 60_000 }, async () => {
    const own: number[] = []
    const world = await watched({
      agent: { requestsPerSecond: 1 / 3 },
      probes: ({ standard: [first, ...others], fetch, clock }) => [
        askWhenUnsure(first!, {
          clock,
          ask: async ({ signal }) => {
            const { status } = await fetch(`https://${agent}.fly.dev/health`, { signal })
            own.push(status)
            return status === 200
          },
        }),
        ...others,
      ],
    })
    world.sim.admin.clearCalls()
    world.sim.admin.breakApp(agent, ill(0.15))
    await world.clock.advance(minute)
    world.sim.admin.mendApp(agent)
    await world.clock.advance(10 * minute)

    expect(own).toEqual(Array.from({ length: 10 }, () => 200))
    expect(await world.incident(), 'no incident').toBeUndefined()
    expect(writesOf(world.sim)).toBe(0)
    expect(world.arrived).toEqual([])
    const remembered: RecordedEvent[] = await Array.fromAsync(world.log.read(serviceStream(agent)))
    const figures = remembered.filter((event) => isEvent(event, 'signal.observed')).map(({ data }) => data)
    expect(figures.map(({ key, status }) => [key, status])).toContainEqual([`fly-errors/${agent}`, 'firing'])
    expect(figures.at(-1)?.symptoms.map((symptom) => (symptom.kind === 'errorRate' ? symptom.windowMs : 0))).toEqual([60_000, 134_000])
  })

  test('18: latency of exactly twice the usual is P2; a hair more is P1 within a minute', { timeout: 60_000 }, async () => {
    let p95Ms = 200
    const metrics = async (address: string) => {
      const value = new URL(address).searchParams.get('query') === 'p95' ? p95Ms : 1_200
      return Response.json({ status: 'success', data: { resultType: 'vector', result: [{ metric: {}, value: [0, String(value)] }] } })
    }
    const world = await watched({
      probes: ({ standard, clock }) => [
        ...standard,
        prometheusProbe({
          url: 'http://prometheus.test',
          service: agent,
          queries: { p95Ms: 'p95', requests: 'requests' },
          fetch: async (input) => metrics(input instanceof Request ? input.url : String(input)),
          clock,
        }),
      ],
    })
    await world.clock.advance(2 * minute)
    p95Ms = 400
    await world.clock.advance(10 * minute)
    expect((await world.incident())?.severity).toBe('P2')
    expect(wakes(world.arrived, 'manager')).toEqual([])

    const slower = world.clock.now()
    p95Ms = 400.1
    await world.clock.advance(10 * minute)
    expect(assessedAt(await world.events(), 'P1') - slower).toBeLessThanOrEqual(minute)
    expect(wakes(world.arrived, 'manager')).toHaveLength(1)
    expect(wakes(world.arrived, 'engineer')).toEqual([])
    expect(writesOf(world.sim)).toBe(0)
  })
})
