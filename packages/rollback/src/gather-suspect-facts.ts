import {
  systemClock,
  withDeadline,
  type Clock,
  type DeployTarget,
  type HealthSample,
  type HealthSource,
  type Incident,
} from '@firebreak/core'
import { standardAutomation, type SuspectNumbers } from './automation.ts'
import { accuse } from './accuse.ts'
import { crashedUnits } from './crashes.ts'
import { imageBook } from './images.ts'
import { sampleOf } from './judge-unit.ts'
import { liveAt, newestFirst } from './release-history.ts'
import { troubleOnset } from './trouble.ts'
import type { Neighbour, SourceSeen, SuspectFacts } from './suspect-facts.ts'

/** How the other services are, around this time. Rejects when it cannot be asked. */
export type Neighbours = (query: {
  service: string
  onsetAt: number
  signal: AbortSignal
}) => Promise<readonly Neighbour[]>

/** What the platform reports about itself, one line an incident. Rejects when it cannot be asked. */
export type PlatformStatusSource = (query: { signal: AbortSignal }) => Promise<readonly string[]>

export interface GatherOptions {
  readonly target: DeployTarget
  readonly health?: HealthSource | undefined
  readonly incident: Readonly<Incident>
  /** Default: the incidents that this one is linked with. */
  readonly neighbours?: Neighbours | undefined
  /** Default: the target's own `platform`, when it has one. */
  readonly platform?: PlatformStatusSource | undefined
  readonly numbers?: SuspectNumbers | undefined
  /** Longest time for all reads, in milliseconds; default 20,000. */
  readonly timeoutMs?: number | undefined
  readonly clock?: Clock | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Reads what the six tests need: releases, units, figures, the platform, the neighbours. Reads only. A source that does not
 * answer leaves its fact unknown; a target that does not answer rejects, because then nothing can be said at all.
 */
export async function gatherSuspectFacts(options: GatherOptions): Promise<SuspectFacts> {
  const { target, incident, clock = systemClock, timeoutMs = 20_000, numbers = standardAutomation.suspect } = options
  const deadline = withDeadline(clock, timeoutMs, options.signal)
  const { signal } = deadline
  const now = clock.now()
  const { service, severity } = incident
  const onsetAt = troubleOnset(incident, numbers.neighbourMs)
  try {
    const [releases, units] = await Promise.all([target.releases({ signal }), target.units({ signal })])
    const accused = accuse(newestFirst(releases), onsetAt, imageBook(releases, units), numbers)
    const live = 'why' in accused ? now : Math.min(now, liveAt(accused.release))
    const sample = (since: number, until: number, ids?: readonly string[]) =>
      read(options.health, since, until, signal, ids)
    const window = Math.min(numbers.windowMs, Math.max(1_000, now - onsetAt))
    const [whole, each, before, earlier, neighbours, platform] = await Promise.all([
      sample(now - window, now),
      sample(
        now - window,
        now,
        units.map(({ id }) => id),
      ),
      sample(live - numbers.goodBeforeMs, live),
      sample(Math.min(onsetAt, now) - numbers.rateMs, Math.min(onsetAt, now)),
      askNeighbours(options, onsetAt, signal),
      askPlatform(options, signal),
    ])
    return {
      service,
      now,
      onsetAt,
      severity,
      releases,
      units,
      current: together(whole, each),
      before,
      earlier,
      symptoms: firing(incident).flatMap(({ signal: { symptoms } }) => symptoms),
      crashed: crashedUnits(incident),
      sources: sourcesOf(incident, onsetAt, whole, now, numbers),
      neighbours,
      ...(platform === undefined ? {} : { platform }),
    }
  } finally {
    deadline.clear()
  }
}

async function read(
  health: HealthSource | undefined,
  since: number,
  until: number,
  signal: AbortSignal,
  units?: readonly string[],
): Promise<HealthSample | null> {
  if (health === undefined || until <= since) return null
  return sampleOf(health, { since, until, signal, units })
}

/** The whole as users see it, with each unit's own view beside it. */
function together(whole: HealthSample | null, each: HealthSample | null): HealthSample | null {
  if (whole === null) return each
  return whole.units === undefined && each?.units !== undefined ? { ...whole, units: each.units } : whole
}

function firing(incident: Readonly<Incident>) {
  return [...incident.signals.values()].filter(({ signal }) => signal.status === 'firing')
}

/** Who of ours saw it: every measured source whose signal fires, and the health source itself when its figures are ill. */
function sourcesOf(
  incident: Readonly<Incident>,
  onsetAt: number,
  current: HealthSample | null,
  now: number,
  { illRatio, requests, repeatMs }: SuspectNumbers,
): readonly SourceSeen[] {
  const seen = firing(incident).map(({ signal, firstAt, lastAt }) => {
    const { source, measured, staleAfterMs } = signal
    // Not repeated in its time: unknown since, and no evidence for longer.
    const isStale = staleAfterMs !== undefined && now - lastAt > staleAfterMs + repeatMs
    return { source, measured, since: firstAt, until: isStale ? lastAt : now }
  })
  const ill = (current?.errorRatio ?? 0) >= illRatio && (current?.requests ?? 0) >= requests
  if (current === null || !ill) return seen
  const span = { measured: true, since: Math.min(onsetAt, now), until: now }
  const unitIll = Object.values(current.units ?? {}).some(
    (unit) => (unit.errorRatio ?? 0) >= illRatio && (unit.requests ?? 0) >= requests,
  )
  const apart = current.unitsSource !== undefined && current.unitsSource !== current.source && unitIll
  return [...seen, { source: current.source, ...span }, ...(apart ? [{ source: current.unitsSource, ...span }] : [])]
}

async function askNeighbours(
  { neighbours, incident }: GatherOptions,
  onsetAt: number,
  signal: AbortSignal,
): Promise<readonly Neighbour[] | null> {
  // Links are made when an incident opens: of a trouble that came later they say nothing.
  if (neighbours === undefined && onsetAt !== incident.onsetAt) return null
  if (neighbours === undefined)
    return incident.linked.map((stream) => ({
      service: stream.split('/')[1] ?? stream,
      onsetAt: incident.onsetAt,
      releasedAt: null,
    }))
  try {
    return await neighbours({ service: incident.service, onsetAt, signal })
  } catch {
    signal.throwIfAborted()
    return null
  }
}

async function askPlatform(
  { platform, target }: GatherOptions,
  signal: AbortSignal,
): Promise<readonly string[] | null | undefined> {
  try {
    if (platform !== undefined) return await platform({ signal })
    return target.platform === undefined ? undefined : (await target.platform({ signal })).incidents
  } catch {
    signal.throwIfAborted()
    return null
  }
}
