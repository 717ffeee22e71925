import { afterEach, describe, expect, test } from 'vitest'
import { askWhenUnsure } from '@firebreak/detect'
import { isEvent, serviceStream, type RecordedEvent } from '@firebreak/core'
import { closeWorlds, ill, minute, watched } from './watched-world.ts'
import { agent, writesOf } from './world.ts'

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
})
