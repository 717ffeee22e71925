import {
  createId,
  withDeadline,
  type Clock,
  type HealthSample,
  type HealthSource,
  type Probe,
  type Random,
  type Signal,
} from '@firebreak/core'
import type { FlyApp } from '../fly-app.ts'
import { flyHealth } from '../health/fly-health.ts'
import { checkedNumber } from '../transport/route.ts'
import { checkMemory } from './check-memory.ts'
import { crashMemory } from './crash-memory.ts'
import { deployMemory } from './deploy-memory.ts'
import { earlierFacts, staysUnknown } from './earlier-facts.ts'
import { doubtMemory } from './doubt-memory.ts'
import { checkFinding, crashFindings, errorFinding, platformFinding, stuckFindings, type Finding } from './findings.ts'
import { informationalMemory } from './informational.ts'
import { platformMemory } from './platform-memory.ts'
import { restMemory } from './rest-memory.ts'
import { isWatched, standingOf } from './standing.ts'

export interface FlyProbeOptions {
  readonly clock?: Clock | undefined
  readonly random?: Random | undefined
  /** Between the two observations that make a failing check a fact, in milliseconds. Default 15,000. */
  readonly settleMs?: number | undefined
  /** After a start, at least; a longer `grace_period` counts. Default 10,000. */
  readonly graceMs?: number | undefined
  /** A deploy's machines do not count for so long at most. Default 300,000. */
  readonly deployMs?: number | undefined
  /** Crashes are counted over this span. Default 600,000. */
  readonly crashWindowMs?: number | undefined
  /** Three changes of a machine within it are "intermittent". Default 300,000. */
  readonly flapMs?: number | undefined
  /**
   * How far back users' errors are read: to weigh failing checks against, and as a figure of their own. Default 60,000. The
   * figure looks further back, up to an hour, while too few requests fail to tell.
   */
  readonly evidenceMs?: number | undefined
  /**
   * Tells users' errors as a figure (`fly-errors/<app>`). Default true: a release that answers its checks and fails its users
   * would go unseen. `false` where another probe reads the same figures with more windows.
   */
  readonly errors?: boolean | undefined
  /** Without repetition the signals are unknown after this. Default 60,000. */
  readonly staleAfterMs?: number | undefined
  /** Where users' errors are read. Default `flyHealth(app, { view: 'edge' })`; `false`: nowhere, then only machines speak. */
  readonly health?: HealthSource | false | undefined
  /** Asks the public status page, at most every so many milliseconds. Default 60,000; `false`: never. */
  readonly platformEveryMs?: number | false | undefined
  /**
   * With no machine running: wakes the app from outside and says whether it answered; twice no is an outage. Without it,
   * asleep is taken as asleep.
   */
  readonly wake?: ((context: { signal: AbortSignal }) => Promise<boolean>) | undefined
  /** An app that woke is not woken again before this. Default 3,600,000. */
  readonly wakeEveryMs?: number | undefined
}

/**
 * Machines, checks, exits, deploys and the platform's own status, as signals. Rejects when Fly's API cannot be read: that
 * says nothing about the app.
 */
export function flyProbe(app: FlyApp, options: FlyProbeOptions = {}): Probe {
  const { clock = app.clock, random = app.random, wake } = options
  const span = (name: keyof FlyProbeOptions, fallback: number) =>
    checkedNumber((options[name] as number | undefined) ?? fallback, name, 0, 86_400_000)
  const settleMs = span('settleMs', 15_000)
  const graceMs = span('graceMs', 10_000)
  const evidenceMs = span('evidenceMs', 60_000)
  const staleAfterMs = span('staleAfterMs', 60_000)
  const health = options.health ?? flyHealth(app, { view: 'edge' })
  const doubt = health === false || options.errors === false ? undefined : doubtMemory(health)
  const judge = checkMemory({ settleMs, flapMs: span('flapMs', 300_000) })
  const crashes = crashMemory(span('crashWindowMs', 600_000))
  const informational = informationalMemory()
  const deploying = deployMemory(span('deployMs', 300_000))
  const platform = options.platformEveryMs === false ? undefined : platformMemory(app, span('platformEveryMs', 60_000))
  const rest = restMemory(app.name, { settleMs, wakeEveryMs: span('wakeEveryMs', 3_600_000), wake })
  /** As told last, by key. */
  const firing = new Map<string, Finding>()
  const earlier = earlierFacts(Math.max(2 * settleMs, leastLooksMs), 2 * staleAfterMs)
  let watched: ReadonlySet<string> = new Set()

  async function edge(signal: AbortSignal): Promise<HealthSample | undefined> {
    if (health === false) return undefined
    const until = clock.now()
    const since = until - Math.max(1_000, evidenceMs)
    return besides(signal, (inner) => health.sample({ since, until, signal: inner }))
  }
  async function wider(evidence: HealthSample | undefined, signal: AbortSignal) {
    if (doubt === undefined || evidence === undefined) return []
    return (await besides(signal, (inner) => doubt(evidence, inner))) ?? []
  }
  /** Figures that cannot be read leave the machines to speak alone: there is no conflict to find, and paging fails open. */
  async function besides<T>(signal: AbortSignal, read: (inner: AbortSignal) => Promise<T>): Promise<T | undefined> {
    const deadline = withDeadline(clock, besidesMs, signal)
    try {
      return await read(deadline.signal)
    } catch (error) {
      if (signal.aborted) throw error
      return undefined
    } finally {
      deadline.clear()
    }
  }

  return {
    name: `fly/${app.name}`,
    service: app.name,
    platform: 'Fly.io',
    async observe({ signal, firing: onRecord = [] }) {
      const [evidence, listed, current, status] = await Promise.all([
        edge(signal),
        app.machines.list({ includeLeases: true, signal }),
        app.releases.current({ signal, timeoutMs: besidesMs }).catch((error: unknown) => {
          if (signal.aborted) throw error
          return null // GraphQL is another service: machines can be judged without it
        }),
        platform?.(signal),
      ])
      const now = clock.now()
      const machines = listed.filter((machine) => isWatched(machine, watched))
      watched = new Set(machines.map(({ id }) => id))
      const rules = { now, graceMs, deploying: deploying(machines, current, now) }
      const standings = machines.map((machine) => standingOf(machine, rules))
      const verdict = judge(standings, now)
      const asleep = standings.every(({ standing }) => standing === 'resting')
      const findings: (Finding | undefined)[] = [
        checkFinding(app.name, verdict, evidence),
        options.errors === false ? undefined : errorFinding(app.name, evidence, await wider(evidence, signal)),
        await rest({ asleep, now, evidence, signal }),
        informational(app.name, standings),
        ...crashFindings(crashes.observe(machines, now), machines),
        ...stuckFindings(machines, now),
        status === undefined ? undefined : platformFinding(status),
      ]
      const labels = context(current, machines.length)
      const over = earlier(onRecord, new Set(firing.keys()), findings, now)
      for (const finding of over) firing.set(finding.key, finding)
      return told(findings, labels, now)
    },
  }

  /** Firing, or resolved: always for figures, for facts only what was told as firing before. */
  function told(findings: readonly (Finding | undefined)[], labels: Record<string, string>, now: number): Signal[] {
    const found = findings.filter((finding) => finding !== undefined)
    const mentioned = new Set(found.map(({ key }) => key))
    const over = [...firing.values()]
      .filter(({ key }) => !mentioned.has(key) && !staysUnknown(key))
      .map((finding): Finding => ({
        ...finding,
        status: 'resolved',
        summary: `over: ${finding.summary}`,
        symptoms: [],
      }))
    return [...found, ...over].flatMap((finding) => {
      const wasFiring = firing.delete(finding.key)
      if (finding.status === 'firing') firing.set(finding.key, finding)
      return finding.status === 'firing' || wasFiring || finding.always === true ? [signalOf(finding, labels, now)] : []
    })
  }

  function signalOf(finding: Finding, labels: Record<string, string>, now: number): Signal {
    return {
      id: createId(clock, random),
      key: finding.key,
      source: finding.source,
      measured: true,
      service: app.name,
      status: finding.status,
      at: new Date(now).toISOString(),
      summary: finding.summary,
      symptoms: finding.symptoms,
      labels: { ...labels, ...finding.labels },
      links: [{ title: 'Machines on fly.io', url: `https://fly.io/apps/${app.name}/machines` }],
      staleAfterMs,
    }
  }
}

/** How long what stands beside the machines may take: metrics, the release, the status page. A look must not wait for them. */
const besidesMs = 5_000

/** What an earlier process told is over when this one has looked for so long and has not seen it, in milliseconds at least. */
const leastLooksMs = 60_000

/** The release beside every signal: whoever reads it asks first what was deployed. */
function context(
  current: {
    readonly version: number
    readonly status: string
    readonly image: string
    readonly createdAt: string
  } | null,
  machines: number,
): Record<string, string> {
  if (current === null) return { machines: String(machines) }
  return {
    machines: String(machines),
    release: `v${current.version}`,
    releaseStatus: current.status,
    releaseImage: current.image,
    releasedAt: current.createdAt,
  }
}
