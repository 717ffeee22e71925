import type { DeployTarget, EffectContext, Release, ReleaseRecord } from '@firebreak/core'
import type { ImageBook } from './images.ts'
import type { RollbackPlan } from './plan.ts'
import { isRollback, rolledBackTo } from './release-history.ts'

/** The release that stands for a rollback in the platform's history, or why there is none. */
export interface Recorded {
  readonly release?: Release
  readonly note?: string
}

/** Looks for a release that this rollback has recorded already: a crash may have come between the request and its answer. */
export async function findRecorded(
  target: DeployTarget,
  plan: Pick<RollbackPlan, 'release' | 'from' | 'to'>,
  book: ImageBook,
  signal: AbortSignal,
  statuses: readonly string[],
): Promise<Release | undefined> {
  const releases = await target.releases({ signal })
  return releases.find(
    (release) =>
      isRollback(release) &&
      release.version > plan.from.version &&
      rolledBackTo(release) === plan.to.version &&
      statuses.includes(release.status) &&
      book.same(release, plan.release),
  )
}

/**
 * Records the rollback as a release, so that the next deploy and the next look at the history see what runs. A platform that
 * refuses does not stop a rescue: the note says what to do.
 */
export async function recordRollback(
  target: DeployTarget,
  plan: Pick<RollbackPlan, 'release' | 'to' | 'reason'>,
  status: ReleaseRecord['status'],
  known: Release | undefined,
  context: EffectContext,
): Promise<Recorded> {
  if (target.recordRelease === undefined) return {}
  const { release, to, reason } = plan
  const { image, digest } = release
  try {
    const recorded = await target.recordRelease(
      {
        image,
        ...(digest === undefined ? {} : { digest }),
        reason,
        rollbackTo: to.version,
        status,
        ...(known === undefined ? {} : { release: known }),
      },
      context,
    )
    return { release: recorded }
  } catch (error) {
    context.signal.throwIfAborted()
    const why = error instanceof Error ? error.message : 'an unknown error'
    return {
      ...(known === undefined ? {} : { release: known }),
      note: `the release could not be recorded as ${status} (${why}): the next deploy may take the image that was left for the latest`,
    }
  }
}
