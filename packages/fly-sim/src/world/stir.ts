import { rouseChecks } from './checks.ts'
import { awaitExit } from './lifecycle.ts'
import type { Machine } from './machine.ts'
import type { World } from './world.ts'

/** Something about how a machine behaves has changed from outside: traffic, checks and its end are worked out anew. */
export function stir(world: World, machine: Machine): void {
  world.runtime.changed(machine)
  rouseChecks(world, machine)
  awaitExit(world, machine)
}
