import {
  AbortedError,
  systemClock,
  UnitChanged,
  type Clock,
  type DeployTarget,
  type EffectContext,
  type HealthSource,
  type Lock,
  type Release,
  type Unit,
} from '@firebreak/core'
import { LockHeld, NotThere, Untouchable } from './memory-errors.ts'
import { faultBox, type MemoryCall, type MemoryFault } from './memory-faults.ts'
import { memoryTraffic, type Behaviour, type Stretch } from './memory-traffic.ts'

export interface MemoryTargetOptions {
  readonly service?: string | undefined
  readonly clock?: Clock | undefined
  /** Default: three started machines, two in `iad` and one in `ord`, on the newest release. */
  readonly units?: readonly (Partial<Unit> & { readonly id: string })[] | undefined
  /** In any order; default v1 (10 days old). */
  readonly releases?: readonly (Partial<Release> & { readonly version: number; readonly image: string })[] | undefined
  /** How images answer. */
  readonly behaviour?: Readonly<Record<string, Behaviour>> | undefined
  readonly requestsPerSecond?: number | undefined
  /** Does `health` tell units apart? Default true. */
  readonly healthPerUnit?: boolean | undefined
  /** How long a unit takes to come up; default 2,000 ms. */
  readonly settleMs?: number | undefined
  readonly lockMs?: number | undefined
  readonly faults?: readonly MemoryFault[] | undefined
}

/** What was asked of it. Writes are the calls that change something. */
export interface MemoryTargetCall {
  readonly call: MemoryCall
  readonly unit?: string
  readonly image?: string
  readonly at: number
  readonly idempotencyKey?: string
}

export interface MemoryTarget extends Required<DeployTarget> {
  /** What users of it get. */
  readonly health: HealthSource
  readonly calls: readonly MemoryTargetCall[]
  /** Updates that took effect, in order. */
  readonly applied: readonly { readonly unit: string; readonly image: string; readonly at: number }[]
  /** A deploy by somebody else: a new release on all units that are ours to change. Returns it. */
  ship(
    release: Partial<Release> & { readonly image: string },
    options?: { readonly units?: readonly string[] },
  ): Release
  /** From now on the image, or one unit, answers like this. */
  behave(image: string, behaviour: Behaviour): void
  behaveUnit(unit: string, behaviour: Behaviour | undefined): void
  /** The registry drops the image. */
  prune(image: string): void
  /** What the platform says about itself from now on. */
  platformSays(...incidents: readonly string[]): void
  /** Somebody else holds the lock for so long. */
  lockBy(holder: string, milliseconds: number): void
  /** Changes a unit behind everybody's back. */
  change(unit: string, change: Partial<Unit>): void
  fault(fault: MemoryFault): void
}

const day = 24 * 60 * 60_000

/**
 * A whole platform in memory: releases, units, a registry, a lock, and traffic that is answered the way the running images
 * answer. Stateful, on any clock, and it fails on demand the way platforms fail. For tests and dry runs.
 */
export function memoryTarget(options: MemoryTargetOptions = {}): MemoryTarget {
  const { service = 'shop', clock = systemClock, settleMs = 2_000, lockMs = 30_000 } = options
  const started = clock.now()
  const releases: Release[] = (options.releases ?? [{ version: 1, image: 'shop:1' }])
    .map((release) => fullRelease(release, started - 10 * day))
    .toSorted((one, other) => other.version - one.version)
  const units = new Map<string, Unit>()
  const stretches = new Map<string, Stretch[]>()
  const pruned = new Set<string>()
  const calls: MemoryTargetCall[] = []
  const applied: { unit: string; image: string; at: number }[] = []
  const faults = faultBox(clock, options.faults ?? [])
  const traffic = memoryTraffic(stretches, {
    perSecond: options.requestsPerSecond ?? 20,
    perUnit: options.healthPerUnit,
  })
  let revisions = 0
  let nonces = 0
  let lock: Lock | undefined
  let platformIncidents: readonly string[] = []

  for (const [image, behaviour] of Object.entries(options.behaviour ?? {})) traffic.behave(image, behaviour, 0)
  for (const unit of options.units ?? [{ id: 'm1' }, { id: 'm2' }, { id: 'm3', region: 'ord' }]) {
    put({ ...fullUnit(unit, releases[0]), revision: nextRevision() })
    backdate(unit.id)
  }

  function nextRevision(): string {
    revisions += 1
    return `r${revisions}`
  }
  function put(unit: Unit): Unit {
    units.set(unit.id, unit)
    const all = stretches.get(unit.id) ?? []
    if (all.length === 0) stretches.set(unit.id, all)
    all.push({
      since: all.length === 0 ? 0 : clock.now(),
      image: unit.image,
      serving: unit.state === 'started' && !unit.cordoned,
    })
    return unit
  }
  /** A unit that was there from the start ran each release in its time, and what it runs now since the newest. */
  function backdate(id: string): void {
    const { state, cordoned, image: current } = need(id)
    const serving = state === 'started' && !cordoned
    const begun = releases.filter(({ status }) => status !== 'pending')
    const past = begun.map(({ liveAt, createdAt, image }, index) => ({
      since: Date.parse(liveAt ?? createdAt),
      image: index === 0 ? current : image,
      serving,
    }))
    if (past.length > 0) stretches.set(id, past.toReversed())
  }
  function need(id: string): Unit {
    const unit = units.get(id)
    if (unit === undefined) throw new NotThere(`machine ${id}`)
    return unit
  }
  /** As it is read: checks follow what the running image does now. */
  function seen(id: string): Unit {
    const unit = need(id)
    const { checks } = traffic.behaviourOf(id, unit.image, clock.now())
    const status = unit.state === 'started' && checks ? 'passing' : 'critical'
    const told =
      lock !== undefined && Date.parse(lock.expiresAt) > clock.now()
        ? { lockedBy: { holder: lock.holder, expiresAt: lock.expiresAt } }
        : {}
    return {
      ...unit,
      ...told,
      checks: unit.checks.map((check) => (check.kind === 'informational' ? check : { ...check, status })),
    }
  }
  async function call<T>(
    name: MemoryCall,
    context: EffectContext | { signal: AbortSignal },
    effect: (kind?: MemoryFault['kind']) => T,
    unit?: string,
    image?: string,
  ): Promise<T> {
    const { idempotencyKey } = context as EffectContext
    calls.push({
      call: name,
      at: clock.now(),
      ...(unit === undefined ? {} : { unit }),
      ...(image === undefined ? {} : { image }),
      ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    })
    return faults.run(name, unit, context.signal, effect)
  }
  function checkLock({ lock: given }: EffectContext): void {
    if (lock === undefined || Date.parse(lock.expiresAt) <= clock.now()) return
    if (given?.nonce !== lock.nonce) throw new LockHeld(lock.holder, lock.expiresAt)
  }
  function compareAndSet(unit: Unit, change: Partial<Unit>, context: EffectContext): Unit {
    checkLock(context)
    const now = need(unit.id)
    if (now.untouchable !== undefined) throw new Untouchable(unit.id, now.untouchable)
    if (now.revision !== unit.revision)
      throw new UnitChanged(unit.id, `${unit.id} has revision ${now.revision}, not ${unit.revision}: look again`)
    return put({ ...now, ...change, revision: nextRevision(), changedAt: new Date(clock.now()).toISOString() })
  }

  return {
    service,
    health: traffic.health,
    calls,
    applied,
    releases: async ({ limit = 25, signal }) => call('releases', { signal }, () => releases.slice(0, limit)),
    available: async (release, context) =>
      call('available', context, () => !pruned.has(release.image), undefined, release.image),
    units: async (context) => call('units', context, () => [...units.keys()].map(seen)),
    observe: async (id, context) => call('observe', context, () => seen(id), id),
    update: async (unit, release, context) =>
      call(
        'update',
        context,
        (kind) => {
          if (pruned.has(release.image)) throw new NotThere(`image ${release.image}`)
          const resting = unit.state === 'stopped' || unit.state === 'suspended'
          const { digest, ...rest } = need(unit.id)
          const before = { ...rest, ...(digest === undefined ? {} : { digest }) }
          const after = compareAndSet(
            unit,
            {
              image: release.image,
              ...(release.digest === undefined ? {} : { digest: release.digest }),
              release: release.version,
              state: resting ? unit.state : 'updating',
            },
            context,
          )
          applied.push({ unit: unit.id, image: release.image, at: clock.now() })
          if (release.digest === undefined && digest !== undefined) units.set(unit.id, withoutDigest(after))
          if (kind === 'reverted')
            put({ ...before, state: resting ? unit.state : 'updating', revision: nextRevision() })
          if (kind === 'broken') put({ ...after, state: 'failed', revision: after.revision })
          return { ...after }
        },
        unit.id,
        release.image,
      ),
    settle: async (unit, context) => {
      if (need(unit.id).state === 'updating') {
        await clock.sleep(settleMs, context.signal)
        const now = need(unit.id)
        if (now.state === 'updating') put({ ...now, state: 'started' })
      }
      return call('settle', context, () => seen(unit.id), unit.id)
    },
    lock: async (context) =>
      call('lock', context, () => {
        if (lock !== undefined && Date.parse(lock.expiresAt) > clock.now())
          throw new LockHeld(lock.holder, lock.expiresAt)
        nonces += 1
        lock = { holder: 'firebreak', nonce: `n${nonces}`, expiresAt: new Date(clock.now() + lockMs).toISOString() }
        return lock
      }),
    renew: async (given, context) =>
      call('renew', context, () => {
        if (lock?.nonce !== given.nonce || Date.parse(lock.expiresAt) <= clock.now())
          throw new LockHeld(lock?.holder ?? 'nobody', lock?.expiresAt ?? new Date(clock.now()).toISOString())
        lock = { ...lock, expiresAt: new Date(clock.now() + lockMs).toISOString() }
        return lock
      }),
    unlock: async (given, context) =>
      call('unlock', context, () => {
        if (lock?.nonce === given.nonce) lock = undefined
      }),
    recordRelease: async ({ image, digest, reason, rollbackTo, status, release }, context) =>
      call('recordRelease', context, () => {
        const known = releases.findIndex(({ id }) => id === release?.id)
        if (release !== undefined && known < 0) throw new NotThere(`release v${release.version}`)
        const before = known < 0 ? undefined : releases[known]
        const version = (releases[0]?.version ?? 0) + 1
        const next: Release =
          before === undefined
            ? fullRelease(
                {
                  version,
                  image,
                  status,
                  description: reason,
                  ...(digest === undefined ? {} : { digest }),
                  ...(rollbackTo === undefined ? {} : { labels: { 'firebreak.rollback': `v${rollbackTo}` } }),
                },
                clock.now(),
              )
            : { ...before, status }
        if (known < 0) releases.unshift(next)
        else releases[known] = next
        return next
      }),
    restart: async (unit, context) =>
      call(
        'restart',
        context,
        () => {
          const after = compareAndSet(unit, { state: 'updating' }, context)
          traffic.behaveUnit(unit.id, undefined, clock.now())
          return after
        },
        unit.id,
      ),
    scale: async (request, context) =>
      call('scale', context, () => {
        const group = request.group ?? 'app'
        const ours = [...units.values()].filter((unit) => unit.group === group)
        const like = ours[0]
        for (let number = ours.length; like !== undefined && number < (request.count ?? 0); number += 1)
          put({ ...like, id: `${group}${number + 1}`, revision: nextRevision() })
        return [...units.keys()].map(seen)
      }),
    isolate: async (unit, context) =>
      call(
        'isolate',
        context,
        () => (need(unit.id).cordoned ? seen(unit.id) : compareAndSet(unit, { cordoned: true }, context)),
        unit.id,
      ),
    rejoin: async (unit, context) =>
      call(
        'rejoin',
        context,
        () => (need(unit.id).cordoned ? compareAndSet(unit, { cordoned: false }, context) : seen(unit.id)),
        unit.id,
      ),

    supportText: () => `${service} in memory does not answer`,
    platform: async (context) => call('platform', context, () => ({ incidents: platformIncidents })),

    platformSays: (...incidents) => void (platformIncidents = incidents),
    ship(release, { units: only } = {}) {
      const version = release.version ?? (releases[0]?.version ?? 0) + 1
      const next = fullRelease({ ...release, version }, clock.now())
      releases.unshift(next)
      for (const unit of units.values()) {
        if (unit.untouchable !== undefined || (only !== undefined && !only.includes(unit.id))) continue
        put({
          ...withoutDigest(unit),
          image: next.image,
          release: version,
          revision: nextRevision(),
          ...(next.digest === undefined ? {} : { digest: next.digest }),
        })
      }
      return next
    },
    behave: (image, behaviour) => traffic.behave(image, behaviour, clock.now()),
    behaveUnit: (unit, behaviour) => traffic.behaveUnit(unit, behaviour, clock.now()),
    prune: (image) => void pruned.add(image),
    lockBy(holder, milliseconds) {
      lock = { holder, nonce: `foreign-${holder}`, expiresAt: new Date(clock.now() + milliseconds).toISOString() }
    },
    change: (id, change) => void put({ ...need(id), ...change, revision: nextRevision() }),
    fault: (fault) => faults.add(fault),
  }
}

function withoutDigest({ digest: _digest, ...unit }: Unit): Unit {
  return unit
}

function fullRelease(release: Partial<Release> & { version: number; image: string }, created: number): Release {
  return {
    id: `release-${release.version}`,
    status: 'complete',
    createdAt: new Date(created).toISOString(),
    labels: {},
    hasReleaseCommand: false,
    ...release,
  }
}

function fullUnit(unit: Partial<Unit> & { id: string }, release: Release | undefined): Unit {
  if (release === undefined && unit.image === undefined)
    throw new AbortedError(`unit ${unit.id} needs an image: there is no release`)
  return {
    region: 'iad',
    group: 'app',
    state: 'started',
    image: release?.image ?? '',
    ...(release?.digest === undefined || unit.image !== undefined ? {} : { digest: release.digest }),
    ...(release === undefined ? {} : { release: release.version }),
    revision: '',
    checks: [{ name: 'http', kind: 'service', status: 'passing' }],
    cordoned: false,
    ...unit,
  }
}
