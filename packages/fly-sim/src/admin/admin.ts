import { InvalidInput } from '@firebreak/core'
import type { CallLog, LoggedCall } from '../api/call-log.ts'
import type { Limiter } from '../api/limiter.ts'
import type { PlatformIncident, PlatformStatus } from '../api/statuspage.ts'
import type { Behaviour } from '../behaviour.ts'
import type { Fault } from '../faults/fault.ts'
import type { SimImage, SimToken } from '../options.ts'
import type { ShipOptions, ShipOutcome } from '../ship/ship-image.ts'
import { shipImage } from '../ship/ship-image.ts'
import type { App } from '../world/app.ts'
import { livingMachines } from '../world/app.ts'
import { groupOf, metadataOf } from '../world/config.ts'
import { exitProcess, halt } from '../world/lifecycle.ts'
import type { Machine } from '../world/machine.ts'
import { setSecrets } from '../world/secrets.ts'
import { stir } from '../world/stir.ts'
import type { World } from '../world/world.ts'

export interface MachineFacts {
  readonly id: string
  readonly name: string
  readonly region: string
  readonly group: string
  readonly state: string
  /** Reference as it was ordered. */
  readonly image: string
  readonly digest: string
  readonly release: number | undefined
  readonly instanceId: string
  readonly cordoned: boolean
  readonly checks: Readonly<Record<string, 'passing' | 'warning' | 'critical'>>
}

export type ShipRequest = Omit<Partial<ShipOptions>, 'fetch' | 'url' | 'app' | 'image' | 'clock'>

/** What a test or a drill may do to the simulated world. None of it is Fly's API. */
export interface FlySimAdmin {
  /** A rolling deploy through the same calls as `fly deploy --image`. */
  ship(app: string, image: string, options?: ShipRequest): Promise<ShipOutcome>
  /** Sets secrets and restarts the machines under a new release of the same image, as `fly secrets set`. */
  shipSecrets(app: string, values: Readonly<Record<string, string | null>>, options?: ShipRequest): Promise<ShipOutcome>
  publish(image: SimImage): void
  /** The image (reference or digest) can no longer be pulled; machines that run it go on. */
  prune(image: string): void
  restore(image: string): void
  /** Lays a behaviour over one machine's, until mended; it survives updates, as a broken host does. */
  breakMachine(machine: string, behaviour: Behaviour): void
  mendMachine(machine: string): void
  /** Lays a behaviour over all machines of an app: a dead dependency. */
  breakApp(app: string, behaviour: Behaviour): void
  mendApp(app: string): void
  /** The process ends now. */
  crash(machine: string, exit?: { readonly code?: number | undefined; readonly oom?: boolean | undefined }): void
  /** The proxy stops a machine that nobody uses. */
  autostop(machine: string): void
  /** Somebody else takes a lease; returns its nonce. */
  holdLease(
    machine: string,
    options?: { readonly owner?: string | undefined; readonly milliseconds?: number | undefined },
  ): string
  addFault(fault: Fault): () => void
  clearFaults(): void
  /** Users' requests per second; of virtual machines. */
  setTraffic(app: string, requestsPerSecond: number): void
  setPlatformIncident(incident: PlatformIncident | undefined): void
  setRateLimit(on: boolean): void
  addToken(token: SimToken): void
  machines(app: string): readonly MachineFacts[]
  calls(filter?: Parameters<CallLog['entries']>[0]): readonly LoggedCall[]
  /** How many requests changed something, by operation. */
  writes(): Readonly<Record<string, number>>
  clearCalls(): void
}

export interface AdminParts {
  readonly world: World
  readonly fetch: typeof globalThis.fetch
  readonly log: CallLog
  readonly limiter: Limiter
  readonly status: PlatformStatus
  readonly setTraffic: (app: App, requestsPerSecond: number) => void
}

const origin = 'https://api.machines.dev'
/** Whose deploys the simulator makes. */
const shipToken = 'fo1_simulated_ci'

export function createAdmin({ world, fetch, log, limiter, status, setTraffic }: AdminParts): FlySimAdmin {
  const appOf = (name: string): App => {
    const app = world.apps.get(name)
    if (app === undefined) throw new InvalidInput('app', `there is no app ${name}`)
    return app
  }
  const machineOf = (id: string): Machine => {
    for (const app of world.apps.values()) {
      const machine = app.machines.get(id) ?? [...app.machines.values()].find(({ name }) => name === id)
      if (machine !== undefined) return machine
    }
    throw new InvalidInput('machine', `there is no machine ${id}`)
  }
  /** Whatever changes from outside happens now, after all that was due before. */
  const now = (act: () => void) => {
    world.agenda.catchUp()
    act()
  }
  const ship = (app: string, image: string, options: ShipRequest = {}) =>
    shipImage({ token: shipToken, ...options, fetch, url: origin, app, image, clock: world.clock })

  world.tokens.add({ token: shipToken, organization: world.home.slug, user: 'ci@example.com' })

  return {
    ship: async (app, image, options) => {
      appOf(app)
      return ship(app, image, options)
    },
    shipSecrets: async (name, values, options) => {
      const app = appOf(name)
      const image = app.releases.at(-1)?.image
      if (image === undefined) throw new InvalidInput('app', `${name} has no release yet`)
      setSecrets(world, app, values)
      return ship(name, image, { description: 'Update secrets', ...options })
    },
    publish: (image) => void world.registry.publish(image),
    prune: (image) => world.registry.prune(image),
    restore: (image) => world.registry.restore(image),
    breakMachine: (id, behaviour) =>
      now(() => {
        const machine = machineOf(id)
        machine.overlay = { behaviour, since: world.agenda.now() }
        stir(world, machine)
      }),
    mendMachine: (id) =>
      now(() => {
        const machine = machineOf(id)
        machine.overlay = undefined
        stir(world, machine)
      }),
    breakApp: (name, behaviour) =>
      now(() => {
        const app = appOf(name)
        app.overlay = { behaviour, since: world.agenda.now() }
        for (const machine of livingMachines(app)) stir(world, machine)
      }),
    mendApp: (name) =>
      now(() => {
        const app = appOf(name)
        app.overlay = undefined
        for (const machine of livingMachines(app)) stir(world, machine)
      }),
    crash: (id, { code, oom = false } = {}) =>
      now(() => {
        const machine = machineOf(id)
        if (machine.process === undefined) throw new InvalidInput('machine', `${id} is not running`)
        exitProcess(world, machine, code ?? (oom ? 137 : 1), oom)
      }),
    autostop: (id) => now(() => halt(world, machineOf(id), 'proxy')),
    holdLease(id, { owner = 'ci@example.com', milliseconds = 60_000 } = {}) {
      const machine = machineOf(id)
      const nonce = world.ids.hex(12)
      machine.lease = {
        nonce,
        owner,
        description: 'deploy',
        expiresAt: world.agenda.now() + milliseconds,
        ttlMs: milliseconds,
      }
      return nonce
    },
    addFault: (fault) => world.faults.add(fault),
    clearFaults: () => world.faults.clear(),
    setTraffic: (name, requestsPerSecond) => {
      if (!Number.isFinite(requestsPerSecond) || requestsPerSecond < 0)
        throw new InvalidInput('requestsPerSecond', 'must be a number of 0 or more')
      now(() => setTraffic(appOf(name), requestsPerSecond))
    },
    setPlatformIncident: (incident) => {
      status.incident = incident
      status.since = world.stamp()
    },
    setRateLimit: (on) => void (limiter.enabled = on),
    addToken: (token) => world.tokens.add(token),
    machines: (name) => {
      world.agenda.catchUp()
      return livingMachines(appOf(name)).map(factsOf)
    },
    calls: (filter) => log.entries(filter),
    writes: () => log.writes(),
    clearCalls: () => log.clear(),
  }
}

function factsOf(machine: Machine): MachineFacts {
  const { config, reference, image, id } = machine.version
  const release = Number(metadataOf(config)['fly_release_version'])
  return {
    id: machine.id,
    name: machine.name,
    region: machine.region,
    group: groupOf(config),
    state: machine.state,
    image: reference,
    digest: image.digest,
    release: Number.isInteger(release) ? release : undefined,
    instanceId: id,
    cordoned: machine.cordoned,
    checks: Object.fromEntries(machine.checks.map(({ name, status }) => [name, status])),
  }
}
