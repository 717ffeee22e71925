import { beginChecks, endChecks } from './checks.ts'
import { groupOf, objectOf, textOf } from './config.ts'
import { addEvent, addExitEvent } from './events.ts'
import { touch } from './machine.ts'
import type { Machine, MachineState, MachineVersion, Process } from './machine.ts'
import type { World } from './world.ts'

/** Groups whose process is a command: it runs, ends by itself, and is not started again. */
const commandGroups = new Set(['fly_app_release_command', 'fly_app_test_machine_command'])
/** Fly's own default where the config has no policy. */
const standardRetries = 10

/** Changes the state, voids all appointments made before, and tells whoever waits. */
export function enter(world: World, machine: Machine, state: MachineState): void {
  machine.state = state
  machine.epoch += 1
  touch(machine, world.stamp())
  world.runtime.changed(machine)
  world.watchers.changed(machine)
}

/** Does it later, unless the machine has moved on meanwhile. */
function later(world: World, machine: Machine, milliseconds: number, act: () => void): void {
  const { epoch } = machine
  world.agenda.after(milliseconds, () => {
    if (machine.epoch === epoch) act()
  })
}

export function boot(world: World, machine: Machine, source: 'user' | 'flyd' | 'proxy' = 'flyd', fast = false): void {
  const { image } = machine.version
  const slow = slowStart(world, machine)
  enter(world, machine, 'starting')
  const platform = fast ? world.timing.resumeMs : world.timing.startMs + slow
  later(world, machine, platform + (fast ? 0 : (image.behaviour.startMs ?? 0)), () => {
    const { epoch } = machine
    world.runtime.start(machine, () => {
      if (machine.epoch !== epoch) return
      machine.process = { startedAt: world.agenda.now(), image }
      addEvent(world, machine, { type: 'start', status: 'started', source })
      enter(world, machine, 'started')
      world.logs.write(machine, 'info', `Machine started in ${Math.round(platform)}ms`, 'runner')
      beginChecks(world, machine)
      awaitExit(world, machine)
    })
  })
}

/** The process stops serving at once; the machine is `stopped` a little later. */
export function halt(world: World, machine: Machine, source: 'user' | 'proxy' | 'flyd', then?: () => void): void {
  const ran = machine.process !== undefined
  killProcess(world, machine)
  addEvent(world, machine, { type: 'stop', status: 'stopping', source })
  enter(world, machine, 'stopping')
  later(world, machine, world.timing.stopMs, () => {
    if (ran) addExitEvent(world, machine, { code: 0, requested: true, restarting: false })
    enter(world, machine, 'stopped')
    then?.()
  })
}

export function suspend(world: World, machine: Machine): void {
  killProcess(world, machine)
  addEvent(world, machine, { type: 'suspend', status: 'suspending', source: 'user' })
  enter(world, machine, 'suspending')
  later(world, machine, world.timing.suspendMs, () => enter(world, machine, 'suspended'))
}

export function restart(world: World, machine: Machine): void {
  const ran = machine.process !== undefined
  killProcess(world, machine)
  machine.restarts = 0
  addEvent(world, machine, { type: 'restart', status: 'restarting', source: 'user' })
  enter(world, machine, 'restarting')
  later(world, machine, ran ? world.timing.stopMs : 0, () => {
    if (ran) addExitEvent(world, machine, { code: 0, requested: true, restarting: true })
    boot(world, machine)
  })
}

export function destroy(world: World, machine: Machine, source: 'user' | 'flyd' = 'user'): void {
  killProcess(world, machine)
  addEvent(world, machine, { type: 'destroy', status: 'destroying', source })
  machine.lease = undefined
  enter(world, machine, 'destroying')
  later(world, machine, world.timing.destroyMs, () => {
    addEvent(world, machine, { type: 'destroy', status: 'destroyed' })
    world.metrics.ended(machine)
    enter(world, machine, 'destroyed')
    for (const volume of world.apps.get(machine.app)?.volumes.values() ?? [])
      if (volume.attachedMachineId === machine.id) volume.attachedMachineId = null
    world.agenda.after(world.timing.lingerMs, () => world.apps.get(machine.app)?.machines.delete(machine.id))
  })
}

/** After creation: the image is fetched, then the machine starts, or stays as it is when nobody wants it to. */
export function settleNew(world: World, machine: Machine, launch: boolean): void {
  later(world, machine, world.timing.createMs, () => {
    if (launch) boot(world, machine)
    else enter(world, machine, 'stopped')
  })
}

/**
 * A new version takes the place of the current one. What cannot be pulled is silently undone: the machine comes back on
 * the version it had, and nothing but `instance_id` and the image says so.
 */
export function replace(world: World, machine: Machine, next: MachineVersion, launch: boolean): void {
  const previous = machine.version
  const running = machine.process !== undefined || ['starting', 'restarting'].includes(machine.state)
  const boots = launch && (running || machine.state === 'failed')
  killProcess(world, machine)
  machine.version = next
  machine.versions.push(next)
  machine.checks = []
  machine.restarts = 0
  addEvent(world, machine, { type: 'update', status: 'replacing', source: 'user' })
  enter(world, machine, 'replacing')
  later(world, machine, world.timing.replaceMs, () => {
    if (!pulls(world, machine, previous, next)) {
      machine.version = previous
      machine.versions.pop()
      world.logs.write(machine, 'error', `Failed to pull image ${next.reference}`, 'runner')
      if (running) boot(world, machine)
      else enter(world, machine, 'stopped')
      return
    }
    // The update brings its own snapshot of the metadata: what was written meanwhile is lost.
    machine.version = next
    machine.versions[machine.versions.length - 1] = next
    machine.events = []
    addEvent(world, machine, { type: 'launch', status: 'created', source: 'user' })
    if (boots && world.faults.strike('autostop', { machine }) === undefined) {
      boot(world, machine)
      return
    }
    addEvent(world, machine, { type: 'update', status: 'stopped' })
    if (!running) world.logs.write(machine, 'info', 'machine was not started before the update, left stopped', 'runner')
    enter(world, machine, 'stopped')
  })
}

function slowStart(world: World, machine: Machine): number {
  const fault = world.faults.active('slow-start', { machine })
  return fault === undefined ? 0 : (fault.milliseconds ?? 10_000)
}

function pulls(world: World, machine: Machine, previous: MachineVersion, next: MachineVersion): boolean {
  if (world.faults.strike('image-pull-failure', { machine, image: next.reference }) !== undefined) return false
  return previous.image.digest === next.image.digest || world.registry.available(next.reference)
}

function killProcess(world: World, machine: Machine, abrupt = false): void {
  if (machine.process !== undefined) endChecks(world, machine)
  machine.process?.exit?.cancel()
  machine.process = undefined
  world.runtime.stop(machine, abrupt)
}

/** The process ends by itself: a command that is done, a crash, the kernel. */
export function exitProcess(world: World, machine: Machine, code: number, oom = false): void {
  const policy = objectOf(machine.version.config['restart'])
  const kind = textOf(policy['policy']) || (isCommand(machine) ? 'no' : 'on-failure')
  const retries = typeof policy['max_retries'] === 'number' ? policy['max_retries'] : standardRetries
  const again = kind === 'always' || (kind === 'on-failure' && code !== 0 && machine.restarts < retries)
  killProcess(world, machine, true)
  if (again) machine.restarts += 1
  addExitEvent(world, machine, { code, oom, requested: false, restarting: again })
  world.metrics.exited(machine, code, oom)
  const reason = oom ? 'Process was killed: out of memory' : `Main child exited normally with code: ${code}`
  world.logs.write(machine, code === 0 ? 'info' : 'error', reason, 'runner')
  if (again) {
    enter(world, machine, 'restarting')
    later(world, machine, world.timing.restartPauseMs, () => boot(world, machine))
  } else if (machine.version.config['auto_destroy'] === true) destroy(world, machine, 'flyd')
  else enter(world, machine, 'stopped')
}

function isCommand(machine: Machine): boolean {
  return commandGroups.has(groupOf(machine.version.config))
}

/** Lets the process live as long as its image, and what is laid over it, say. */
export function awaitExit(world: World, machine: Machine): void {
  const { process } = machine
  if (process === undefined) return
  process.exit?.cancel()
  const end = nextExit(world, machine, process)
  const due = end === undefined ? undefined : Math.max(world.agenda.now(), end.at)
  process.exit =
    end === undefined || due === undefined
      ? undefined
      : world.agenda.at(due, () => {
          if (machine.process === process) exitProcess(world, machine, end.code, end.oom)
        })
}

function nextExit(world: World, machine: Machine, { startedAt, image }: Process) {
  if (isCommand(machine)) {
    const { exitCode = 0, takesMs = 500 } = image.behaviour.command ?? {}
    return { at: startedAt + takesMs, code: exitCode, oom: false }
  }
  const fault = world.faults.active('crash-loop', { machine }) ?? world.faults.active('oom', { machine })
  if (fault !== undefined) {
    const oom = fault.kind === 'oom'
    return { at: startedAt + (fault.milliseconds ?? 5_000), code: oom ? 137 : 1, oom }
  }
  const overlay = [machine.overlay, world.apps.get(machine.app)?.overlay].find((it) => it?.behaviour.exit !== undefined)
  const exit = overlay?.behaviour.exit ?? image.behaviour.exit
  if (exit === undefined) return undefined
  const { afterMs, oom = false, code = oom ? 137 : 1 } = exit
  return { at: Math.max(startedAt, overlay?.since ?? startedAt) + afterMs, code, oom }
}
