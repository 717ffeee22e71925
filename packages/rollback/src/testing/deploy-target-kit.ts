import type { DeployTarget, Release, Unit } from '@firebreak/core'
import type { Runner } from '@firebreak/core/testing'
import { imageBook } from '../images.ts'

/** A fresh target for one case, and the hands that the suite needs behind its back. */
export interface DeployTargetSubject {
  /** At least two units that may be changed, and two complete releases with different images. */
  readonly target: DeployTarget
  /** Runs work on the target's clock: a test clock's `run`. Default: as it is. */
  readonly run?: (<T>(work: Promise<T>) => Promise<T>) | undefined
  /** Changes the unit so that its revision moves, the way another client would. */
  readonly touch: (unit: string) => void | Promise<void>
  /** Lets the registry forget the release's image; without it that case is left out. */
  readonly prune?: ((release: Release) => void | Promise<void>) | undefined
  /** Lets another client hold the lock for the rest of the case. */
  readonly lockByOther?: (() => void | Promise<void>) | undefined
  /** A unit that is stopped, and one that must be left alone, where the target has them. */
  readonly stopped?: string | undefined
  readonly untouchable?: string | undefined
  readonly close?: (() => void | Promise<void>) | undefined
}

/** What the target under test has; decides which cases are run. */
export interface DeployTargetTraits {
  readonly lock?: boolean | undefined
  readonly record?: boolean | undefined
  readonly isolate?: boolean | undefined
  readonly restart?: boolean | undefined
  readonly prune?: boolean | undefined
  readonly lockByOther?: boolean | undefined
  readonly stopped?: boolean | undefined
  readonly untouchable?: boolean | undefined
}

/** What one case works with. */
export interface Kit {
  readonly target: DeployTarget
  readonly subject: DeployTargetSubject
  readonly context: { readonly signal: AbortSignal }
  readonly run: <T>(work: Promise<T>) => Promise<T>
  readonly expect: Runner['expect']
  /** The first unit that may be changed and runs, and a release with another image than its own. */
  readonly unit: () => Promise<Unit>
  readonly otherRelease: (unit: Unit) => Promise<Release>
  /** The error a call ends with. */
  readonly refused: (work: Promise<unknown>) => Promise<{ readonly code?: unknown; readonly message: string }>
  /** Updates and settles. */
  readonly update: (unit: Unit, release: Release) => Promise<Unit>
}

/** One obligation of the port, as a rule. */
export interface Case {
  readonly title: string
  readonly needs?: keyof DeployTargetTraits
  readonly run: (kit: Kit) => Promise<void>
}

export function kitOf(subject: DeployTargetSubject, expect: Runner['expect']): Kit {
  const { target, run = (work) => work } = subject
  const context = { signal: new AbortController().signal }
  return {
    target,
    subject,
    update: async (unit, release) =>
      run(target.update(unit, release, context).then((updated) => target.settle(updated, context))),
    context,
    run,
    expect,
    unit: async () => {
      const units = await run(target.units(context))
      const found = units.find(({ state, untouchable }) => state === 'started' && untouchable === undefined)
      if (found === undefined) throw new Error('the subject needs a started unit that may be changed')
      return found
    },
    otherRelease: async (unit) => {
      const releases = await run(target.releases(context))
      const book = imageBook(releases, [unit])
      const found = releases.find((release) => release.status === 'complete' && !book.same(release, unit))
      if (found === undefined)
        throw new Error(`the subject needs a complete release with another image than ${unit.image}`)
      return found
    },
    refused: async (work) => {
      const outcome = await work.then(
        () => undefined,
        (error: unknown) => error as { code?: unknown; message: string },
      )
      expect(outcome === undefined, 'it should have been refused').toBe(false)
      return outcome ?? { message: '' }
    },
  }
}
