import type { Clock, JsonObject } from '@firebreak/core'
import type { Behaviour } from './behaviour.ts'
import type { Fault } from './faults/fault.ts'

export interface FlySimOptions {
  /** Everything that is drawn (ids, hosts, latencies, faults) follows from it. Default 1. */
  readonly seed?: number | undefined
  readonly clock?: Clock | undefined
  readonly apps: readonly SimApp[]
  readonly images?: readonly SimImage[] | undefined
  readonly faults?: readonly Fault[] | undefined
  /** Slug of the organization that owns the apps. Default 'personal'. */
  readonly organization?: string | undefined
  /**
   * 'virtual' (default): machines and their traffic are computed, no socket, thousands of them.
   * 'http': every machine is a real server on loopback behind a real proxy; health checks are real requests. Needs `listen`.
   */
  readonly machines?: 'virtual' | 'http' | undefined
  readonly timing?: Partial<Timing> | undefined
  /** Without it, every well-formed token is a person's, with access to the whole organization. */
  readonly tokens?: readonly SimToken[] | undefined
  /** Fly's limits: 1/s burst 3 per action and machine, GET of a machine 5/s burst 10. Default false. */
  readonly rateLimit?: boolean | undefined
  /** True: only published images exist in registry.fly.io. Default false: any reference can be deployed and behaves well. */
  readonly onlyPublishedImages?: boolean | undefined
  /** How often Prometheus takes a sample, in milliseconds. Default 15,000, as Fly's. */
  readonly scrapeEveryMs?: number | undefined
  /** Upper bounds of the latency histogram, in seconds. */
  readonly latencyBuckets?: readonly number[] | undefined
  /** Virtual machines and their traffic have been running so long already, in milliseconds. Default one hour; 0 with `http`. */
  readonly historyMs?: number | undefined
}

/** How long the platform takes, in milliseconds. */
export interface Timing {
  /** From creation until the image is there and the machine starts. Default 800. */
  readonly createMs: number
  /** From an update until the old version is down and the new one starts. Default 1,200. */
  readonly replaceMs: number
  /** From `starting` to `started`, before the image's own `startMs`. Default 700. */
  readonly startMs: number
  /** From `stopping` to `stopped`. Default 500. */
  readonly stopMs: number
  /** Default 300. */
  readonly suspendMs: number
  /** Default 200. */
  readonly resumeMs: number
  /** From `destroying` to `destroyed`. Default 300. */
  readonly destroyMs: number
  /** How long a destroyed machine can still be read. Default 60,000. */
  readonly lingerMs: number
  /** Pause before the platform starts a process again that ended by itself. Default 1,000. */
  readonly restartPauseMs: number
}

export interface SimApp {
  readonly name: string
  /** Default: the simulator's organization. Another one makes the app somebody else's: 403. */
  readonly organization?: string | undefined
  /** How many, or each by itself. Default 0. */
  readonly machines?: number | readonly SimMachine[] | undefined
  /** Where machines go that name no region, in turn. Default ['iad']. */
  readonly regions?: readonly string[] | undefined
  /** Oldest first; machines run the newest. Default: one complete release of `<name>:deployment-1`. */
  readonly releases?: readonly SimRelease[] | undefined
  /** A port, or null for an app without a service. Default 8080. */
  readonly internalPort?: number | null | undefined
  /** Checks of the service: they take a machine out of the pool. Default: one, GET /health every 15 s. */
  readonly serviceChecks?: readonly SimCheck[] | undefined
  /** Top-level checks by name. */
  readonly checks?: Readonly<Record<string, SimCheck>> | undefined
  /** Users' requests per second that virtual machines share evenly. Default 0. */
  readonly requestsPerSecond?: number | undefined
  /** Process group of machines that name none. Default 'app'. */
  readonly group?: string | undefined
  readonly env?: Readonly<Record<string, string>> | undefined
  readonly secrets?: readonly string[] | undefined
  /** Laid over every machine's config, for what has no option of its own. */
  readonly config?: JsonObject | undefined
}

export interface SimMachine {
  readonly region?: string | undefined
  /** Four hex characters. Default: one of its own. */
  readonly host?: string | undefined
  readonly group?: string | undefined
  /** Default 'started'. */
  readonly state?: 'started' | 'stopped' | 'suspended' | undefined
  /** Without `fly_platform_version`: `fly deploy` leaves it alone. */
  readonly unmanaged?: boolean | undefined
  readonly standbyFor?: readonly string[] | undefined
  /** Version of the release it runs. Default: the newest. */
  readonly release?: number | undefined
  readonly config?: JsonObject | undefined
}

export interface SimRelease {
  readonly image: string
  /** Default 'complete'. */
  readonly status?: string | undefined
  /** How long before the simulator's start it was made, in milliseconds. */
  readonly agoMs?: number | undefined
  readonly description?: string | undefined
  readonly user?: string | undefined
  /** fly.toml of that release, as JSON. */
  readonly definition?: JsonObject | undefined
}

/** Durations in milliseconds. */
export interface SimCheck {
  /** Default 'http'. */
  readonly type?: 'http' | 'tcp' | undefined
  /** Default '/health'. */
  readonly path?: string | undefined
  /** Default: the app's internal port. */
  readonly port?: number | undefined
  /** Default 15,000. */
  readonly intervalMs?: number | undefined
  /** Default 2,000. */
  readonly timeoutMs?: number | undefined
  /** Default 5,000. */
  readonly graceMs?: number | undefined
  /** Of a top-level check; default 'informational'. */
  readonly kind?: 'informational' | 'readiness' | undefined
}

export interface SimImage {
  /** Full reference: 'registry.fly.io/app:deployment-01J…'. */
  readonly ref: string
  /** Two references with one digest are one image. Default: derived from the reference. */
  readonly digest?: string | undefined
  readonly behaviour?: Behaviour | undefined
  /** False: gone from the registry. Default true. */
  readonly available?: boolean | undefined
  readonly labels?: Readonly<Record<string, string>> | undefined
}

export interface SimToken {
  readonly token: string
  /** 'org' (default): everything in its organization. 'deploy': one app, no logs. 'readonly': no writes. */
  readonly class?: 'org' | 'deploy' | 'readonly' | undefined
  readonly organization?: string | undefined
  /** Of a deploy token. */
  readonly app?: string | undefined
  /** RFC 3339. */
  readonly expiresAt?: string | undefined
  /** Shown as the owner of leases and the author of releases. */
  readonly user?: string | undefined
}

export const standardTiming: Timing = {
  createMs: 800,
  replaceMs: 1_200,
  startMs: 700,
  stopMs: 500,
  suspendMs: 300,
  resumeMs: 200,
  destroyMs: 300,
  lingerMs: 60_000,
  restartPauseMs: 1_000,
}

/** Fly documents no bounds; nobody should rely on these. */
export const standardBuckets: readonly number[] = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5, 10,
]
