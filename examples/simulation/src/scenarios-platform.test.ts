import { afterEach, describe, expect, test } from 'vitest'
import { isEvent } from '@firebreak/core'
import { httpProbe } from '@firebreak/detect'
import { assessedAt, badRelease, closeWorlds, ill, images, minute, second, times, until, watched } from './watched-world.ts'
import { agent, image, neighbour, wakes, writesOf, type World, type WorldOptions } from './world.ts'

afterEach(closeWorlds)

/** The Machines API answers 503; what is beside it does not answer at all. */
function platformDown({ sim }: World): void {
  for (const operation of ['machines.*', 'apps.*', 'releases.*', 'leases.*']) sim.admin.addFault({ kind: 'unavailable', operation, times: 1e9 })
  for (const operation of ['graphql', 'prometheus.*', 'platform.*'])
    sim.admin.addFault({ kind: 'slow', operation, times: 1e9, milliseconds: 10 * minute })
}

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

  const outside = {
    probes: ({ standard, clock, fetch }: Parameters<NonNullable<WorldOptions['probes']>>[0]) => [
      ...standard,
      httpProbe({ url: `https://${agent}.fly.dev/`, service: agent, clock, fetch }),
    ],
  }

  test(
    '21: an outage while the platform cannot be reached: people are told so, with words for its support; nothing is written',
    { timeout: 60_000 },
    async () => {
      const world = await watched(outside)
      const onset = world.clock.now()
      world.sim.admin.clearCalls()
      world.sim.admin.breakApp(agent, ill(1))
      platformDown(world)
      await world.clock.advance(8 * minute)
      const events = await world.events()
      expect(assessedAt(events, 'P0') - onset).toBeLessThanOrEqual(45 * second)
      const looks = times(events, 'action.started', /^suspect\//)
      expect(Math.max(...looks.slice(1).map((at, index) => at - (looks[index] ?? 0)))).toBeLessThanOrEqual(35 * second)
      const calls = world.sim.admin.calls({ app: agent }).filter(({ operation }) => operation.startsWith('machines.'))
      expect(calls.length).toBeGreaterThan(0)
      const [escalation, ...more] = wakes(world.arrived, 'engineer')
      expect(more).toEqual([])
      expect((escalation?.at ?? Infinity) - assessedAt(events, 'P0')).toBeGreaterThanOrEqual(5 * minute)
      expect((escalation?.at ?? Infinity) - assessedAt(events, 'P0')).toBeLessThanOrEqual(5 * minute + second)
      const [machine] = world.sim.admin.machines(agent)
      for (const said of [
        'nothing can be changed from here',
        'organization hotdash',
        machine?.id ?? '',
        'iad, ord',
        'First error 2026-11-23T02:06:',
        'Request ids: ',
      ])
        expect(escalation?.page.text).toContain(said)
      expect(
        world.arrived.find(({ role, page }) => role === 'manager' && page.reason === 'blind')?.page.text,
        'news for who was paged before',
      ).toContain('Request ids: ')

      world.sim.admin.clearFaults()
      await world.clock.advance(minute)
      world.sim.admin.mendApp(agent)
      await world.clock.advance(21 * minute)
      const incident = await world.incident()
      expect(incident?.status).toBe('resolved')
      expect(incident?.suspicion?.verdict, 'looked at afresh').toBe('not-suspected')
      expect(incident?.plan).toBeUndefined()
      expect(writesOf(world.sim)).toBe(0)
      expect(wakes(world.arrived, 'engineer')).toHaveLength(1)
      expect(await world.incident(neighbour), 'that we could not see it is no outage of it').toMatchObject({ worst: 'P2', linked: [] })
    },
  )

  test('blind while users are well is P2, and P1 when it lasts for half an hour; over when the platform answers', { timeout: 60_000 }, async () => {
    const world = await watched(outside)
    const onset = world.clock.now()
    world.sim.admin.clearCalls()
    platformDown(world)
    await world.clock.advance(25 * minute)
    expect((await world.incident())?.severity).toBe('P2')
    expect(wakes(world.arrived, 'manager')).toEqual([])
    await world.clock.advance(10 * minute)
    expect(assessedAt(await world.events(), 'P1') - onset).toBeLessThanOrEqual(32 * minute)
    expect(wakes(world.arrived, 'manager').length, 'of two services, each blind for as long').toBeLessThanOrEqual(2)
    world.sim.admin.clearFaults()
    await world.clock.advance(60 * minute)
    expect((await world.incident())?.status).toBe('resolved')
    expect(wakes(world.arrived, 'engineer')).toEqual([])
    expect(writesOf(world.sim)).toBe(0)
  })
})
