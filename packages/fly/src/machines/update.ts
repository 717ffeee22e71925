import { InvalidInput, retry } from '@firebreak/core'
import { FlyConflictError } from '../errors/kinds.ts'
import type { Answered, CallOptions } from '../transport/call.ts'
import { isTransient, retryPolicy } from '../transport/retry-policy.ts'
import { checkedNumber } from '../transport/route.ts'
import { decode } from '../transport/schema.ts'
import { machineSchema } from './machine-schema.ts'
import type { Machine, MachineConfig } from './machine.ts'
import { aboutOf, leaseHeader, machineRequest, type AppScope } from './scope.ts'

/** What is to be different. Everything that is not named here stays as it is, unknown fields included. */
export interface MachineChange {
  readonly image?: string | undefined
  /** Merged into what is there; `null` removes a key. */
  readonly metadata?: Readonly<Record<string, string | null>> | undefined
  /** For anything else: gets the whole configuration, returns the whole configuration. */
  readonly config?: ((config: MachineConfig) => MachineConfig) | undefined
}

export interface UpdateOptions extends CallOptions {
  /** Of a lease on the machine, when one is held. */
  readonly nonce?: string | undefined
  /** Applies the configuration without booting; a stopped machine stays stopped. */
  readonly skipLaunch?: boolean | undefined
  /** Starts cordoned. */
  readonly skipServiceRegistration?: boolean | undefined
  readonly minSecretsVersion?: number | undefined
  /** Seconds; the answer then carries a nonce. */
  readonly leaseTtlSeconds?: number | undefined
}

/** The configuration to send: a copy of what was read, with the change in it. */
function changedConfig(config: MachineConfig, change: MachineChange): MachineConfig {
  const metadata = Object.entries({ ...config.metadata, ...change.metadata }).filter(([, value]) => value !== null)
  const changed = {
    ...config,
    ...(change.image === undefined ? {} : { image: change.image }),
    ...(change.metadata === undefined ? {} : { metadata: Object.fromEntries(metadata) as Record<string, string> }),
  }
  return change.config === undefined ? changed : change.config(changed)
}

/**
 * Compare-and-set: refused with 409 when the machine is no longer the version that was read. After a failure that may
 * have taken effect the machine is looked at before anything is sent again.
 */
export async function updateMachine(
  scope: AppScope,
  machine: Machine,
  change: MachineChange,
  options: UpdateOptions = {},
): Promise<Answered<Machine>> {
  const { http } = scope
  const config = writable(machine)
  const body = {
    config: changedConfig(config, change),
    region: machine.region,
    current_version: machine.instance_id,
    skip_launch: options.skipLaunch ?? false,
    ...(options.skipServiceRegistration === undefined
      ? {}
      : { skip_service_registration: options.skipServiceRegistration }),
    ...(options.minSecretsVersion === undefined
      ? {}
      : { min_secrets_version: checkedNumber(options.minSecretsVersion, 'minSecretsVersion', 0, 1e12, true) }),
    ...(options.leaseTtlSeconds === undefined
      ? {}
      : { lease_ttl: checkedNumber(options.leaseTtlSeconds, 'leaseTtlSeconds', 1, 86_400, true) }),
  }
  const request = machineRequest(scope, 'POST', machine.id, '', { body, headers: leaseHeader(options.nonce) })
  const about = aboutOf(request)

  return http.within(options, about, async (signal) => {
    async function attempt(number: number): Promise<Answered<Machine>> {
      if (number > 1) {
        const seen = await look(signal)
        if (seen !== undefined) return seen
      }
      const answer = await http.send({ ...request, attempt: number }, { signal, retry: false })
      return decode(machineSchema, answer, about)
    }
    /** The machine as it is now when our update is in it; nothing when it is as it was. */
    async function look(during: AbortSignal): Promise<Answered<Machine> | undefined> {
      const get = machineRequest(scope, 'GET', machine.id, '')
      const now = decode(machineSchema, await http.send(get, { signal: during }), aboutOf(get))
      if (now.data.instance_id === machine.instance_id) return undefined
      if (holdsChange(now.data.config, config, body.config)) return now
      throw new FlyConflictError(
        'FLY_STALE_VERSION',
        `${about.method} ${about.path}: somebody else changed the machine meanwhile; read it and decide again`,
        { ...about, requestId: now.requestId },
      )
    }
    return retry(attempt, {
      policy: retryPolicy(http.settings.retry, options.retry, isTransient),
      clock: http.settings.clock,
      random: http.settings.random,
      signal,
    })
  })
}

/** Refuses what must not be written back: a summary, or the half of a configuration that a lost host left. */
function writable(machine: Machine): MachineConfig {
  if (machine.config === undefined)
    throw new InvalidInput(
      'machine',
      `${machine.id} came without its configuration (host ${machine.host_status ?? 'unknown'}, or a summary); an update would erase it`,
    )
  if (machine.instance_id === '')
    throw new InvalidInput('machine', `${machine.id} came without its version; read it with machines.get()`)
  return machine.config
}

/** Whether a machine carries what we changed: every field of the configuration that we sent differently than we read it. */
function holdsChange(now: MachineConfig | undefined, read: MachineConfig, sent: MachineConfig): boolean {
  const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other)
  return [...new Set([...Object.keys(read), ...Object.keys(sent)])].every(
    (field) => same(read[field], sent[field]) || same(now?.[field], sent[field]),
  )
}
