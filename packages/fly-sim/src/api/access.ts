import type { App } from '../world/app.ts'
import type { Machine } from '../world/machine.ts'
import type { World } from '../world/world.ts'
import type { Call, Target } from './call.ts'
import { refuse } from './refusal.ts'

/** App names are global: 404 is a free name, 403 is somebody else's. */
export function appFor(world: World, call: Call, name = call.params['app'] ?? ''): App {
  const app = world.apps.get(name)
  if (app === undefined) throw refuse(404, 'app not found')
  const { caller } = call
  const foreign = app.organization.slug !== caller.organization
  if (foreign || (caller.kind === 'deploy' && caller.app !== undefined && caller.app !== name))
    throw refuse(403, 'unauthorized')
  return app
}

/** Machine ids are letters and digits; nothing else reaches a look-up. */
const machineId = /^[0-9a-z]{1,32}$/

export function machineFor(world: World, call: Call): Target {
  const app = appFor(world, call)
  const id = call.params['machine'] ?? ''
  if (!machineId.test(id)) throw refuse(400, `invalid machine ID, '${id}'`)
  const machine = app.machines.get(id)
  if (machine === undefined) throw refuse(404, 'not_found: machine not found')
  refreshHost(world, machine)
  return { app, machine }
}

/** Does its host answer? Asked at each read, because rules begin and end with time. */
export function refreshHost(world: World, machine: Machine): void {
  const status = world.faults.active('unreachable-host', { machine }) === undefined ? 'ok' : 'unreachable'
  if (machine.hostStatus === status) return
  machine.hostStatus = status
  machine.json = undefined
}

/** A write needs the lease's nonce while somebody holds one, and a host that answers. */
export function guardWrite(world: World, call: Call, machine: Machine): void {
  if (world.faults.any) {
    const foreign = world.faults.strike('foreign-lease', { operation: call.operation, machine })
    if (foreign !== undefined) takeForeignLease(world, machine, foreign.milliseconds ?? 30_000)
  }
  guardHost(machine)
  const lease = currentLease(world, machine)
  if (lease === undefined || lease.nonce === call.header('fly-machine-lease-nonce')) return
  throw leaseHeld(machine, lease.owner, world.stamp(lease.expiresAt))
}

/** The API waits for the host, and gives up. */
export function guardHost(machine: Machine): void {
  if (machine.hostStatus !== 'ok') throw refuse(408, 'deadline_exceeded: upstream timeout: host did not answer')
}

export function currentLease(world: World, machine: Machine): Machine['lease'] {
  if (machine.lease !== undefined && machine.lease.expiresAt <= world.agenda.now()) machine.lease = undefined
  return machine.lease
}

export function leaseHeld(machine: Machine, owner: string, expiresAt: number) {
  const until = new Date(Math.ceil(expiresAt / 1_000) * 1_000).toISOString().replace('.000Z', 'Z')
  return refuse(409, `aborted: machine ID ${machine.id} lease currently held by ${owner}, expires at ${until}`)
}

function takeForeignLease(world: World, machine: Machine, ttlMs: number) {
  machine.lease = {
    nonce: world.ids.hex(12),
    owner: 'ci@example.com',
    description: 'deploy',
    expiresAt: world.agenda.now() + ttlMs,
    ttlMs,
  }
}
