import type { JsonObject } from '@firebreak/core'
import { parseReference } from '../world/registry.ts'
import type { Machine, MachineEvent } from '../world/machine.ts'
import type { World } from '../world/world.ts'
import { rfc3339 } from '../world/world.ts'

/** The machine as GET answers it. Kept until something changes. */
export function machineJson(machine: Machine): string {
  machine.json ??= JSON.stringify(machineObject(machine))
  return machine.json
}

export function machineObject(machine: Machine): JsonObject {
  const { version, hostStatus } = machine
  const reachable = hostStatus === 'ok'
  return {
    id: machine.id,
    name: machine.name,
    state: machine.state,
    region: machine.region,
    image_ref: reachable ? imageRef(machine) : { registry: '', repository: '', tag: '', digest: '', labels: null },
    instance_id: version.id,
    version: version.id,
    private_ip: machine.privateIp,
    created_at: rfc3339(machine.createdAt),
    updated_at: rfc3339(machine.updatedAt),
    ...(reachable ? { config: version.config } : { config: null, incomplete_config: incomplete(version.config) }),
    events: machine.events.map(eventObject),
    checks: checkObjects(machine),
    host_status: hostStatus,
    cordoned: machine.cordoned,
  }
}

export function eventObject({ id, type, status, source, timestamp, request }: MachineEvent): JsonObject {
  return { id, type, status, source, timestamp, ...(request === undefined ? {} : { request }) }
}

export function leaseSummary(world: World, machine: Machine): JsonObject | undefined {
  const { lease } = machine
  if (lease === undefined || lease.expiresAt <= world.agenda.now()) return undefined
  return {
    description: lease.description,
    expires_at: Math.ceil(world.stamp(lease.expiresAt) / 1_000),
    owner: lease.owner,
  }
}

/** What `summary=true` leaves: no config, checks, events, host status, nonce. */
export function summaryObject(machine: Machine): JsonObject {
  const {
    config: _,
    incomplete_config: __,
    events: ___,
    checks: ____,
    host_status: _____,
    ...rest
  } = machineObject(machine)
  return rest
}

function imageRef({ version: { reference, image } }: Machine): JsonObject {
  const { registry, repository, tag } = parseReference(reference)
  return { registry, repository, tag, digest: image.digest, labels: { ...image.labels } }
}

/** Besides the real ones, Fly adds compatibility checks for old clients; newer ones must drop them. */
function checkObjects(machine: Machine): readonly JsonObject[] {
  const real = machine.checks.map(({ name, status, output, updatedAt }) => ({
    name,
    status,
    output,
    updated_at: rfc3339(updatedAt),
  }))
  const services = real.filter(({ name }) => name.startsWith('servicecheck-'))
  return [...real, ...services.map((check) => ({ ...check, name: `bg_deployments_compat-${check.name}` }))]
}

function incomplete(config: JsonObject): JsonObject {
  const { metadata, guest } = config
  return { ...(metadata === undefined ? {} : { metadata }), ...(guest === undefined ? {} : { guest }) }
}
