import type { Lease, Machine } from '../world/machine.ts'
import type { World } from '../world/world.ts'
import { currentLease, guardHost, leaseHeld, machineFor } from './access.ts'
import type { Answer, Call, Handler } from './call.ts'
import { json, objectBody } from './call.ts'
import { refuse } from './refusal.ts'

/** Undocumented; when nobody says how long. */
const standardTtlMs = 30_000

export function leaseHandlers(world: World): Readonly<Record<string, Handler>> {
  return {
    'leases.acquire'(call) {
      const { machine } = machineFor(world, call)
      if (machine.state === 'destroyed') throw refuse(404, 'not_found: machine not found')
      guardHost(machine)
      const foreign = world.faults.strike('foreign-lease', { operation: call.operation, machine })
      if (foreign !== undefined) leaseFor(world, machine, 'ci@example.com', foreign.milliseconds ?? 30_000, 'deploy')
      const body = objectBody(call)
      const nonce = call.header('fly-machine-lease-nonce')
      const held = currentLease(world, machine)
      if (held !== undefined && held.nonce !== nonce) throw leaseHeld(machine, held.owner, world.stamp(held.expiresAt))
      const ttlMs = ttlOf(call, body['ttl']) ?? held?.ttlMs ?? standardTtlMs
      if (held !== undefined) {
        held.expiresAt = world.agenda.now() + ttlMs
        held.ttlMs = ttlMs
        return envelope(world, machine, held, 201)
      }
      if (nonce !== undefined && nonce !== '') throw refuse(404, 'lease not found')
      const description = typeof body['description'] === 'string' ? body['description'] : ''
      return envelope(world, machine, leaseFor(world, machine, call.caller.user, ttlMs, description), 201)
    },
    'leases.get'(call) {
      const { machine } = machineFor(world, call)
      const held = currentLease(world, machine)
      if (held === undefined) throw refuse(404, 'lease not found')
      return envelope(world, machine, held, 200)
    },
    'leases.release'(call) {
      const { machine } = machineFor(world, call)
      const held = currentLease(world, machine)
      if (held === undefined) throw refuse(404, 'lease not found')
      if (held.nonce !== call.header('fly-machine-lease-nonce'))
        throw refuse(400, 'invalid_argument: lease nonce does not match')
      machine.lease = undefined
      return json({ status: 'success', data: { ok: true } })
    },
  }
}

export function leaseFor(world: World, machine: Machine, owner: string, ttlMs: number, description: string): Lease {
  const lease: Lease = { nonce: world.ids.hex(12), owner, description, expiresAt: world.agenda.now() + ttlMs, ttlMs }
  machine.lease = lease
  return lease
}

function ttlOf(call: Call, inBody: unknown): number | undefined {
  const text = call.query.get('ttl')
  const seconds = text === null ? inBody : Number(text)
  if (seconds === undefined || seconds === null) return undefined
  if (typeof seconds !== 'number' || !Number.isFinite(seconds) || seconds <= 0)
    throw refuse(400, 'invalid_argument: ttl must be a positive number of seconds')
  return seconds * 1_000
}

function envelope(world: World, machine: Machine, lease: Lease, status: number): Answer {
  return json(
    {
      status: 'success',
      data: {
        nonce: lease.nonce,
        expires_at: Math.ceil(world.stamp(lease.expiresAt) / 1_000),
        owner: lease.owner,
        description: lease.description,
        version: machine.version.id,
      },
    },
    status,
  )
}
