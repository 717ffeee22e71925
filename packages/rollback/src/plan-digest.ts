import { createHash } from 'node:crypto'
import type { Release, Unit } from '@firebreak/core'
import { isRollback } from './release-history.ts'

/** The image as the release itself names it: what others run must not change a plan's identity. */
function identity({ image, digest }: Release): string {
  return digest ?? /@(sha256:[0-9a-f]{64})$/.exec(image)?.[1] ?? image
}

/** The newest release that somebody else made, as far as it matters: it runs another image than the one gone to. */
function newestDeploy(releases: readonly Release[], to: Release): number {
  const others = releases.filter(
    (release) => release.status !== 'pending' && !isRollback(release) && identity(release) !== identity(to),
  )
  return Math.max(0, ...others.map(({ version }) => version))
}

/**
 * What a plan is about, in one number: service, what is left, the newest deploy, the image gone to, who is changed and who is
 * left alone. What a rollback itself changes (what runs where, a release it records) is not in it.
 */
export function planDigest(
  service: string,
  from: Release,
  to: Release,
  { releases, units }: { readonly releases: readonly Release[]; readonly units: readonly Unit[] },
): string {
  const present = units.filter(({ state }) => state !== 'gone')
  const ids = (ours: boolean) =>
    present
      .filter(({ untouchable }) => (untouchable === undefined) === ours)
      .map(({ id }) => id)
      .toSorted()
  const about = [service, from.version, identity(from), newestDeploy(releases, to), identity(to), ids(true), ids(false)]
  return createHash('sha256').update(JSON.stringify(about)).digest('hex')
}
