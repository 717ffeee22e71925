import { afterEach, describe, expect, test } from 'vitest'
import { isEvent, type RecordedEvent } from '@firebreak/core'
import type { Responder } from '@firebreak/responder'
import { agent, createWorld, image, wakes, writesOf, type World, type WorldOptions } from './world.ts'

const second = 1_000
const minute = 60 * second
const check = { path: '/deep', kind: 'informational' as const }
const open: (World & { responder1: Responder })[] = []

afterEach(async () => {
  for (const world of open.splice(0)) {
    const stopping = world.responder1.stop({ deadlineMs: 1_000 })
    await world.clock.run(stopping)
    await world.close()
  }
})

/** A world with a responder that has watched it for six minutes. */
async function watched(options: WorldOptions = {}) {
  const base = createWorld(options)
  const responder1 = base.responder()
  await base.clock.run(responder1.start())
  await base.clock.advance(6 * minute)
  const world = Object.assign(base, { responder1 })
  open.push(world)
  return world
}

const latencyMs = { p50Ms: 100, p95Ms: 200 }

/** The bad release of case 1: complete on 3 of 3 machines two minutes before it begins to fail, everywhere at once. */
async function badRelease(errorRatio: number, more: WorldOptions = {}) {
  const good = { errorRatio: 0.001, latencyMs }
  const world = await watched({ images: [{ ref: image('bad'), behaviour: good }], agent: { checks: { deep: check } }, ...more })
  const shipped = await world.clock.run(world.sim.admin.ship(agent, image('bad')))
  expect(shipped.ok).toBe(true)
  world.sim.admin.clearCalls()
  await world.clock.advance(120 * second)
  const onset = world.clock.now()
  const paths = { '/deep': { errorRatio: 1 }, '/health': { errorRatio: 0 } }
  for (const { id } of world.sim.admin.machines(agent)) world.sim.admin.breakMachine(id, { errorRatio, latencyMs, paths })
  return Object.assign(world, { onset })
}

/** Lives on until then, second by second: what runs the good image is well. */
async function until(world: World, at: number): Promise<void> {
  while (world.clock.now() < at) {
    await world.clock.advance(Math.min(second, at - world.clock.now()))
    for (const machine of world.sim.admin.machines(agent)) if (machine.image.split('@')[0] === image('good')) world.sim.admin.mendMachine(machine.id)
  }
}

const times = (events: readonly RecordedEvent[], type: string) => events.filter((event) => event.type === type).map(({ at }) => Date.parse(at))
const assessedAt = (events: readonly RecordedEvent[], severity: string) => {
  const found = events.find((event) => isEvent(event, 'incident.assessed') && event.data.severity === severity)
  return found === undefined ? Infinity : Date.parse(found.at)
}
const images = (world: World) => world.sim.admin.machines(agent).map((machine) => machine.image.split('@')[0])

describe('scenarios', () => {
  test(
    '1: a bad release at 60 % is P0, rolled back one machine first, verified and resolved; the manager is woken once',
    { timeout: 60_000 },
    async () => {
      const world = await badRelease(0.6)
      await until(world, world.onset + 30 * minute)
      const events = await world.events()
      const incident = await world.incident()
      expect(assessedAt(events, 'P1') - world.onset).toBeLessThanOrEqual(45 * second)
      expect(assessedAt(events, 'P0') - world.onset).toBeLessThanOrEqual(90 * second)
      expect(incident?.suspicion?.verdict).toBe('suspected')
      const firstUnit = times(events, 'unit.updated')[0] ?? Infinity
      const firstWake = wakes(world.arrived, 'manager')[0]?.at ?? Infinity
      expect(firstUnit - firstWake).toBeGreaterThanOrEqual(10 * second)
      expect(images(world)).toEqual([image('good'), image('good'), image('good')])
      expect((times(events, 'rollback.verified')[0] ?? Infinity) - world.onset).toBeLessThanOrEqual(360 * second)
      expect(incident?.status).toBe('resolved')
      expect(wakes(world.arrived, 'manager', world.onset + 30 * minute)).toHaveLength(1)
      expect(wakes(world.arrived, 'engineer', world.onset + 30 * minute)).toHaveLength(0)
      expect(writesOf(world.sim)).toBe(3)
    },
  )

  test('2: exactly 50 % is P1, asked about and not acted on; the engineer is told after 15 min', { timeout: 60_000 }, async () => {
    const world = await badRelease(0.5)
    await until(world, world.onset + 30 * minute)
    const events = await world.events()
    expect(assessedAt(events, 'P0')).toBe(Infinity)
    expect(times(events, 'approval.requested').length).toBeGreaterThan(0)
    expect(writesOf(world.sim)).toBe(0)
    const manager = wakes(world.arrived, 'manager')
    expect((manager[0]?.at ?? Infinity) - world.onset).toBeLessThanOrEqual(150 * second)
    const engineer = wakes(world.arrived, 'engineer')
    expect((engineer[0]?.at ?? Infinity) - assessedAt(events, 'P1')).toBeLessThanOrEqual(16 * minute)
  })

  test('12: the same image shipped again is not rolled back a second time without a person', { timeout: 60_000 }, async () => {
    const world = await badRelease(0.6)
    await until(world, world.onset + 20 * minute)
    world.sim.admin.clearCalls()
    await world.clock.run(world.sim.admin.ship(agent, image('bad')))
    world.sim.admin.clearCalls()
    for (const { id } of world.sim.admin.machines(agent)) world.sim.admin.breakMachine(id, { errorRatio: 0.6 })
    await until(world, world.clock.now() + 15 * minute)
    const incident = await world.incident()
    expect(incident?.severity).toBe('P0')
    expect(writesOf(world.sim)).toBe(0)
    expect(Array.from(incident?.approvals.values() ?? []).length).toBeGreaterThan(0)
  })

  test('26: a raise after an acknowledgement wakes the manager again at once', { timeout: 60_000 }, async () => {
    const world = await watched({ images: [{ ref: image('x') }] })
    const onset = world.clock.now()
    world.sim.admin.breakApp(agent, { errorRatio: 0.2 })
    await until(world, onset + 2 * minute)
    await world.clock.run(world.responder1.acknowledge(agent, { by: 'mia', role: 'manager' }))
    const before = wakes(world.arrived, 'manager').length
    await until(world, onset + 6 * minute)
    world.sim.admin.breakApp(agent, { errorRatio: 0.7 })
    await world.clock.advance(2 * minute)
    const raised = assessedAt(await world.events(), 'P0')
    const again = wakes(world.arrived, 'manager')[before]
    expect((again?.at ?? Infinity) - raised).toBeLessThanOrEqual(second)
    await world.clock.advance(5 * minute)
    expect((wakes(world.arrived, 'engineer').at(-1)?.at ?? Infinity) - raised).toBeLessThanOrEqual(5 * minute + second)
  })
})
