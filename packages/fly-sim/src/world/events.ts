import type { JsonObject } from '@firebreak/core'
import type { Machine, MachineEvent } from './machine.ts'
import { touch } from './machine.ts'
import type { World } from './world.ts'
import { rfc3339 } from './world.ts'

/** Fly keeps few: the newest, for the version that is current. */
const keptEvents = 50

export function addEvent(
  world: World,
  machine: Machine,
  event: { type: string; status: string; source?: MachineEvent['source']; request?: JsonObject },
): MachineEvent {
  const timestamp = world.stamp()
  const added: MachineEvent = { id: world.ids.ulid(timestamp), source: 'flyd', timestamp, ...event }
  machine.events.unshift(added)
  if (machine.events.length > keptEvents) machine.events.length = keptEvents
  touch(machine, timestamp)
  return added
}

export interface ExitFacts {
  readonly code: number
  readonly oom?: boolean | undefined
  readonly requested: boolean
  readonly restarting: boolean
}

/** flyctl reads `request.exit_event` of every exit without looking whether it is there. */
export function addExitEvent(world: World, machine: Machine, { code, oom = false, requested, restarting }: ExitFacts) {
  const exit = {
    exit_code: code,
    guest_exit_code: code,
    guest_signal: -1,
    oom_killed: oom,
    requested_stop: requested,
    restarting,
    signal: -1,
    exited_at: rfc3339(world.stamp()),
  }
  return addEvent(world, machine, {
    type: 'exit',
    status: 'stopped',
    request: { restart_count: machine.restarts, exit_event: exit, MonitorEvent: { exit_event: exit } },
  })
}
