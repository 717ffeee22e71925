import type { JsonObject } from '@firebreak/core'
import type { App } from './app.ts'
import { normalizeConfig, textOf } from './config.ts'
import { addEvent } from './events.ts'
import { settleNew } from './lifecycle.ts'
import type { Machine } from './machine.ts'
import type { World } from './world.ts'

export interface MachineOrder {
  readonly name: string
  /** '' means near the caller. */
  readonly region: string
  readonly config: JsonObject
  readonly launch: boolean
  readonly cordoned: boolean
  readonly host?: string | undefined
}

/** A machine with its first version, in state `created`; it boots by itself a little later when it is to be launched. */
export function createMachine(world: World, app: App, order: MachineOrder): Machine {
  const machine = buildMachine(world, app, order)
  addEvent(world, machine, { type: 'launch', status: 'created', source: 'user' })
  settleNew(world, machine, order.launch)
  return machine
}

/** The record alone, in no state yet that anybody brought about. */
export function buildMachine(world: World, app: App, { name, region, config, cordoned, host }: MachineOrder): Machine {
  const now = world.stamp()
  const reference = textOf(config['image'])
  const id = (world.random() < 0.5 ? '90' : 'd8') + world.ids.hex(12)
  const version = {
    id: world.ids.ulid(now),
    config: normalizeConfig(config),
    image: world.registry.known(reference),
    reference,
    createdAt: now,
  }
  const machine: Machine = {
    id,
    name: name === '' ? world.ids.name() : name,
    app: app.name,
    region: region === '' ? (app.options.regions?.[0] ?? 'iad') : region,
    host: host ?? world.ids.hex(4),
    privateIp: `fdaa:${world.ids.hex(1)}:${world.ids.hex(4)}:a7b:${world.ids.hex(3)}:${world.ids.hex(4)}:${world.ids.hex(4)}:2`,
    createdAt: now,
    updatedAt: now,
    state: 'created',
    cordoned,
    version,
    versions: [version],
    events: [],
    checks: [],
    lease: undefined,
    process: undefined,
    overlay: undefined,
    epoch: 0,
    checkTurn: 0,
    hostStatus: 'ok',
    restarts: 0,
    json: undefined,
  }
  app.machines.set(machine.id, machine)
  return machine
}
