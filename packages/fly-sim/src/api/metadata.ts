import type { Json, JsonObject } from '@firebreak/core'
import { metadataOf, objectOf } from '../world/config.ts'
import { touch } from '../world/machine.ts'
import type { Machine } from '../world/machine.ts'
import type { World } from '../world/world.ts'
import { machineFor } from './access.ts'
import type { Call, Handler } from './call.ts'
import { empty, json, objectBody } from './call.ts'
import { refuse } from './refusal.ts'

/** A machine's metadata. What is written while an update is under way is lost when it completes: the update has its own. */
export function metadataHandlers(world: World): Readonly<Record<string, Handler>> {
  const write = (machine: Machine, metadata: Readonly<Record<string, string>>) => {
    machine.version = { ...machine.version, config: { ...machine.version.config, metadata } }
    machine.versions[machine.versions.length - 1] = machine.version
    touch(machine, world.stamp())
  }
  const many =
    (replaces: boolean): Handler =>
    (call) => {
      const { machine } = machineFor(world, call)
      const body = objectBody(call)
      const expected = body['machine_version']
      if (typeof expected === 'string' && expected !== '' && expected !== machine.version.id)
        throw refuse(412, `failed_precondition: machine version ${expected} is not current`)
      const before = replaces ? {} : metadataOf(machine.version.config)
      write(machine, merged(before, objectOf(body['metadata'])))
      return empty(204)
    }
  return {
    'metadata.get': (call) => json(metadataOf(machineFor(world, call).machine.version.config)),
    'metadata.replace': many(true),
    'metadata.merge': many(false),
    'metadata.getKey'(call) {
      const value = metadataOf(machineFor(world, call).machine.version.config)[keyOf(call)]
      if (value === undefined) throw refuse(404, 'not_found: metadata key not found')
      return json({ value })
    },
    'metadata.setKey'(call) {
      const { machine } = machineFor(world, call)
      const { value } = objectBody(call)
      if (typeof value !== 'string') throw refuse(400, 'invalid_argument: value must be a string')
      write(machine, merged(metadataOf(machine.version.config), { [keyOf(call)]: value }))
      return empty(204)
    },
    'metadata.deleteKey'(call) {
      const { machine } = machineFor(world, call)
      write(machine, merged(metadataOf(machine.version.config), { [keyOf(call)]: null }))
      return empty(204)
    },
  }
}

function keyOf(call: Call): string {
  return call.params['key'] ?? ''
}

/** Null or "" removes a key. */
function merged(before: Readonly<Record<string, string>>, changes: JsonObject): Readonly<Record<string, string>> {
  const all: Record<string, Json | undefined> = { ...before, ...changes }
  return Object.fromEntries(
    Object.entries(all).filter((entry): entry is [string, string] => typeof entry[1] === 'string' && entry[1] !== ''),
  )
}
