import type { JsonObject } from '@firebreak/core'
import type { App } from '../world/app.ts'
import { listOf, normalizeConfig, objectOf, textOf } from '../world/config.ts'
import { boot, destroy, halt, replace, restart, suspend } from '../world/lifecycle.ts'
import { createMachine } from '../world/create-machine.ts'
import { touch } from '../world/machine.ts'
import type { Machine } from '../world/machine.ts'
import type { World } from '../world/world.ts'
import { appFor, guardHost, guardWrite, machineFor } from './access.ts'
import type { Answer, Call, Handler } from './call.ts'
import { flag, json, objectBody, written } from './call.ts'
import { leaseFor } from './leases.ts'
import { machineJson, machineObject } from './machine-json.ts'
import { refuse } from './refusal.ts'

const ok = (): Answer => written('{"ok":true}')
const noRoom = 'could not reserve resource for machine: insufficient memory available to fulfill request'
const startable = new Set(['stopped', 'suspended', 'failed'])
const deletable = new Set(['stopped', 'suspended', 'created', 'failed'])

export function machineWrites(world: World): Readonly<Record<string, Handler>> {
  /** Finds the machine, sees that the write is allowed, does it. */
  const write =
    (act: (machine: Machine, call: Call) => Answer): Handler =>
    (call) => {
      const { machine } = machineFor(world, call)
      if (machine.state === 'destroyed') throw refuse(404, 'not_found: machine not found')
      guardWrite(world, call, machine)
      return act(machine, call)
    }
  return {
    'machines.create': (call) => create(world, call),
    'machines.update': write((machine, call) => update(world, call, machine)),
    'machines.delete': write((machine, call) => {
      if (machine.state === 'destroying') return ok()
      const force = flag(call, 'force') || flag(call, 'kill')
      if (!force && !deletable.has(machine.state))
        throw refuse(
          412,
          `failed_precondition: unable to destroy machine, not currently stopped or suspended (${machine.state})`,
        )
      destroy(world, machine)
      return ok()
    }),
    'machines.start': write((machine, call) => {
      const previous = machine.state
      if (previous !== 'started' && previous !== 'starting') {
        if (!startable.has(previous))
          throw refuse(412, `failed_precondition: unable to start machine from current state: '${previous}'`)
        if (world.faults.strike('capacity', { operation: call.operation, machine }) !== undefined)
          throw refuse(409, `aborted: ${noRoom}`, 'insufficient_capacity')
        boot(world, machine, 'user', previous === 'suspended')
      }
      return json({ previous_state: previous, migrated: false, new_host: '' })
    }),
    'machines.stop': write((machine, call) => {
      objectBody(call)
      if (['replacing', 'destroying'].includes(machine.state))
        throw refuse(412, `failed_precondition: unable to stop machine from current state: '${machine.state}'`)
      if (machine.state !== 'stopped' && machine.state !== 'stopping') halt(world, machine, 'user')
      return ok()
    }),
    'machines.suspend': write((machine) => {
      if (machine.state === 'suspended' || machine.state === 'suspending') return ok()
      if (machine.state !== 'started')
        throw refuse(412, `failed_precondition: unable to suspend machine from current state: '${machine.state}'`)
      suspend(world, machine)
      return ok()
    }),
    'machines.restart': write((machine) => {
      if (['replacing', 'destroying', 'created'].includes(machine.state))
        throw refuse(412, `failed_precondition: unable to restart machine from current state: '${machine.state}'`)
      restart(world, machine)
      return ok()
    }),
    'machines.cordon': write((machine) => cordon(world, machine, true)),
    'machines.uncordon': write((machine) => cordon(world, machine, false)),
    'machines.signal'(call) {
      const { machine } = machineFor(world, call)
      guardHost(machine)
      if (machine.process === undefined) throw refuse(412, 'failed_precondition: machine not running')
      const { signal } = objectBody(call)
      if (typeof signal !== 'string' && typeof signal !== 'number')
        throw refuse(400, 'invalid_argument: signal is required')
      return ok()
    },
    'machines.exec'(call) {
      const { machine } = machineFor(world, call)
      guardHost(machine)
      if (machine.process === undefined) throw refuse(412, 'failed_precondition: machine not running')
      const body = objectBody(call)
      const command = Array.isArray(body['command']) ? body['command'].join(' ') : textOf(body['cmd'])
      if (command === '') throw refuse(400, 'invalid_argument: cmd or command is required')
      const echo = /^echo (.*)$/.exec(command)?.[1]
      return json({ exit_code: 0, exit_signal: 0, stdout: echo === undefined ? '' : `${echo}\n`, stderr: '' })
    },
  }
}

function cordon(world: World, machine: Machine, cordoned: boolean): Answer {
  if (machine.cordoned !== cordoned) {
    machine.cordoned = cordoned
    touch(machine, world.stamp())
    world.runtime.changed(machine)
  }
  return ok()
}

/** What create and update share: a config with an image, secrets that are there, a host that takes it. */
function readInput(world: World, call: Call, app: App, machine: Machine | undefined) {
  const body = objectBody(call)
  const config = body['config']
  if (typeof config !== 'object' || config === null || Array.isArray(config))
    throw refuse(400, 'invalid_argument: config is required')
  const image = textOf(objectOf(config as JsonObject)['image'])
  if (image === '') throw refuse(400, 'invalid_argument: config.image is required')
  const secrets = body['min_secrets_version']
  if (typeof secrets === 'number' && secrets > app.secretsVersion)
    throw refuse(
      412,
      `failed_precondition: secrets version ${secrets} is not available yet, have ${app.secretsVersion}`,
    )
  const occasion = { operation: call.operation, app: app.name, machine, image }
  if (world.faults.strike('capacity', occasion) !== undefined)
    throw refuse(409, `aborted: ${noRoom}`, 'insufficient_capacity')
  if (world.faults.strike('maintenance', occasion) !== undefined)
    throw refuse(503, 'unavailable: deploys to this host are temporarily disabled, please try again later')
  return { body, config: normalizeConfig(config as JsonObject), image, skipLaunch: body['skip_launch'] === true }
}

function create(world: World, call: Call): Answer {
  const app = appFor(world, call)
  const { body, config, image, skipLaunch } = readInput(world, call, app, undefined)
  const name = textOf(body['name'])
  const namesake =
    name === '' ? undefined : [...app.machines.values()].find((it) => it.name === name && it.state !== 'destroyed')
  if (namesake !== undefined)
    throw refuse(
      409,
      `already_exists: unique machine name violation, machine ID ${namesake.id} already exists with name "${name}"`,
    )
  if (!world.registry.available(image))
    throw refuse(400, `invalid_argument: failed to get manifest ${image}: MANIFEST_UNKNOWN`)
  const volumes = mountedVolumes(app, config)
  const machine = createMachine(world, app, {
    name,
    region: textOf(body['region']),
    config,
    launch: !skipLaunch,
    cordoned: body['skip_service_registration'] === true,
  })
  for (const volume of volumes) volume.attachedMachineId = machine.id
  return answerWithLease(world, call, machine, body)
}

function mountedVolumes(app: App, config: JsonObject) {
  return listOf(config['mounts']).map((mount) => {
    const id = textOf(objectOf(mount)['volume'])
    const volume = app.volumes.get(id)
    if (volume === undefined) throw refuse(404, `not_found: volume '${id}' not found`)
    if (volume.attachedMachineId !== null)
      throw refuse(412, `insufficient resources to create new machine with existing volume '${id}'`)
    return volume
  })
}

function update(world: World, call: Call, machine: Machine): Answer {
  const app = appFor(world, call)
  if (world.faults.strike('stale-version', { operation: call.operation, machine }) !== undefined)
    supersede(world, machine)
  const { body, config, image, skipLaunch } = readInput(world, call, app, machine)
  const expected = textOf(body['current_version'])
  if (expected !== '' && expected !== machine.version.id)
    throw refuse(409, `aborted: current_version ${expected} does not match machine version ${machine.version.id}`)
  if (machine.state === 'replacing') throw refuse(409, 'aborted: machine is replacing: concurrent update in progress')
  if (machine.state === 'destroying') throw refuse(412, 'failed_precondition: machine is destroying')
  const before = listOf(machine.version.config['mounts']).map((mount) => textOf(objectOf(mount)['volume']))
  const after = listOf(config['mounts']).map((mount) => textOf(objectOf(mount)['volume']))
  if (before.join(',') !== after.join(','))
    throw refuse(400, 'invalid_argument: attached volumes cannot be changed by an update')
  if (body['skip_service_registration'] === true) machine.cordoned = true
  const next = {
    id: world.ids.ulid(world.stamp()),
    config,
    image: world.registry.known(image),
    reference: image,
    createdAt: world.stamp(),
  }
  replace(world, machine, next, !skipLaunch)
  return answerWithLease(world, call, machine, body)
}

/** Somebody else changed the machine a moment ago: same config, another version. */
function supersede(world: World, machine: Machine) {
  const now = world.stamp()
  machine.version = { ...machine.version, id: world.ids.ulid(now), createdAt: now }
  machine.versions.push(machine.version)
  touch(machine, now)
}

function answerWithLease(world: World, call: Call, machine: Machine, body: JsonObject): Answer {
  const ttl = body['lease_ttl']
  if (typeof ttl !== 'number' || !(ttl > 0)) return written(machineJson(machine))
  const lease = leaseFor(world, machine, call.caller.user, ttl * 1_000, '')
  return json({ ...machineObject(machine), nonce: lease.nonce })
}
