import { seededRandom, type Clock, type Incident, type IncidentLog, type Probe, type RecordedEvent } from '@firebreak/core'
import { createTestClock, type TestClock } from '@firebreak/core/testing'
import { createFly, flyHealth, flyProbe, flyTarget, type FlyApp } from '@firebreak/fly'
import { createFlySim, type FlySim, type FlySimOptions } from '@firebreak/fly-sim'
import { memoryLog } from '@firebreak/incident-log'
import { createResponder, standardRunbook, type Responder } from '@firebreak/responder'
import { channel, type Answer, type Arrived } from './channels.ts'

export const agent = 'hotdash-agent-service'
export const neighbour = 'hotdash-llamaindex-mcp'
export const image = (tag: string) => `registry.fly.io/${agent}:deployment-${tag}`

const day = 24 * 60 * 60_000
const organization = 'hotdash'
const token = 'fo1_simulated'

export interface WorldOptions {
  readonly seed?: number | undefined
  readonly start?: number | undefined
  readonly images?: FlySimOptions['images'] | undefined
  readonly agent?: Partial<FlySimOptions['apps'][number]> | undefined
  readonly answers?: { readonly sms?: Answer | undefined; readonly slack?: Answer | undefined } | undefined
  readonly timeZone?: string | undefined
  /** Who looks; default: at the machines and the users of both apps. */
  readonly probes?: ((at: { standard: readonly Probe[]; clock: Clock; fetch: typeof globalThis.fetch }) => readonly Probe[]) | undefined
  /** Lies about the network between us and Fly. */
  readonly network?: ((fetch: typeof globalThis.fetch) => typeof globalThis.fetch) | undefined
  readonly wrapLog?: ((log: IncidentLog) => IncidentLog) | undefined
}

/** Base B of the scenarios: two apps of three machines, 20 requests a second, two roles, nobody acknowledges. */
export interface World {
  readonly clock: TestClock
  readonly sim: FlySim
  readonly log: IncidentLog
  readonly arrived: readonly Arrived[]
  readonly app: FlyApp
  /** Another responder on the same log. */
  responder(ports?: { log?: IncidentLog; fetch?: typeof globalThis.fetch; clock?: Clock; seed?: number }): Responder
  incident(service?: string): Promise<Readonly<Incident> | undefined>
  events(service?: string): Promise<RecordedEvent[]>
  close(): Promise<void>
}

export function createWorld(options: WorldOptions = {}): World {
  const { seed = 1 } = options
  const clock = createTestClock(options.start)
  const sim = createFlySim({
    seed,
    clock,
    organization,
    images: [{ ref: image('good'), behaviour: { errorRatio: 0.001, latencyMs: { p50Ms: 100, p95Ms: 200 } } }, ...(options.images ?? [])],
    apps: [
      {
        name: agent,
        machines: 3,
        regions: ['iad', 'iad', 'ord'],
        requestsPerSecond: 20,
        releases: [
          { image: image('good'), agoMs: 10 * day },
          { image: image('good'), agoMs: 2 * day },
        ],
        ...options.agent,
      },
      {
        name: neighbour,
        machines: 3,
        regions: ['iad', 'iad', 'ord'],
        requestsPerSecond: 20,
        releases: [{ image: image('neighbour'), agoMs: 5 * day }],
      },
    ],
  })
  const inner = memoryLog({ clock, random: seededRandom(seed + 1) })
  const log = options.wrapLog?.(inner) ?? inner
  const arrived: Arrived[] = []
  const network = options.network ?? ((fetch) => fetch)
  const connect = (fetch: typeof globalThis.fetch, time: Clock, chance: number) =>
    createFly({
      token,
      organization,
      fetch,
      clock: time,
      random: seededRandom(chance),
      machinesUrl: 'http://fly.test',
      apiUrl: 'http://fly.test',
      pacing: false,
    })

  const world: World = {
    clock,
    sim,
    log,
    arrived,
    app: connect(sim.fetch, clock, seed).app(agent),
    responder({ log: own = log, fetch = network(sim.fetch), clock: time = clock, seed: chance = seed } = {}) {
      const fly = connect(fetch, time, chance)
      const app = fly.app(agent)
      const people = (role: string) => [
        channel({ role, name: `sms-${role}`, reach: 'wake', clock: time, arrived, answer: role === 'manager' ? options.answers?.sms : undefined }),
        ...(role === 'manager' ? [channel({ role, name: 'slack', reach: 'read', clock: time, arrived, answer: options.answers?.slack })] : []),
      ]
      const standard = [flyProbe(app), flyProbe(fly.app(neighbour))]
      return createResponder({
        log: own,
        clock: time,
        random: seededRandom(chance + 2),
        probes: options.probes?.({ standard, clock: time, fetch: sim.fetch }) ?? standard,
        parts: standardRunbook({
          target: flyTarget(app),
          health: flyHealth(app),
          people: {
            manager: people('manager'),
            engineer: people('engineer'),
            'deployment-log': channel({ role: 'deployment-log', name: 'deployment.md', reach: 'record', clock: time, arrived }),
            'manager-log': channel({ role: 'manager-log', name: 'manager.md', reach: 'record', clock: time, arrived }),
          },
          timeZone: options.timeZone ?? 'Europe/Berlin',
          clock: time,
        }),
      })
    },
    async incident(service = agent) {
      const reader = createResponder({ log: inner, parts: [], clock })
      return reader.incident(service).catch(() => undefined)
    },
    async events(service = agent) {
      const found = await world.incident(service)
      return found === undefined ? [] : Array.fromAsync(inner.read(found.stream))
    },
    close: () => sim.close(),
  }
  return world
}

/** What woke somebody: a waking channel passes updates on quietly. */
export function wakes(arrived: readonly Arrived[], role: string, until = Infinity): readonly Arrived[] {
  return arrived.filter((it) => it.role === role && it.reach === 'wake' && it.page.kind === 'trigger' && it.at <= until)
}

/** Writes that change what a machine runs or whether it serves. */
export function writesOf(sim: FlySim): number {
  return Object.entries(sim.admin.writes())
    .filter(([operation]) => /machines\.(update|restart|stop|start|cordon|uncordon|destroy|create)/.test(operation))
    .reduce((sum, [, count]) => sum + count, 0)
}
