import type { Release } from '@firebreak/core'
import type { SuspectNumbers } from './automation.ts'
import type { ImageBook } from './images.ts'
import { isRollback, liveAt } from './release-history.ts'

/** The release that the six tests are asked about. */
export interface Accused {
  readonly release: Release
  /** What ran before it: the newest complete release that is older. */
  readonly predecessor: Release | undefined
  /** A newer release with the same image changed secrets or settings only. */
  readonly settingsSince: Release | undefined
}

/** The release under suspicion: the newest; behind a change of secrets, the one that brought the image, if that is recent. */
export function accuse(
  releases: readonly Release[],
  onsetAt: number,
  book: ImageBook,
  numbers: SuspectNumbers,
): Accused | { readonly why: string } {
  const begun = releases.filter(({ status }) => status !== 'pending')
  const newest = begun[0]
  if (newest === undefined) return { why: 'there is no release' }
  if (isRollback(newest)) return { why: `v${newest.version} is a recorded rollback, which is never the suspect` }
  const before = (release: Release) =>
    begun.find((other) => other.version < release.version && other.status === 'complete')
  let release = newest
  for (
    let older = before(release);
    older !== undefined && book.same(older, release) && !isRollback(older);
    older = before(release)
  ) {
    if (onsetAt - liveAt(older) > numbers.maxAgeMs) break
    release = older
  }
  // Only a change of secrets all the way back: then that is what is accused.
  const predecessor = before(release)
  const sameAll = predecessor !== undefined && book.same(predecessor, release)
  if (sameAll || release === newest) return { release: newest, predecessor: before(newest), settingsSince: undefined }
  return { release, predecessor, settingsSince: newest }
}
