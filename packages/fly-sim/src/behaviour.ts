/**
 * How an image behaves: data, so that a machine on real HTTP and a machine in virtual time behave alike. Nothing here
 * says that a machine is ill; it says what the process answers, and everybody else finds out by asking.
 */

/** Milliseconds. A number is the median; the 95th percentile is then twice that. */
export type Latency = number | { readonly p50Ms: number; readonly p95Ms: number }

/** What requests get. Ratios lie in 0…1. */
export interface Answers {
  /** Share of requests answered with `status`. */
  readonly errorRatio?: number | undefined
  /** Status of a failed request; default 500. */
  readonly status?: number | undefined
  readonly latencyMs?: Latency | undefined
}

export interface AnswersByPath extends Answers {
  /** Overrides for single paths ('/health'). A path that is listed anywhere is not touched by what is said in general. */
  readonly paths?: Readonly<Record<string, Answers>> | undefined
}

export interface Phase extends AnswersByPath {
  /** Milliseconds since the process started, or since what `phasesSince` says. */
  readonly fromMs: number
}

export interface Behaviour extends AnswersByPath {
  /** What changes while the process lives: each phase holds until the next, on top of what is said in general. */
  readonly phases?: readonly Phase[] | undefined
  /**
   * From when phases count: each process's start (default), or the newest release of its image, when what breaks it breaks
   * all machines at the same moment (a key that expires).
   */
  readonly phasesSince?: 'start' | 'release' | undefined
  /** Milliseconds that the process needs to listen, beyond the platform's own time to start. Default 0. */
  readonly startMs?: number | undefined
  /** The process ends by itself so many milliseconds after each start. */
  readonly exit?: Exit | undefined
  /** How a release command or a machine check ends that is run with this image. Default: exit 0 after 500 ms. */
  readonly command?: { readonly exitCode?: number | undefined; readonly takesMs?: number | undefined } | undefined
}

export interface Exit {
  readonly afterMs: number
  /** Default 1; 137 when the kernel killed it. */
  readonly code?: number | undefined
  readonly oom?: boolean | undefined
}

/** What one path gets at one moment. */
export interface Profile {
  readonly errorRatio: number
  readonly status: number
  readonly p50Ms: number
  readonly p95Ms: number
}

/** A behaviour laid over the image's for a time: a broken host, a dead database. */
export interface Overlay {
  readonly behaviour: Behaviour
  /** Milliseconds since the epoch; phases count from here. */
  readonly since: number
}

const standard: Profile = { errorRatio: 0, status: 500, p50Ms: 20, p95Ms: 40 }

/** The profile of a path, from the image up through the overlays; the last word wins, the most particular first. */
export function profileAt(
  layers: readonly { readonly behaviour: Behaviour; readonly aliveMs: number }[],
  path: string,
): Profile {
  let general: Answers = {}
  let particular: Answers = {}
  for (const { behaviour, aliveMs } of layers) {
    for (const answers of [behaviour, phaseAt(behaviour, aliveMs)]) {
      if (answers === undefined) continue
      general = merge(general, answers)
      const own = answers.paths?.[path]
      if (own !== undefined) particular = merge(particular, own)
    }
  }
  return toProfile(merge(general, particular))
}

/** Milliseconds of the process's life at which the behaviour changes next, after `aliveMs`. */
export function nextBoundary(behaviour: Behaviour, aliveMs: number): number | undefined {
  let next: number | undefined
  for (const { fromMs } of behaviour.phases ?? [])
    if (fromMs > aliveMs && (next === undefined || fromMs < next)) next = fromMs
  return next
}

function phaseAt(behaviour: Behaviour, aliveMs: number): Phase | undefined {
  let current: Phase | undefined
  for (const phase of behaviour.phases ?? [])
    if (phase.fromMs <= aliveMs && (current === undefined || phase.fromMs >= current.fromMs)) current = phase
  return current
}

function merge(below: Answers, above: Answers): Answers {
  return {
    errorRatio: above.errorRatio ?? below.errorRatio,
    status: above.status ?? below.status,
    latencyMs: above.latencyMs ?? below.latencyMs,
  }
}

function toProfile({ errorRatio, status, latencyMs }: Answers): Profile {
  const latency =
    latencyMs === undefined
      ? standard
      : typeof latencyMs === 'number'
        ? { p50Ms: latencyMs, p95Ms: latencyMs * 2 }
        : latencyMs
  return {
    errorRatio: errorRatio ?? standard.errorRatio,
    status: status ?? standard.status,
    p50Ms: latency.p50Ms,
    p95Ms: latency.p95Ms,
  }
}

/** A latency drawn from the profile; `uniform` in [0, 1). */
export function drawLatency({ p50Ms, p95Ms }: Profile, uniform: number): number {
  if (uniform < 0.5) return p50Ms * (0.5 + uniform)
  if (uniform < 0.95) return p50Ms + ((uniform - 0.5) / 0.45) * (p95Ms - p50Ms)
  return p95Ms * (1 + (uniform - 0.95) / 0.05 / 2)
}

/** Share of requests that take at most so long: the inverse of `drawLatency`. */
export function latencyShare({ p50Ms, p95Ms }: Profile, milliseconds: number): number {
  if (milliseconds < p50Ms) return Math.max(0, milliseconds / Math.max(p50Ms, 1e-9) - 0.5)
  if (milliseconds < p95Ms) return 0.5 + (0.45 * (milliseconds - p50Ms)) / Math.max(p95Ms - p50Ms, 1e-9)
  return Math.min(1, 0.95 + 0.1 * (milliseconds / Math.max(p95Ms, 1e-9) - 1))
}

/** Mean of the same distribution, in milliseconds. */
export function latencyMean({ p50Ms, p95Ms }: Profile): number {
  return 0.5 * (0.75 * p50Ms) + 0.45 * ((p50Ms + p95Ms) / 2) + 0.05 * (1.25 * p95Ms)
}
