import { objectOf } from '../world/config.ts'
import type { Machine } from '../world/machine.ts'
import type { World } from '../world/world.ts'
import { guardWrite, machineFor } from './access.ts'
import type { Handler } from './call.ts'
import { json, objectBody } from './call.ts'
import { refuse } from './refusal.ts'

/** What a machine may use of its memory: the guest's size until it is set to less. */
export function memoryHandlers(world: World): Readonly<Record<string, Handler>> {
  const limits = new WeakMap<Machine, number>()
  const sizeOf = (machine: Machine) => Number(objectOf(machine.version.config['guest'])['memory_mb'] ?? 256)
  const answer = (machine: Machine) => ({
    limit_mb: limits.get(machine) ?? sizeOf(machine),
    available_mb: sizeOf(machine),
  })
  return {
    'memory.get': (call) => json(answer(machineFor(world, call).machine)),
    'memory.set'(call) {
      const { machine } = machineFor(world, call)
      guardWrite(world, call, machine)
      const limit = objectBody(call)['limit_mb']
      if (typeof limit !== 'number' || !(limit > 0 && limit <= sizeOf(machine)))
        throw refuse(400, `invalid_argument: limit_mb must lie between 1 and ${sizeOf(machine)}`)
      limits.set(machine, limit)
      return json(answer(machine))
    },
    'memory.reclaim'(call) {
      const { machine } = machineFor(world, call)
      const amount = objectBody(call)['amount_mb']
      if (typeof amount !== 'number' || !(amount >= 0))
        throw refuse(400, 'invalid_argument: amount_mb must be 0 or more')
      return json({ actual_mb: Math.min(amount, Math.floor(sizeOf(machine) / 4)) })
    },
  }
}
