import * as z from 'zod'
import { flyCall, type CallOptions, type FlyCall } from '../transport/call.ts'
import type { FlyList } from '../transport/list.ts'
import { createMachine, deleteMachine, type NewMachine } from './create.ts'
import { execute, listProcesses, type ExecRequest, type ExecResult, type MachineProcess } from './exec.ts'
import { listEvents, listVersions, type MachineVersion } from './history.ts'
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
import { listMachines, type MachineQuery } from './list.ts'
import { machineSchema } from './machine-schema.ts'
import type { Machine, MachineEvent } from './machine.ts'
import { flyMetadata, type FlyMetadata } from './metadata.ts'
import { ask, leaseHeader, machineRequest, type AppScope, type RequestExtra } from './scope.ts'
import { startMachine, type MachineWriteOptions, type StartResult } from './start.ts'
import {
  checkedSignal,
  restartQuery,
  stopBody,
  type RestartOptions,
  type SignalName,
  type StopOptions,
} from './stop.ts'
import { updateMachine, type MachineChange, type UpdateOptions } from './update.ts'
import { waitForState, type WaitQuery, type WaitResult } from './wait.ts'

/** The machines of one app. `id` is a machine's id; a lease's nonce goes with every write that it guards. */
export interface FlyMachines {
  /** `GET /v1/apps/{app}/machines` */
  list(query?: MachineQuery): FlyList<Machine>
  /** `GET /v1/apps/{app}/machines/{machine}` */
  get(id: string, options?: CallOptions): FlyCall<Machine>
  /** `POST /v1/apps/{app}/machines`; repeated only after looking for the machine of the attempt before. */
  create(machine: NewMachine, options?: CallOptions): FlyCall<Machine>
  /**
   * `POST /v1/apps/{app}/machines/{machine}` with `current_version`: refused with `FLY_STALE_VERSION` when the machine
   * is no longer the one that was read. Everything that the change does not name is written back as it was read.
   * An id instead of a machine reads it first.
   */
  update(machine: Machine | string, change: MachineChange, options?: UpdateOptions): FlyCall<Machine>
  /** `DELETE /v1/apps/{app}/machines/{machine}`; without `force` only from stopped or suspended. */
  delete(id: string, options?: MachineWriteOptions & { readonly force?: boolean | undefined }): FlyCall<void>
  /** `POST …/start`; repeated while an update is under way; already started is a success. */
  start(id: string, options?: MachineWriteOptions): FlyCall<StartResult>
  /** `POST …/stop`; already stopped is a success. */
  stop(id: string, options?: StopOptions): FlyCall<void>
  /** `POST …/suspend`; not repeated when its answer was lost. */
  suspend(id: string, options?: MachineWriteOptions): FlyCall<void>
  /** `POST …/restart`; not repeated when its answer was lost. */
  restart(id: string, options?: RestartOptions): FlyCall<void>
  /** `POST …/signal`; not repeated when its answer was lost. */
  signal(id: string, signalName: SignalName, options?: CallOptions): FlyCall<void>
  /** `POST …/exec`; not repeated when its answer was lost. */
  exec(id: string, request: ExecRequest): FlyCall<ExecResult>
  /** `GET …/ps` */
  processes(id: string, options?: CallOptions): FlyCall<readonly MachineProcess[]>
  /** `POST …/cordon`: out of the proxy's pool, still running. Idempotent. */
  cordon(id: string, options?: MachineWriteOptions): FlyCall<void>
  /** `POST …/uncordon`. Idempotent. */
  uncordon(id: string, options?: MachineWriteOptions): FlyCall<void>
  /** `GET …/wait`, repeated beyond Fly's 60 s. Rejects with `FLY_WAIT_TIMEOUT`. */
  wait(id: string, query?: WaitQuery): FlyCall<WaitResult>
  /** `GET …/events`, newest first; `limit` 1–50, default 20. */
  events(id: string, options?: CallOptions & { readonly limit?: number | undefined }): FlyCall<readonly MachineEvent[]>
  /** `GET …/versions`: every version with its whole configuration, newest first. */
  versions(id: string, options?: CallOptions): FlyCall<readonly MachineVersion[]>
  readonly metadata: FlyMetadata
  readonly leases: FlyLeases
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

const nothing = z
  .unknown()
  .optional()
  .transform(() => undefined)

export function flyMachines(scope: AppScope): FlyMachines {
  const { http } = scope
  function write(id: string, action: string, options: MachineWriteOptions = {}, extra: () => RequestExtra) {
    const request = () => machineRequest(scope, 'POST', id, action, { headers: leaseHeader(options.nonce), ...extra() })
    return ask(http, request, nothing, options)
  }
  return {
    list: (query = {}) => listMachines(scope, query),
    get: (id, options) => ask(http, () => machineRequest(scope, 'GET', id, ''), machineSchema, options),
    create: (machine, options) => flyCall(() => createMachine(scope, machine, options)),
    update: (machine, change, options) =>
      flyCall(async () => {
        const read = (id: string) => ask(http, () => machineRequest(scope, 'GET', id, ''), machineSchema, options)
        return updateMachine(scope, typeof machine === 'string' ? await read(machine) : machine, change, options)
      }),
    delete: (id, options) => flyCall(() => deleteMachine(scope, id, options)),
    start: (id, options) => flyCall(() => startMachine(scope, id, options)),
    stop: (id, options = {}) => write(id, '/stop', options, () => ({ repeat: 'always', body: stopBody(options) })),
    suspend: (id, options) => write(id, '/suspend', options, () => ({ repeat: 'unsent' })),
    restart: (id, options = {}) =>
      write(id, '/restart', options, () => ({ repeat: 'unsent', query: [...restartQuery(options)] })),
    signal: (id, signalName, options) =>
      write(id, '/signal', options, () => ({ repeat: 'unsent', body: { signal: checkedSignal(signalName) } })),
    exec: (id, request) => flyCall(() => execute(scope, id, request)),
    processes: (id, options) => flyCall(() => listProcesses(scope, id, options)),
    cordon: (id, options) => write(id, '/cordon', options, () => ({ repeat: 'always' })),
    uncordon: (id, options) => write(id, '/uncordon', options, () => ({ repeat: 'always' })),
    wait: (id, query) => flyCall(() => waitForState(scope, id, query)),
    events: (id, options) => flyCall(() => listEvents(scope, id, options)),
    versions: (id, options) => flyCall(() => listVersions(scope, id, options)),
    metadata: flyMetadata(scope),
    leases: {
      get: (id, options) => flyCall(() => readLease(scope, id, options)),
      acquire: (id, options) => flyCall(() => acquireLease(scope, id, options)),
      refresh: (id, lease, options) => flyCall(() => refreshLease(scope, id, lease, options)),
      release: (id, nonce, options) => releaseLease(scope, id, nonce, options),
      hold: (id, options) => holdLease(scope, id, options),
    },
  }
}
