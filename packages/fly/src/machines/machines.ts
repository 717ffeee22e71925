import * as z from 'zod'
import { flyCall, type CallOptions, type FlyCall } from '../transport/call.ts'
import { flyList, type FlyList } from '../transport/list.ts'
import { checkedName, checkedNumber } from '../transport/route.ts'
import { decode } from '../transport/schema.ts'
import { InvalidInput } from '@firebreak/core'
import { machineSchema } from './machine-schema.ts'
import type { Machine } from './machine.ts'
import {
  acquireLease,
  holdLease,
  readLease,
  refreshLease,
  releaseLease,
  type FlyLease,
  type HeldLease,
  type LeaseOptions,
} from './lease.ts'
import { startMachine, type MachineWriteOptions, type StartResult } from './lifecycle.ts'
import { aboutOf, ask, leaseHeader, machineRequest, type AppScope, type RequestExtra } from './scope.ts'
import { updateMachine, type MachineChange, type UpdateOptions } from './update.ts'
import { waitForState, type WaitQuery, type WaitResult } from './wait.ts'

/** Which machines of an app. */
export interface MachineQuery extends CallOptions {
  readonly region?: string | undefined
  readonly state?: string | readonly string[] | undefined
  /** Also destroyed ones. */
  readonly includeDeleted?: boolean | undefined
  /** Adds who holds a lease, and until when. */
  readonly includeLeases?: boolean | undefined
  /** Leaves configuration, checks and events out. */
  readonly summary?: boolean | undefined
  /** Exact matches, all of them. */
  readonly metadata?: Readonly<Record<string, string>> | undefined
}

/** The machines of one app. `id` is a machine's id; a lease's nonce goes with every write that it guards. */
export interface FlyMachines {
  /** `GET /v1/apps/{app}/machines` */
  list(query?: MachineQuery): FlyList<Machine>
  /** `GET /v1/apps/{app}/machines/{machine}` */
  get(id: string, options?: CallOptions): FlyCall<Machine>
  /**
   * `POST /v1/apps/{app}/machines/{machine}` with `current_version`: refused with `FLY_STALE_VERSION` when the machine
   * is no longer the one that was read. Everything that the change does not name is written back as it was read.
   * An id instead of a machine reads it first.
   */
  update(machine: Machine | string, change: MachineChange, options?: UpdateOptions): FlyCall<Machine>
  /** `POST …/start`; repeated while an update is under way; already started is a success. */
  start(id: string, options?: MachineWriteOptions): FlyCall<StartResult>
  /** `POST …/stop`; already stopped is a success. */
  stop(id: string, options?: StopOptions): FlyCall<void>
  /** `POST …/restart`; not repeated when its answer was lost. */
  restart(id: string, options?: RestartOptions): FlyCall<void>
  /** `POST …/cordon`: out of the proxy's pool, still running. Idempotent. */
  cordon(id: string, options?: MachineWriteOptions): FlyCall<void>
  /** `POST …/uncordon`. Idempotent. */
  uncordon(id: string, options?: MachineWriteOptions): FlyCall<void>
  /** `GET …/wait`, repeated beyond Fly's 60 s. Rejects with `FLY_WAIT_TIMEOUT`. */
  wait(id: string, query?: WaitQuery): FlyCall<WaitResult>
  readonly leases: FlyLeases
}

export interface StopOptions extends MachineWriteOptions {
  /** Default SIGINT. */
  readonly signalName?: string | undefined
  /** Before it is killed, in seconds. */
  readonly graceSeconds?: number | undefined
}

export interface RestartOptions extends StopOptions {
  readonly forceStop?: boolean | undefined
}

export interface FlyLeases {
  /** `GET …/lease`; `FLY_NOT_FOUND` when nobody holds one. */
  get(id: string, options?: CallOptions): FlyCall<FlyLease>
  /** `POST …/lease`; `FLY_LEASE_HELD` names the holder and until when. Never steals. */
  acquire(id: string, options?: LeaseOptions): FlyCall<FlyLease>
  /** `POST …/lease` with the nonce. */
  refresh(
    id: string,
    lease: Pick<FlyLease, 'nonce'> & Partial<Pick<FlyLease, 'description'>>,
    options?: LeaseOptions,
  ): FlyCall<FlyLease>
  /** `DELETE …/lease`; gone already is no error. */
  release(id: string, nonce: string, options?: CallOptions): Promise<void>
  /** Acquires, refreshes by itself, and releases: `await using lease = await app.machines.leases.hold(id)`. */
  hold(id: string, options?: LeaseOptions): Promise<HeldLease>
}

const nothing = z.unknown().transform(() => undefined)

export function flyMachines(scope: AppScope): FlyMachines {
  const { http } = scope
  function write(id: string, action: string, options: MachineWriteOptions = {}, extra: () => RequestExtra) {
    const request = () => machineRequest(scope, 'POST', id, action, { headers: leaseHeader(options.nonce), ...extra() })
    return ask(http, request, nothing, options)
  }
  return {
    list: (query = {}) => listMachines(scope, query),
    get: (id, options) => ask(http, () => machineRequest(scope, 'GET', id, ''), machineSchema, options),
    update: (machine, change, options) =>
      flyCall(async () => {
        const read = () => ask(http, () => machineRequest(scope, 'GET', machine as string, ''), machineSchema, options)
        return updateMachine(scope, typeof machine === 'string' ? await read() : machine, change, options)
      }),
    start: (id, options) => flyCall(() => startMachine(scope, id, options)),
    stop: (id, options = {}) => write(id, '/stop', options, () => ({ repeat: 'always', body: stopBody(options) })),
    restart: (id, options = {}) =>
      write(id, '/restart', options, () => ({ repeat: 'unsent', query: [...restartQuery(options)] })),
    cordon: (id, options) => write(id, '/cordon', options, () => ({ repeat: 'always' })),
    uncordon: (id, options) => write(id, '/uncordon', options, () => ({ repeat: 'always' })),
    wait: (id, query) => flyCall(() => waitForState(scope, id, query)),
    leases: {
      get: (id, options) => flyCall(() => readLease(scope, id, options)),
      acquire: (id, options) => flyCall(() => acquireLease(scope, id, options)),
      refresh: (id, lease, options) => flyCall(() => refreshLease(scope, id, lease, options)),
      release: (id, nonce, options) => releaseLease(scope, id, nonce, options),
      hold: (id, options) => holdLease(scope, id, options),
    },
  }
}

function listMachines(scope: AppScope, query: MachineQuery): FlyList<Machine> {
  const request = () => ({
    service: 'machines' as const,
    method: 'GET' as const,
    route: '/v1/apps/{app}/machines',
    values: { app: scope.app },
    query: [...listFilters(query)],
    repeat: 'always' as const,
    pace: { key: `GET machines ${scope.app}`, by: 'action' as const },
  })
  return flyList(async () => {
    const made = request()
    return decode(z.array(machineSchema), await scope.http.send(made, query), aboutOf(made))
  })
}

function* listFilters(query: MachineQuery): Generator<readonly [string, string]> {
  if (query.includeDeleted === true) yield ['include_deleted', 'true']
  if (query.includeLeases === true) yield ['include_leases', 'true']
  if (query.summary === true) yield ['summary', 'true']
  if (query.region !== undefined) yield ['region', checkedName(query.region, 'region')]
  const states = query.state === undefined ? [] : [query.state].flat()
  if (states.length > 0) yield ['state', states.map((state) => checkedName(state, 'state')).join(',')]
  for (const [key, value] of Object.entries(query.metadata ?? {})) yield [`metadata.${key}`, value]
}

function stopBody({ signalName, graceSeconds }: StopOptions): Record<string, unknown> {
  return {
    ...(signalName === undefined ? {} : { signal: checkedSignal(signalName) }),
    ...(graceSeconds === undefined ? {} : { timeout: `${checkedNumber(graceSeconds, 'graceSeconds', 0, 86_400)}s` }),
  }
}

function* restartQuery(options: RestartOptions): Generator<readonly [string, string]> {
  if (options.graceSeconds !== undefined)
    yield ['timeout', `${checkedNumber(options.graceSeconds, 'graceSeconds', 0, 86_400)}s`]
  if (options.signalName !== undefined) yield ['signal', checkedSignal(options.signalName)]
  if (options.forceStop !== undefined) yield ['force_stop', String(options.forceStop)]
}

function checkedSignal(name: string): string {
  if (!/^SIG[A-Z0-9]{2,10}$/.test(name)) throw new InvalidInput('signalName', 'must be a name like SIGTERM')
  return name
}
