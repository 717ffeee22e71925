import { afterEach, describe, expect, test } from 'vitest'
import { isEvent } from '@firebreak/core'
import { assessedAt, closeWorlds, minute, second, watched } from './watched-world.ts'
import { agent, image, wakes, writesOf } from './world.ts'

afterEach(closeWorlds)

const day = 24 * 60 * minute
const releases = [10 * day, 5 * day].map((agoMs) => ({ image: image('good'), agoMs }))

describe('scenarios of machines', () => {
  test(
    '16: machines that run out of memory again and again are restarted once each; then a person is asked for more memory',
    { timeout: 60_000 },
    async () => {
      const world = await watched({ agent: { releases } })
      const onset = world.clock.now()
      world.sim.admin.clearCalls()
      world.sim.admin.addFault({ kind: 'oom', app: agent, milliseconds: 90 * second })
      // Slow enough to come back that there are looks at which none passes.
      world.sim.admin.addFault({ kind: 'slow-start', app: agent, milliseconds: 45 * second })
      await world.clock.advance(9 * minute)

      const events = await world.events()
      const incident = await world.incident()
      expect(assessedAt(events, 'P0') - onset).toBeLessThanOrEqual(90 * second)
      const restarted = world.sim.admin.calls({ operation: 'machines.restart' }).map(({ machine = '' }) => machine)
      expect(restarted).toHaveLength(3)
      expect(new Set(restarted)).toEqual(new Set(world.sim.admin.machines(agent).map(({ id }) => id)))
      expect(writesOf(world.sim), 'nothing but the restarts').toBe(3)
      expect(incident?.mitigations.map(({ outcome }) => outcome)).toEqual(['unverified', 'unverified', 'unverified'])
      expect([...(incident?.approvals.values() ?? [])]).toMatchObject([{ action: 'scale/memory', plan: { memoryFactor: 2 } }])
      const reasons = (role: string) => wakes(world.arrived, role).map(({ page }) => page.reason)
      expect(reasons('manager')[0]).toBe('raise')
      expect(reasons('engineer'), 'called once for all restarts; the ladder goes on').toEqual(['mitigation', 'escalate'])
      expect(events.filter((event) => isEvent(event, 'rollback.planned'))).toEqual([])

      const [{ approval, digest } = { approval: '', digest: '' }] = incident?.approvals.values() ?? []
      await world.clock.run(world.responder1.approve(agent, { by: 'mia', approval, digest }))
      await world.clock.advance(5 * minute)
      const machines = await world.clock.run(Promise.resolve(world.app.machines.list()))
      expect(
        machines.map(({ config }) => config?.guest?.memory_mb),
        'twice as much, once',
      ).toEqual([1_024, 1_024, 1_024])
    },
  )
})
