import { nextBoundary, profileAt } from '../behaviour.ts'
import type { Behaviour, Profile } from '../behaviour.ts'
import type { Machine } from './machine.ts'
import type { World } from './world.ts'

/** What of a machine's behaviour counts now: its image's, then the app's overlay, then its own. */
function layersOf(world: World, machine: Machine): { readonly behaviour: Behaviour; readonly aliveMs: number }[] {
  const process = machine.process
  if (process === undefined) return []
  const now = world.agenda.now()
  const { behaviour } = process.image
  const since = behaviour.phasesSince === 'release' ? releasedAt(world, machine) : undefined
  const layers = [{ behaviour, aliveMs: Math.max(0, now - (since ?? process.startedAt)) }]
  for (const overlay of [world.apps.get(machine.app)?.overlay, machine.overlay])
    if (overlay !== undefined) layers.push({ behaviour: overlay.behaviour, aliveMs: now - overlay.since })
  return layers
}

function releasedAt(world: World, machine: Machine): number | undefined {
  const digest = machine.process?.image.digest
  const releases = world.apps.get(machine.app)?.releases ?? []
  return releases.findLast(({ image }) => world.registry.known(image).digest === digest)?.createdAt
}

export function profileOf(world: World, machine: Machine, path: string): Profile {
  return profileAt(layersOf(world, machine), path)
}

/** Milliseconds until the behaviour changes by itself. */
export function nextChangeIn(world: World, machine: Machine): number | undefined {
  const waits = layersOf(world, machine).flatMap(({ behaviour, aliveMs }) => {
    const boundary = nextBoundary(behaviour, aliveMs)
    return boundary === undefined ? [] : [boundary - aliveMs]
  })
  return waits.length === 0 ? undefined : Math.min(...waits)
}
