import { afterEach, describe, expect, test } from 'vitest'
import { isEvent } from '@firebreak/core'
import { assessedAt, badRelease, closeWorlds, images, minute, second, until } from './watched-world.ts'
import { image, wakes, writesOf } from './world.ts'

afterEach(closeWorlds)

describe('scenarios on the platform', () => {
  test(
    '35: an update that is throttled is sent again when the platform said, and not sooner; progress shows the wait',
    { timeout: 60_000 },
    async () => {
      const world = await badRelease(0.6)
      const updates = () => world.sim.admin.calls({ operation: 'machines.update' })
      while (updates().length === 0 && world.clock.now() < world.onset + 5 * minute) await until(world, world.clock.now() + second)
      // The second machine is the next one that is not updated yet.
      world.sim.admin.addFault({ kind: 'rate-limit', operation: 'machines.update', times: 2, retryAfterSeconds: 20 })
      await until(world, world.onset + 30 * minute)

      const throttled = updates().find(({ fault }) => fault === 'rate-limit')?.machine
      const sent = updates().filter(({ machine }) => machine === throttled)
      expect(sent.map(({ status }) => status)).toEqual([429, 429, 200])
      const pauses = sent.slice(1).map(({ at }, index) => at - (sent[index]?.at ?? 0))
      expect(Math.min(...pauses)).toBeGreaterThanOrEqual(20 * second)
      expect(writesOf(world.sim), 'two more than without the throttling, and nothing else').toBe(5)
      expect(images(world)).toEqual([image('good'), image('good'), image('good')])
      const events = await world.events()
      const waits = events.filter((event) => isEvent(event, 'unit.updated')).filter(({ data }) => data.outcome === 'waiting')
      expect(waits.map(({ data }) => [data.unit, data.done, data.total])).toEqual([
        [throttled, 1, 3],
        [throttled, 1, 3],
      ])
      expect(waits[0]?.data.why).toContain('waits 20 s')
      expect(assessedAt(events, 'P0') - world.onset).toBeLessThanOrEqual(90 * second)
      expect((await world.incident())?.status).toBe('resolved')
      expect(wakes(world.arrived, 'manager')).toHaveLength(1)
      expect(wakes(world.arrived, 'engineer')).toHaveLength(0)
    },
  )
})
