import { InvalidInput, seededRandom, systemClock } from '@firebreak/core'
import { createAdmin } from './admin/admin.ts'
import type { FlySimAdmin } from './admin/admin.ts'
import { addAdminRoutes } from './admin/admin-routes.ts'
import { createAgenda } from './agenda.ts'
import { createCallLog } from './api/call-log.ts'
import { createLimiter } from './api/limiter.ts'
import { createRoutes } from './api/routes.ts'
import { createServer } from './api/server.ts'
import type { PlatformStatus } from './api/statuspage.ts'
import type { Fault } from './faults/fault.ts'
import { createFaults } from './faults/faults.ts'
import type { AskApp } from './fetch.ts'
import { createFetch } from './fetch.ts'
import { createHttpRuntime } from './http/http-runtime.ts'
import { listenApi } from './http/listen.ts'
import type { Listening } from './http/listen.ts'
import { createIds } from './ids.ts'
import { createMetrics } from './metrics/metrics.ts'
import { createGrid } from './metrics/series.ts'
import { standardBuckets, standardTiming } from './options.ts'
import type { FlySimOptions } from './options.ts'
import { createVirtualRuntime } from './virtual/virtual-runtime.ts'
import { livingMachines } from './world/app.ts'
import { checksOf } from './world/checks.ts'
import { settleApp } from './world/create-app.ts'
import { createLogs } from './world/logs.ts'
import { createRegistry } from './world/registry.ts'
import { stir } from './world/stir.ts'
import { createTokens } from './world/tokens.ts'
import type { Machine } from './world/machine.ts'
import { createWatchers } from './world/watchers.ts'
import type { World } from './world/world.ts'
import { validate } from './validate.ts'

export interface FlySim {
  /** Any of Fly's APIs, in-process: `https://api.machines.dev/v1/…`, `https://api.fly.io/…`, any origin; no socket. */
  readonly fetch: typeof globalThis.fetch
  /** The same over HTTP on 127.0.0.1. Machines of kind 'http' run, and their proxies listen, from here on. */
  listen(port?: number): Promise<FlySimListening>
  readonly admin: FlySimAdmin
  /** Stops everything: no timer, no socket is left. Idempotent. */
  close(): Promise<void>
}

export interface FlySimListening {
  /** For `FLY_FLAPS_BASE_URL`, `FLY_API_BASE_URL` and `FLY_UIEX_BASE_URL`. */
  readonly url: string
  /** Where users reach each app; of 'http' machines only. */
  readonly apps: Readonly<Record<string, string>>
  close(): Promise<void>
}

const standardHistoryMs = 3_600_000
/** Kinds that machines at rest must notice when they begin and end. */
const restless: ReadonlySet<string> = new Set(['crash-loop', 'oom', 'flapping-checks'])

function skewMs(fault: Fault | undefined): number {
  return fault === undefined ? 0 : (fault.milliseconds ?? 60_000)
}

export function createFlySim(options: FlySimOptions): FlySim {
  validate(options)
  const { seed = 1, clock = systemClock, apps, images = [], faults = [], machines = 'virtual' } = options
  const real = machines === 'http'
  // Each its own stream: a request more changes no name, a rule more no latency.
  const random = seededRandom(seed)
  const startedAt = clock.now()
  const history = startedAt - (real ? 0 : (options.historyMs ?? standardHistoryMs))
  const agenda = createAgenda(clock, history)
  const ruled = createFaults({
    random: seededRandom(seed + 1),
    now: () => agenda.now(),
    startedAt,
    changed(fault, times) {
      if (!restless.has(fault.kind)) return
      for (const time of times)
        agenda.at(time, () => {
          for (const app of world.apps.values()) for (const machine of livingMachines(app)) stir(world, machine)
        })
    },
  })
  const grid = createGrid(options.scrapeEveryMs ?? 15_000, history, (time, app) =>
    ruled.covers('metrics-gap', time, app),
  )
  const slug = options.organization ?? 'personal'
  const status: PlatformStatus = { incident: undefined, since: startedAt }
  const virtual = createVirtualRuntime(() => world)
  const http = createHttpRuntime(() => world)
  const world: World = {
    clock,
    random,
    agenda,
    ids: createIds(seededRandom(seed + 2)),
    timing: { ...standardTiming, ...options.timing },
    organizations: new Map(),
    home: { id: 'org_simulated', internalNumericId: 1_000, slug, name: slug },
    apps: new Map(),
    registry: createRegistry({
      images,
      onlyPublished: options.onlyPublishedImages ?? false,
      pruned: (image) => ruled.active('pruned-image', { image }) !== undefined,
    }),
    faults: ruled,
    logs: createLogs(
      () => world.stamp(),
      (machine) => ruled.active('log-gap', machine === undefined ? {} : { machine }) !== undefined,
    ),
    metrics: createMetrics(grid, options.latencyBuckets ?? standardBuckets, () => agenda.now()),
    tokens: createTokens(options.tokens, slug, () => agenda.now()),
    watchers: createWatchers(),
    runtime: real ? http : virtual,
    startedAt,
    stamp: (at = agenda.now()) => at + skewMs(ruled.active('clock-skew')),
  }
  world.organizations.set(slug, world.home)
  for (const fault of faults) ruled.add(fault)
  const starts: (() => void)[] = []
  const boot = () => {
    for (const start of starts.splice(0)) start()
  }
  // The world begins in its past, and lives up to now.
  agenda.at(history, () => {
    for (const app of apps) starts.push(settleApp(world, app))
    if (!real) boot()
  })
  agenda.catchUp()

  const log = createCallLog()
  const limiter = createLimiter(options.rateLimit ?? false)
  const routes = createRoutes(world, status)
  const server = createServer(world, routes, log, limiter)
  const shut = new AbortController()
  const ask: AskApp = (name, path) => {
    const app = world.apps.get(name)
    if (app === undefined) return undefined
    agenda.catchUp()
    return real ? http.ask(app, path) : virtual.ask(app, path)
  }
  const fetch = createFetch(server, ask, shut.signal)
  const admin = createAdmin({
    world,
    fetch,
    log,
    limiter,
    status,
    setTraffic: (app, requestsPerSecond) => {
      if (real)
        throw new InvalidInput('machines', "'http' machines get the traffic that is sent to their proxy, no other")
      virtual.setTraffic(app, requestsPerSecond)
    },
  })
  addAdminRoutes(routes, admin)

  const listeners = new Set<Listening>()
  let serving: Promise<Record<string, string>> | undefined
  let closing: Promise<void> | undefined

  /** Machines of kind 'http' come up, and are let into the pool by their checks. */
  async function serve(): Promise<Record<string, string>> {
    if (!real) return {}
    http.begin()
    boot()
    const urls: Record<string, string> = {}
    for (const app of world.apps.values()) urls[app.name] = await http.serve(app)
    await Promise.all(
      [...world.apps.values()].flatMap((app) =>
        livingMachines(app).map((machine) => cameUp(world, machine, shut.signal)),
      ),
    )
    return urls
  }

  return {
    fetch,
    admin,
    async listen(port = 0) {
      const refuse = () => new InvalidInput('sim', 'is closed; create another one')
      if (shut.signal.aborted) throw refuse()
      serving ??= serve()
      const urls = await serving
      const listening = await listenApi(server, port)
      if (shut.signal.aborted) {
        await listening.close()
        throw refuse()
      }
      listeners.add(listening)
      return {
        url: listening.url,
        apps: urls,
        async close() {
          listeners.delete(listening)
          await listening.close()
        },
      }
    },
    close() {
      shut.abort()
      closing ??= (async () => {
        await serving?.catch(() => undefined)
        await Promise.all([...listeners].map((listening) => listening.close()))
        await http.close()
        agenda.close()
      })()
      return closing
    },
  }
}

/** A machine whose checks do not pass when it comes up is not waited for any longer, in milliseconds. */
const patienceMs = 5_000

/** Resolves when a machine that is coming up has passed all its checks, has had its time, or nobody waits any more. */
function cameUp(world: World, machine: Machine, closing: AbortSignal): Promise<void> {
  const done = () =>
    !['starting', 'started'].includes(machine.state) ||
    (machine.state === 'started' &&
      machine.checks.length >= checksOf(machine).length &&
      machine.checks.every(({ status }) => status === 'passing'))
  if (done() || closing.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const finish = () => {
      stop()
      patience.cancel()
      closing.removeEventListener('abort', finish)
      resolve()
    }
    closing.addEventListener('abort', finish, { once: true })
    const patience = world.agenda.after(patienceMs, finish)
    const stop = world.watchers.watch(machine.id, () => {
      if (!done()) return false
      finish()
      return true
    })
  })
}
