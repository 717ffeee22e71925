import type { Release } from '@firebreak/core'
import type { ImageBook } from './images.ts'

/** Label of a release that a rollback recorded: the version it went back to, `v2`. */
const rollbackLabel = 'firebreak.rollback'

/** When a release began to serve, as far as the platform tells; milliseconds since the epoch. */
export function liveAt(release: Release): number {
  return Date.parse(release.liveAt ?? release.createdAt)
}

export function newestFirst(releases: readonly Release[]): readonly Release[] {
  return releases.toSorted((one, other) => other.version - one.version)
}

/** Recorded by a rollback; such a release is never to blame. */
export function isRollback(release: Release): boolean {
  return release.labels[rollbackLabel] !== undefined
}

/** The version a recorded rollback went back to. */
export function rolledBackTo(release: Release): number | undefined {
  const version = Number(/^v?(\d+)$/.exec(release.labels[rollbackLabel] ?? '')?.[1])
  return Number.isNaN(version) ? undefined : version
}

/**
 * The release that a rollback leaves: the newest that was really begun. Where the newest is itself a recorded rollback, the
 * one that it left: so a rollback that is planned again goes on with the same one, and never toggles.
 */
export function releaseToLeave(releases: readonly Release[], book: ImageBook): Release | undefined {
  const begun = newestFirst(releases).filter(({ status }) => status !== 'pending')
  const newest = begun[0]
  if (newest === undefined || !isRollback(newest)) return newest
  return begun.find((release) => !isRollback(release) && !book.same(release, newest)) ?? newest
}

/** The recorded rollback that left this release's image, if one did. */
export function leftByRollback(release: Release, releases: readonly Release[], book: ImageBook): Release | undefined {
  return releases.find((rollback) => {
    const to = rolledBackTo(rollback)
    if (to === undefined || rollback.status === 'failed' || book.same(release, rollback)) return false
    return releases.some(
      (left) => left.version > to && left.version < rollback.version && !isRollback(left) && book.same(left, release),
    )
  })
}

/** When an image served, the latest uninterrupted stretch of it: a secrets release with the same image goes on with it. */
export function latestSpan(
  release: Release,
  releases: readonly Release[],
  book: ImageBook,
  now: number,
): { since: number; until: number } | undefined {
  const oldestFirst = newestFirst(releases)
    .filter(({ status }) => status !== 'pending')
    .toReversed()
  let span: { since: number; until: number } | undefined
  let open = false
  for (const [index, other] of oldestFirst.entries()) {
    const mine = other.status === 'complete' && book.same(other, release)
    const next = oldestFirst[index + 1]
    const until = next === undefined ? now : liveAt(next)
    if (mine) span = { since: open && span !== undefined ? span.since : liveAt(other), until }
    open = mine
  }
  return span
}
