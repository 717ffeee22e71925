import type { JsonObject } from '@firebreak/core'
import { durationMs, listOf, metadataOf, objectOf } from '../world/config.ts'
import type { Machine } from '../world/machine.ts'
import type { World } from '../world/world.ts'
import { appFor, machineFor, refreshHost } from './access.ts'
import type { Answer, Call, Handler } from './call.ts'
import { flag, json, written } from './call.ts'
import { eventObject, leaseSummary, machineJson, machineObject, summaryObject } from './machine-json.ts'
import { refuse } from './refusal.ts'

export function machineReads(world: World): Readonly<Record<string, Handler>> {
  return {
    'machines.list'(call) {
      const app = appFor(world, call)
      const machines = [...app.machines.values()].filter((machine) => wanted(call, machine))
      for (const machine of machines) refreshHost(world, machine)
      if (flag(call, 'summary')) return json(machines.map(summaryObject))
      if (flag(call, 'include_leases'))
        return json(machines.map((machine) => withLease(machineObject(machine), leaseSummary(world, machine))))
      return written(`[${machines.map(machineJson).join(',')}]`)
    },
    'machines.get': (call) => written(machineJson(machineFor(world, call).machine)),
    'machines.wait': (call) => wait(world, call),
    'machines.events'(call) {
      const { machine } = machineFor(world, call)
      const limit = Math.min(50, Math.max(1, Number(call.query.get('limit') ?? 20) || 20))
      return json(machine.events.slice(0, limit).map(eventObject))
    },
    'machines.versions'(call) {
      const { machine } = machineFor(world, call)
      return json(machine.versions.toReversed().map(({ id, config }) => ({ version: id, user_config: config })))
    },
    'machines.ps'(call) {
      const { machine } = machineFor(world, call)
      if (machine.process === undefined) throw refuse(412, 'failed_precondition: machine not running')
      const sockets = listenPorts(machine).flatMap((port) => [
        { proto: 'tcp', address: `0.0.0.0:${port}` },
        { proto: 'tcp6', address: `[::]:${port}` },
      ])
      const alive = Math.max(0, Math.round((world.agenda.now() - machine.process.startedAt) / 1_000))
      return json([
        {
          pid: 1,
          stime: 0,
          rtime: alive,
          command: '/fly/init',
          directory: '/',
          cpu: 0,
          rss: 4_194_304,
          listen_sockets: [],
        },
        {
          pid: 314,
          stime: 1,
          rtime: alive,
          command: '/app/server',
          directory: '/app',
          cpu: 1,
          rss: 67_108_864,
          listen_sockets: sockets,
        },
      ])
    },
  }
}

function withLease(machine: JsonObject, lease: JsonObject | undefined): JsonObject {
  return lease === undefined ? machine : { ...machine, lease }
}

function wanted(call: Call, machine: Machine): boolean {
  const { query } = call
  if (machine.state === 'destroyed' && !flag(call, 'include_deleted')) return false
  const region = query.get('region')
  if (region !== null && region !== '' && machine.region !== region) return false
  const states = query
    .getAll('state')
    .flatMap((state) => state.split(','))
    .filter((state) => state !== '')
  if (states.length > 0 && !states.includes(machine.state)) return false
  for (const [name, value] of query)
    if (name.startsWith('metadata.') && metadataOf(machine.version.config)[name.slice('metadata.'.length)] !== value)
      return false
  return true
}

function listenPorts(machine: Machine): readonly number[] {
  const ports = listOf(machine.version.config['services']).map((service) => objectOf(service)['internal_port'])
  return ports.filter((port) => typeof port === 'number')
}

const waitable = new Set(['started', 'stopped', 'suspended', 'destroyed', 'failed', 'settled', 'created'])
/** Where a machine stays until somebody does something. */
const settled = new Set(['started', 'stopped', 'suspended', 'failed', 'destroyed'])

/** Answers when the machine gets there; 408 when it does not in time, or never can. */
function wait(world: World, call: Call): Answer | Promise<Answer> {
  const { machine } = machineFor(world, call)
  const { query } = call
  const asked = query
    .getAll('state')
    .flatMap((state) => state.split(','))
    .filter((state) => state !== '')
  const states = asked.length === 0 ? ['started'] : asked
  const unknown = states.find((state) => !waitable.has(state))
  if (unknown !== undefined)
    throw refuse(400, `invalid_argument: invalid WaitMachineRequest.State: unknown state '${unknown}'`)
  const seconds = timeoutSeconds(query.get('timeout'))
  const version = query.get('version') ?? query.get('instance_id') ?? ''
  const after = query.get('from_event_id') ?? ''

  function look(): Answer | undefined {
    const replaced = version !== '' && version !== machine.version.id
    if (!replaced && reached(machine, states, after))
      return json({
        ok: true,
        event_id: machine.events[0]?.id ?? '',
        state: machine.state,
        version: machine.version.id,
      })
    if (machine.state === 'destroyed') throw refuse(404, 'not_found: machine not found')
    if (replaced) throw late('replaced')
    return undefined
  }
  const late = (state: string) =>
    refuse(408, `deadline_exceeded: machine failed to reach desired state, ${states.join(',')}, currently ${state}`)

  const now = look()
  if (now !== undefined) return now
  return new Promise((resolve, reject) => {
    const release = world.agenda.hold()
    const finish = () => {
      stopWatching()
      deadline.cancel()
      release()
      call.signal?.removeEventListener('abort', gone)
    }
    const gone = () => {
      finish()
      reject(refuse(408, 'client closed the request'))
    }
    const deadline = world.agenda.after(seconds * 1_000, () => {
      finish()
      reject(late(machine.state))
    })
    const stopWatching = world.watchers.watch(machine.id, () => {
      try {
        const answer = look()
        if (answer === undefined) return false
        finish()
        resolve(answer)
      } catch (error) {
        finish()
        reject(error instanceof Error ? error : refuse(500, 'internal'))
      }
      return true
    })
    call.signal?.addEventListener('abort', gone, { once: true })
  })
}

function reached(machine: Machine, states: readonly string[], after: string): boolean {
  if (after !== '' && (machine.events[0]?.id ?? '') <= after) return false
  return states.some((state) => state === machine.state || (state === 'settled' && settled.has(machine.state)))
}

function timeoutSeconds(text: string | null): number {
  if (text === null || text === '') return 60
  const seconds = /^\d+$/.test(text) ? Number(text) : (durationMs(text) ?? Number.NaN) / 1_000
  if (!(seconds >= 1 && seconds <= 60))
    throw refuse(400, 'invalid_argument: invalid WaitMachineRequest.Timeout: value must be inside range [1s, 1m0s]')
  return seconds
}
