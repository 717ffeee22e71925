import { expect } from 'vitest'
import { isEvent, type RecordedEvent } from '@firebreak/core'
import type { Responder } from '@firebreak/responder'
import { agent, createWorld, image, type World, type WorldOptions } from './world.ts'

export const second = 1_000
export const minute = 60 * second
export const check = { path: '/deep', kind: 'informational' as const }
export interface WatchedWorld extends World {
  readonly responder1: Responder
  /** Its responder was killed: there is nothing to stop. */
  dead?: boolean
}

const open: WatchedWorld[] = []

/** After each test: stops whatever it left. */
export async function closeWorlds(): Promise<void> {
  for (const world of open.splice(0)) {
    if (world.dead !== true) await world.clock.run(world.responder1.stop({ deadlineMs: 1_000 }))
    await world.close()
  }
}

/** A world with a responder that has watched it for six minutes. */
export async function watched(options: WorldOptions = {}): Promise<WatchedWorld> {
  const base = createWorld(options)
  const responder1 = base.responder()
  await base.clock.run(responder1.start())
  await base.clock.advance(6 * minute)
  const world: WatchedWorld = Object.assign(base, { responder1 })
  open.push(world)
  return world
}

export const latencyMs = { p50Ms: 100, p95Ms: 200 }

/** Users fail, the service check does not: so the figures are the only witness. */
export const ill = (errorRatio: number) => ({ errorRatio, latencyMs, paths: { '/health': { errorRatio: 0 } } })

/** The bad release of case 1: complete on 3 of 3 machines two minutes before it begins to fail, everywhere at once. */
export async function badRelease(errorRatio: number, more: WorldOptions = {}): Promise<WatchedWorld & { onset: number }> {
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
export async function until(world: World, at: number): Promise<void> {
  while (world.clock.now() < at) {
    await world.clock.advance(Math.min(second, at - world.clock.now()))
    for (const machine of world.sim.admin.machines(agent)) if (machine.image.split('@')[0] === image('good')) world.sim.admin.mendMachine(machine.id)
  }
}

/** When events of a type were recorded; of those with a key, only the ones that fit. */
export const times = (events: readonly RecordedEvent[], type: string, key?: RegExp) =>
  events
    .filter((event) => event.type === type && (key === undefined || key.test(String((event.data as { key?: unknown }).key))))
    .map(({ at }) => Date.parse(at))
export const assessedAt = (events: readonly RecordedEvent[], severity: string) => {
  const found = events.find((event) => isEvent(event, 'incident.assessed') && event.data.severity === severity)
  return found === undefined ? Infinity : Date.parse(found.at)
}
export const images = (world: World) => world.sim.admin.machines(agent).map((machine) => machine.image.split('@')[0])
