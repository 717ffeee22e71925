import {
  InvalidInput,
  UnitChanged,
  type DeployTarget,
  type EffectContext,
  type Release,
  type Unit,
} from '@firebreak/core'
import type { FlyApp } from '../fly-app.ts'
import { untouchable } from '../machines/facts.ts'
import { incidentsNear } from '../status/platform-status.ts'
import { checkedNumber } from '../transport/route.ts'
import { leaseDescription, lockMachines, renewLock, unlockMachines } from './lock.ts'
import { digestIn, imageBook, releaseOf } from './releases.ts'
import { releaseRecorder } from './record.ts'
import { settleMachine, settleTimes, type SettleTimes } from './settle.ts'
import { FlyUntouchableError, targetError } from './target-error.ts'
import { unitOf } from './unit.ts'

export interface FlyTargetOptions extends Partial<SettleTimes> {
  /** How long the lock lives without renewal, in seconds. Default 60. */
  readonly lockSeconds?: number | undefined
}

/** A 429 that asks for longer is passed on at once, so that whoever waits can say so. */
const quietWaitMs = 5_000

/**
 * A Fly app as a `DeployTarget`. Every update compares the machine's version and carries the lock's lease; the image is
 * the only thing that changes, besides the metadata that names the release. What a unit runs is read from the machine.
 */
export function flyTarget(app: FlyApp, options: FlyTargetOptions = {}): DeployTarget {
  const lockSeconds = checkedNumber(options.lockSeconds ?? 60, 'lockSeconds', 1, 86_400, true)
  const times: SettleTimes = {
    lookEveryMs: checkedNumber(options.lookEveryMs ?? settleTimes.lookEveryMs, 'lookEveryMs', 1, 60_000),
    checkEveryMs: checkedNumber(options.checkEveryMs ?? settleTimes.checkEveryMs, 'checkEveryMs', 1, 60_000),
    checksWithinMs: checkedNumber(options.checksWithinMs ?? settleTimes.checksWithinMs, 'checksWithinMs', 0, 3_600_000),
  }
  const images = imageBook(app)
  const recorder = releaseRecorder(app, images)
  const nonceOf = ({ lock }: EffectContext, id: string) => lock?.nonces?.[id]

  async function observe(id: string, { signal }: EffectContext): Promise<Unit> {
    return unitOf(await app.machines.get(id, { signal }))
  }

  async function listed({ signal, lock }: EffectContext): Promise<readonly Unit[]> {
    const machines = await app.machines.list({ includeLeases: true, signal })
    const mine = lock === undefined ? undefined : leaseDescription(lock.nonce)
    return machines.map((machine) =>
      unitOf(machine, (description) => mine !== undefined && description.startsWith(mine)),
    )
  }

  /** The machine as it is, if it still is what the caller saw. */
  async function unchanged(unit: Unit, { signal }: EffectContext) {
    const machine = await app.machines.get(unit.id, { signal }).catch((error: unknown) => {
      throw targetError(unit.id, error)
    })
    const reason = untouchable(machine)
    if (reason !== undefined) throw new FlyUntouchableError(unit.id, reason)
    if (machine.instance_id !== unit.revision)
      throw new UnitChanged(
        unit.id,
        `machine ${unit.id} is at version ${machine.instance_id}, not ${unit.revision}: plan again`,
      )
    return machine
  }

  async function write(
    unit: Unit,
    context: EffectContext,
    work: (nonce: string | undefined) => PromiseLike<unknown>,
  ): Promise<Unit> {
    await unchanged(unit, context)
    try {
      await work(nonceOf(context, unit.id))
    } catch (error) {
      throw targetError(unit.id, error)
    }
    return observe(unit.id, context)
  }

  return {
    service: app.name,
    async releases({ limit = 25, signal }) {
      const [found, machines] = await Promise.all([
        app.releases.list({ limit, withConfig: true, signal }),
        app.machines.list({ signal }),
      ])
      images.see(machines)
      await images.learn(
        found.map(({ image }) => image),
        signal,
      )
      const metadata = await recorder.metadata(limit, signal)
      return found.map((release) => releaseOf(release, images.get(release.image), metadata.get(release.version)))
    },
    async available(release, { signal }) {
      const image = await app.releases.image(release.image, { signal })
      if (image === null) return false
      return release.digest === undefined || image.digest === '' || image.digest === release.digest
        ? true
        : (await app.releases.image(pinned(release), { signal })) !== null
    },
    units: listed,
    observe,
    async update(unit, release, context) {
      if (release.image === '') throw new InvalidInput('release.image', `v${release.version} names no image`)
      const machine = await unchanged(unit, context)
      const recorded = recorder.running(release)
      try {
        const updated = await app.machines.update(
          machine,
          {
            image: pinned(release),
            metadata: {
              fly_release_id: recorded?.id ?? release.id,
              fly_release_version: String((recorded ?? release).version),
            },
          },
          {
            signal: context.signal,
            nonce: nonceOf(context, unit.id),
            skipLaunch: !['started', 'starting', 'failed'].includes(machine.state),
            retry: { maxRetryAfterMs: quietWaitMs },
          },
        )
        return unitOf(updated)
      } catch (error) {
        throw targetError(unit.id, error)
      }
    },
    async platform({ signal }) {
      const [status, machines] = await Promise.all([
        app.platformStatus({ signal }),
        app.machines.list({ summary: true, signal }),
      ])
      const near = incidentsNear(
        status,
        machines.map(({ region }) => region),
      )
      return {
        incidents: near.map(({ name, impact, startedAt }) => `${name} (${impact}, since ${startedAt ?? 'unknown'})`),
      }
    },
    supportText: () => app.supportText(),
    settle: (unit, context) => settleMachine(app, unit, times, context),
    lock: (context) => lockMachines(app, lockSeconds, context),
    renew: (lock, context) => renewLock(app, lock, lockSeconds, context),
    unlock: (lock, context) => unlockMachines(app, lock, context),
    recordRelease: (record, context) => recorder.record(record, context),
    async scale(request, context) {
      const { count, group, memoryMb, memoryFactor, cpus } = request
      const options = { signal: context.signal, nonces: context.lock?.nonces }
      const once = context.idempotencyKey
      if (memoryMb !== undefined || cpus !== undefined)
        await app.scale.size({ memoryMb, cpus }, { ...options, group, once })
      // A multiple means the same for machines of every group; a size does not.
      const groups = group === undefined ? groupsOf(await listed(context)) : [group]
      if (memoryFactor !== undefined)
        for (const each of groups) await app.scale.size({ memoryFactor }, { ...options, group: each, once })
      if (count !== undefined) await app.scale.apply(await app.scale.plan({ count, group }, options), options)
      return listed(context)
    },
    restart: (unit, context) =>
      write(unit, context, (nonce) => app.machines.restart(unit.id, { nonce, signal: context.signal })),
    isolate: (unit, context) =>
      write(unit, context, (nonce) => app.machines.cordon(unit.id, { nonce, signal: context.signal })),
    rejoin: (unit, context) =>
      write(unit, context, (nonce) => app.machines.uncordon(unit.id, { nonce, signal: context.signal })),
  }
}

function groupsOf(units: readonly Unit[]): readonly string[] {
  return [...new Set(units.filter((unit) => unit.untouchable === undefined).map(({ group }) => group))]
}

/** By digest where it is known: a tag may have been moved since. */
function pinned({ image, digest }: Release): string {
  return digest === undefined || digestIn(image) !== undefined ? image : `${image}@${digest}`
}
