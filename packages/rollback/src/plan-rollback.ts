import {
  InvalidInput,
  systemClock,
  withDeadline,
  type Clock,
  type DeployTarget,
  type HealthSource,
  type Release,
  type ServiceRecord,
  type Unit,
  oneLine,
  redactSecrets,
} from '@firebreak/core'
import { standardAutomation, type Automation } from './automation.ts'
import type { PastIncident, ProbeHistory } from './candidate-evidence.ts'
import {
  candidate,
  findLastGood,
  quarantineOf,
  ruledOut,
  weigh,
  type CandidateFound,
  type CandidateSearch,
} from './candidates.ts'
import { RollbackRefused } from './errors.ts'
import { imageBook } from './images.ts'
import type { PlannedRelease, RollbackPlan } from './plan.ts'
import { planDigest } from './plan-digest.ts'
import { planGuards } from './plan-guards.ts'
import { planUnits } from './plan-units.ts'
import { isRollback, liveAt, newestFirst, releaseToLeave } from './release-history.ts'

export interface PlanRollbackOptions {
  /** Where to go. Default 'last-good': the newest image proven good. A version is for a person who knows better. */
  readonly to?: 'last-good' | number | undefined
  /** What is left. Default: the newest release; where that is a recorded rollback, the one it left. */
  readonly from?: number | undefined
  /** Kept in the release record and the journal: one line. */
  readonly reason: string
  /** Who asks. Automation gets `no` where a person gets a warning. Default 'person'. */
  readonly by?: 'person' | 'automation' | undefined
  /** What users get: without it no image is proven. */
  readonly health?: HealthSource | undefined
  /** The service's memory: quarantine, budget, holds. */
  readonly record?: Readonly<ServiceRecord> | undefined
  /** Earlier incidents of the service, when somebody keeps them. */
  readonly incidents?: readonly PastIncident[] | undefined
  /** Own probes of the past: they prove a service that has little traffic. */
  readonly probes?: ProbeHistory | undefined
  /** The lowest version to go back to. */
  readonly neverBelow?: number | undefined
  /** Refuse with `UNPROVEN` instead of leaving an unproven image to the person; default false. */
  readonly requireProven?: boolean | undefined
  /** A quarantined image is refused, also for a person, unless this says otherwise. Never for automation. */
  readonly quarantined?: 'refuse' | 'allow' | undefined
  /** Numbers; default `standardAutomation`. */
  readonly automation?: Automation | undefined
  /** Longest time for all reads; default 60,000 ms. */
  readonly timeoutMs?: number | undefined
  readonly clock?: Clock | undefined
  readonly signal?: AbortSignal | undefined
}

/** What an image rollback leaves as it is. */
const notUndone = ['secrets', 'database', 'volumes', 'number and size of machines']

/**
 * Reads releases, units and the registry, decides the last good image by evidence, and says what would be done: nothing is
 * changed. The same state gives the same plan, byte for byte.
 *
 * @throws RollbackRefused when there is nothing to go back to: `candidates` says of every release why
 * @throws InvalidInput for a version that is none
 */
export async function planRollback(target: DeployTarget, options: PlanRollbackOptions): Promise<RollbackPlan> {
  validate(options)
  const { clock = systemClock, automation = standardAutomation, timeoutMs = 60_000 } = options
  const deadline = withDeadline(clock, timeoutMs, options.signal)
  try {
    const { signal } = deadline
    const [releases, units] = await Promise.all([target.releases({ signal }), target.units({ signal })])
    return await plan(target, newestFirst(releases), units, { ...options, clock, automation, signal })
  } finally {
    deadline.clear()
  }
}

type Settled = PlanRollbackOptions & { clock: Clock; automation: Automation; signal: AbortSignal }

async function plan(
  target: DeployTarget,
  releases: readonly Release[],
  units: readonly Unit[],
  options: Settled,
): Promise<RollbackPlan> {
  const { by = 'person', reason, record, automation, clock, signal, health } = options
  const { service } = target
  const now = clock.now()
  const book = imageBook(releases, units)
  const from = leaving(releases, options, service, book)
  const present = units.filter(({ state }) => state !== 'gone')
  if (present.length === 0)
    throw new RollbackRefused('NO_UNITS', `${service} has no machines: there is nothing to roll back`)
  if (present.every(({ untouchable }) => untouchable !== undefined))
    throw new RollbackRefused(
      'NO_UNITS',
      `none of the ${present.length} machines of ${service} is ours to change: ${oneLine(present[0]?.untouchable, 80)}`,
    )
  const neverBelow = options.neverBelow ?? automation.neverBelow
  const search: CandidateSearch = {
    releases,
    leaving: from,
    book,
    record,
    neverBelow,
    health,
    now,
    signal,
    proof: automation.proof,
    probes: options.probes,
    incidents: options.incidents,
    available: async (release) => pullable(target, release, signal),
  }
  const { to = 'last-good' } = options
  const found = to === 'last-good' ? await findLastGood(search) : await named(to, search, options)
  if (found.chosen === undefined) throw noCandidate(service, from, found)
  const { release, proven, evidence } = found.chosen
  if (options.requireProven === true && !proven)
    throw new RollbackRefused('UNPROVEN', `v${release.version} is not proven good: ${evidence.join('; ')}`, {
      candidates: found.candidates,
    })
  const quarantined = quarantineOf(release, record, book) !== undefined
  const shape = planUnits(units, release, book)
  const digest = planDigest(service, from, release, { releases, units })
  const figures = await currentFigures(health, now, automation.suspect.windowMs, signal)
  return {
    id: digest.slice(0, 6),
    digest,
    service,
    reason: redactSecrets(oneLine(reason, 300)),
    by,
    from: { ...describe(from, book), ...(figures === undefined ? {} : { figures }) },
    to: describe(release, book),
    release,
    proven: proven && !quarantined,
    evidence,
    candidates: found.candidates,
    ...shape,
    guards: planGuards({
      by,
      releases,
      units,
      from,
      to: release,
      proven: proven && !quarantined,
      evidence,
      quarantined,
      floor: shape.floor,
      record,
      automation,
      neverBelow,
      book,
      now,
    }),
    notUndone,
    verify: automation.judge,
    nothingToDo: shape.units.every(({ alreadyThere }) => alreadyThere),
  }
}

function leaving(
  releases: readonly Release[],
  { from }: PlanRollbackOptions,
  service: string,
  book: ReturnType<typeof imageBook>,
): Release {
  const release = from === undefined ? releaseToLeave(releases, book) : releases.find(({ version }) => version === from)
  if (release !== undefined) return release
  if (from === undefined)
    throw new RollbackRefused('NO_RELEASES', `${service} has no releases: there is nothing to go back to`)
  throw new RollbackRefused('NO_SUCH_RELEASE', `${service} has no release v${from} among the newest ${releases.length}`)
}

/** A person named the version: what is impossible is refused, what is unproven is said. */
async function named(version: number, search: CandidateSearch, options: Settled): Promise<CandidateFound> {
  const { releases, book, record, neverBelow } = search
  const release = releases.find((other) => other.version === version)
  const listed = releases.map((other) =>
    candidate(other, other === release ? 'yes' : 'spare', other === release ? 'named' : 'not asked for', book),
  )
  const refuse = (code: ConstructorParameters<typeof RollbackRefused>[0], why: string) =>
    new RollbackRefused(code, why, { candidates: listed })
  if (release === undefined)
    throw refuse(
      'NO_SUCH_RELEASE',
      `there is no release v${version}; the newest are ${releases
        .slice(0, 5)
        .map((other) => `v${other.version}`)
        .join(', ')}`,
    )
  if (release.status !== 'complete')
    throw refuse(
      'NOT_COMPLETE',
      `v${version} has status ${oneLine(release.status, 30)}: only a complete release can be gone back to`,
    )
  if (neverBelow !== undefined && version < neverBelow)
    throw refuse('BELOW_FLOOR', `v${version} is below v${neverBelow}, the lowest allowed (neverBelow)`)
  const quarantine = quarantineOf(release, record, book)
  if (quarantine !== undefined && options.quarantined !== 'allow')
    throw refuse(
      'QUARANTINED',
      `v${version} is quarantined (${oneLine(quarantine.reason, 120)}); pass quarantined: 'allow' to go there all the same`,
    )
  const there = await search.available(release)
  if (there === false)
    throw refuse('IMAGE_GONE', `the image of v${version} is gone from the registry: push it again, or choose another`)
  const { verdict, reasons } = await weigh(release, search)
  const out = ruledOut(release, search)
  const doubts = [
    ...(there === undefined ? ['the registry did not say whether the image is there'] : []),
    ...(out === undefined ? [] : [out]),
    ...(verdict === 'proven' ? [] : reasons),
  ]
  return {
    candidates: listed,
    chosen: { release, proven: doubts.length === 0, evidence: doubts.length === 0 ? reasons : doubts },
  }
}

async function pullable(target: DeployTarget, release: Release, signal: AbortSignal): Promise<boolean | undefined> {
  try {
    return await target.available(release, { signal })
  } catch {
    signal.throwIfAborted()
    return undefined
  }
}

/** What users get right now, for the page and the plan; a source that fails says nothing. */
async function currentFigures(
  health: HealthSource | undefined,
  now: number,
  windowMs: number,
  signal: AbortSignal,
): Promise<PlannedRelease['figures']> {
  if (health === undefined) return undefined
  try {
    const { requests, errorRatio, p95Ms } = await health.sample({ since: now - windowMs, until: now, signal })
    return { requests, errorRatio, p95Ms }
  } catch {
    signal.throwIfAborted()
    return undefined
  }
}

function describe(release: Release, book: ReturnType<typeof imageBook>): PlannedRelease {
  const digest = book.digestOf(release)
  return {
    version: release.version,
    image: release.image,
    ...(digest === undefined ? {} : { digest }),
    status: release.status,
    liveAt: new Date(liveAt(release)).toISOString(),
    ...(release.by === undefined ? {} : { by: release.by }),
  }
}

function noCandidate(service: string, from: Release, { candidates }: CandidateFound): RollbackRefused {
  const why = candidates
    .filter(({ verdict }) => verdict === 'no')
    .slice(0, 3)
    .map(({ version, reason }) => `v${version}: ${reason}`)
  const recorded = isRollback(from) ? ' (a recorded rollback)' : ''
  return new RollbackRefused(
    'NO_CANDIDATE',
    `no image to go back to from v${from.version}${recorded} of ${service}${why.length === 0 ? '' : `; ${why.join('; ')}`}: name a version, or deploy a fix`,
    { candidates },
  )
}

function validate({ to, from, reason, neverBelow }: PlanRollbackOptions): void {
  const version = (field: string, value: number | undefined) => {
    if (value !== undefined && !(Number.isSafeInteger(value) && value > 0))
      throw new InvalidInput(field, `must be a release's number such as 2, not ${String(value)}`)
  }
  if (to !== undefined && to !== 'last-good') version('to', to)
  version('from', from)
  version('neverBelow', neverBelow)
  if (typeof reason !== 'string' || reason.trim() === '')
    throw new InvalidInput('reason', 'say in one line why: it is kept with the release')
}
