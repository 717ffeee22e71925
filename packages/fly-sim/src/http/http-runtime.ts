import type { UserAnswer } from '../fetch.ts'
import { labelsOf } from '../metrics/metrics.ts'
import type { App } from '../world/app.ts'
import type { Machine } from '../world/machine.ts'
import type { Runtime } from '../world/runtime.ts'
import type { World } from '../world/world.ts'
import { createCounted } from './counted.ts'
import type { Counted } from './counted.ts'
import type { Listening } from './listen.ts'
import { probeServer, startMachineServer } from './machine-server.ts'
import type { MachineServer } from './machine-server.ts'
import { startProxy } from './proxy.ts'

export interface HttpRuntime extends Runtime {
  /** Starts the app's proxy and gives its address. */
  serve(app: App): Promise<string>
  /** A user's request through the proxy. */
  ask(app: App, path: string): Promise<UserAnswer> | undefined
  /** From now on samples are taken. */
  begin(): void
}

/** How long requests under way may take when a machine is stopped. */
const drainMs = 2_000

/** Every machine a real server on loopback, every app a real proxy before them. */
export function createHttpRuntime(world: () => World): HttpRuntime {
  const servers = new Map<string, MachineServer>()
  const starting = new Map<string, symbol>()
  const openings = new Set<Promise<void>>()
  const draining = new Set<MachineServer>()
  const proxies = new Map<string, Listening>()
  const perMachine = new Map<string, Counted>()
  const perEdge = new Map<string, Counted>()
  let closed = false
  let release: () => void = () => undefined

  function counted(machine: Machine): Counted {
    const known = perMachine.get(machine.id)
    if (known !== undefined) return known
    const added = createCounted(world().metrics, 'app', { ...labelsOf(machine), proxy_id: 'blue' })
    perMachine.set(machine.id, added)
    return added
  }
  function edge(app: App, region: string): Counted {
    const key = `${app.name}/${region}`
    const known = perEdge.get(key)
    if (known !== undefined) return known
    const added = createCounted(world().metrics, 'edge', { app: app.name, region, host: '0e0e', proxy_id: 'blue' })
    perEdge.set(key, added)
    return added
  }
  function scrape() {
    const { agenda, metrics } = world()
    const now = agenda.now()
    for (const each of perMachine.values()) each.scrape(now)
    for (const each of perEdge.values()) each.scrape(now)
    agenda.at(now + metrics.grid.everyMs, scrape)
  }
  function retire(server: MachineServer, graceMs: number) {
    draining.add(server)
    void server.closed.then(() => draining.delete(server))
    server.close(graceMs)
  }

  return {
    start(machine, listening) {
      const turn = Symbol(machine.id)
      starting.set(machine.id, turn)
      const opening = startMachineServer(world(), machine).then((server) => {
        openings.delete(opening)
        if (closed || starting.get(machine.id) !== turn) {
          retire(server, 0)
          return
        }
        servers.set(machine.id, server)
        world().metrics.running(machine, true)
        listening()
      })
      openings.add(opening)
    },
    stop(machine, abrupt) {
      starting.delete(machine.id)
      const server = servers.get(machine.id)
      if (server === undefined) return
      servers.delete(machine.id)
      world().metrics.running(machine, false)
      retire(server, abrupt ? 0 : drainMs)
    },
    changed: () => undefined,
    probe(machine, check) {
      const port = servers.get(machine.id)?.port
      return port === undefined
        ? Promise.resolve({ passed: false, output: 'connection refused' })
        : probeServer(world(), port, check)
    },
    async serve(app) {
      const known = proxies.get(app.name)
      if (known !== undefined) return known.url
      const proxy = await startProxy(world(), app, { port: (machine) => servers.get(machine.id)?.port, counted, edge })
      proxies.set(app.name, proxy)
      return proxy.url
    },
    ask(app, path) {
      const proxy = proxies.get(app.name)
      if (proxy === undefined) return undefined
      return fetch(`${proxy.url}${path}`).then(async (response) => {
        await response.text()
        return { status: response.status, machine: response.headers.get('fly-machine-id') ?? undefined }
      })
    },
    begin() {
      const { agenda, metrics } = world()
      release = agenda.hold()
      const every = metrics.grid.everyMs
      agenda.at(world().startedAt + Math.ceil((agenda.now() - world().startedAt) / every) * every, scrape)
    },
    async close() {
      closed = true
      starting.clear()
      await Promise.all(openings)
      const left = [...servers.values(), ...draining]
      servers.clear()
      for (const server of left) server.close(0)
      await Promise.all([
        ...left.map((server) => server.closed),
        ...[...proxies.values()].map((proxy) => proxy.close()),
      ])
      proxies.clear()
      release()
    },
  }
}
