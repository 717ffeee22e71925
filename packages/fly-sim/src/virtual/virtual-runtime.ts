import { drawLatency } from '../behaviour.ts'
import type { Profile } from '../behaviour.ts'
import type { Agenda, Appointment } from '../agenda.ts'
import type { UserAnswer } from '../fetch.ts'
import { createFlow } from '../metrics/flow.ts'
import type { Flow } from '../metrics/flow.ts'
import { labelsOf } from '../metrics/metrics.ts'
import { createVolume } from '../metrics/volume.ts'
import type { App } from '../world/app.ts'
import { isRoutable } from '../world/checks.ts'
import type { Machine } from '../world/machine.ts'
import { nextChangeIn, profileOf } from '../world/profile.ts'
import type { Runtime } from '../world/runtime.ts'
import { wake } from '../world/wake.ts'
import type { World } from '../world/world.ts'

/** What users ask for; checks ask for their own paths. */
const usersPath = '/'
/** What the proxy answers when no machine serves. */
const nobody: Profile = { errorRatio: 1, status: 503, p50Ms: 5, p95Ms: 10 }

interface Served {
  readonly flow: Flow
  profile: Profile | undefined
  key: string | undefined
  boundary: Appointment | undefined
}

interface Pool {
  readonly app: App
  /** Requests that each machine of the pool has had: what all of them share. */
  readonly each: ReturnType<typeof createVolume>
  readonly total: ReturnType<typeof createVolume>
  readonly edge: Flow
  readonly machines: Map<string, Served>
  readonly mix: Map<string, { readonly profile: Profile; machines: number }>
  size: number
  perSecond: number
  turn: number
}

export interface VirtualRuntime extends Runtime {
  /** Users' requests per second from now on. */
  setTraffic(app: App, perSecond: number): void
  /** One request besides, answered by the next machine in turn, taking its time and counted like all others. */
  ask(app: App, path: string): Promise<UserAnswer>
}

/** Machines without sockets. Requests are shared evenly; who answers how follows from each machine's image and age. */
export function createVirtualRuntime(world: () => World): VirtualRuntime {
  const pools = new Map<string, Pool>()

  function poolOf(app: App): Pool {
    const known = pools.get(app.name)
    if (known !== undefined) return known
    const { metrics, agenda } = world()
    const pool: Pool = {
      app,
      each: createVolume(),
      total: createVolume(),
      edge: createFlow(metrics.bounds),
      machines: new Map(),
      mix: new Map(),
      size: 0,
      perSecond: app.options.requestsPerSecond ?? 0,
      turn: 0,
    }
    pools.set(app.name, pool)
    const regions = regionsOf(app)
    for (const region of regions) {
      const part = 1 / regions.length
      metrics.count({
        view: 'edge',
        labels: { app: app.name, region, host: '0e0e', proxy_id: 'blue' },
        statuses: pool.edge.statuses,
        value(time, status) {
          const reading = pool.edge.value(time, pool.total.at, status)
          return reading === undefined
            ? undefined
            : {
                count: reading.count * part,
                sumSeconds: reading.sumSeconds * part,
                within: (index) => reading.within(index) * part,
              }
        },
      })
    }
    rebalance(pool, agenda.now())
    return pool
  }

  function servedBy(pool: Pool, machine: Machine): Served {
    const known = pool.machines.get(machine.id)
    if (known !== undefined) return known
    const served: Served = {
      flow: createFlow(world().metrics.bounds),
      profile: undefined,
      key: undefined,
      boundary: undefined,
    }
    pool.machines.set(machine.id, served)
    world().metrics.count({
      view: 'app',
      labels: { ...labelsOf(machine), proxy_id: 'blue' },
      statuses: served.flow.statuses,
      value: (time, status) => served.flow.value(time, pool.each.at, status),
    })
    return served
  }

  function rebalance(pool: Pool, now: number) {
    pool.each.turn(now, pool.size === 0 ? 0 : pool.perSecond / pool.size)
    const shares =
      pool.size === 0
        ? [{ profile: nobody, part: 1 }]
        : [...pool.mix.values()].map(({ profile, machines }) => ({ profile, part: machines / pool.size }))
    pool.edge.turn(now, pool.total.at(now), shares)
    pool.total.turn(now, pool.perSecond)
  }

  function changed(machine: Machine) {
    const { agenda, apps } = world()
    const app = apps.get(machine.app)
    if (app === undefined) return
    const pool = poolOf(app)
    const served = servedBy(pool, machine)
    const profile = isRoutable(machine) ? profileOf(world(), machine, usersPath) : undefined
    const key = profile === undefined ? undefined : JSON.stringify(profile)
    served.boundary?.cancel()
    const boundary = nextChangeIn(world(), machine)
    served.boundary = boundary === undefined ? undefined : agenda.after(boundary, () => changed(machine))
    if (key === served.key) return
    const now = agenda.now()
    served.flow.turn(now, pool.each.at(now), profile === undefined ? [] : [{ profile, part: 1 }])
    leave(pool, served)
    served.key = key
    served.profile = profile
    if (key !== undefined && profile !== undefined) {
      const group = pool.mix.get(key) ?? { profile, machines: 0 }
      group.machines += 1
      pool.mix.set(key, group)
      pool.size += 1
    }
    rebalance(pool, now)
  }

  return {
    start: (machine, listening) => {
      world().metrics.running(machine, true)
      listening()
    },
    stop: (machine) => world().metrics.running(machine, false),
    changed,
    setTraffic(app, perSecond) {
      const pool = poolOf(app)
      pool.perSecond = perSecond
      rebalance(pool, world().agenda.now())
    },
    async ask(app, path) {
      const { agenda, random } = world()
      const pool = poolOf(app)
      const serving = [...app.machines.values()].filter(isRoutable)
      pool.turn += 1
      const machine = serving[pool.turn % Math.max(1, serving.length)] ?? (await wake(world(), app))
      const profile = machine === undefined ? nobody : profileOf(world(), machine, path)
      const status = random() < profile.errorRatio ? profile.status : 200
      const milliseconds = drawLatency(profile, random())
      await pass(agenda, milliseconds)
      const now = agenda.now()
      pool.edge.one(now, pool.total.at(now), String(status), milliseconds / 1_000)
      if (machine !== undefined)
        servedBy(pool, machine).flow.one(now, pool.each.at(now), String(status), milliseconds / 1_000)
      return { status, machine: machine?.id }
    },
    close: () => Promise.resolve(),
  }
}

function pass(agenda: Agenda, milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    const release = agenda.hold()
    agenda.after(milliseconds, () => {
      release()
      resolve()
    })
  })
}

function leave(pool: Pool, served: Served) {
  const group = served.key === undefined ? undefined : pool.mix.get(served.key)
  if (group === undefined || served.key === undefined) return
  group.machines -= 1
  pool.size -= 1
  if (group.machines === 0) pool.mix.delete(served.key)
}

function regionsOf(app: App): readonly string[] {
  const regions = new Set([...app.machines.values()].map(({ region }) => region))
  return regions.size === 0 ? (app.options.regions ?? ['iad']) : [...regions]
}
