import { InvalidInput, oneLine, type DeployTarget, type Release, type ServiceRecord } from '@firebreak/core'
import { NotDeployable } from './errors.ts'
import { imageBook } from './images.ts'
import { isRollback, leftByRollback, newestFirst } from './release-history.ts'

/** Who remembers what is bad: the service's record, or the platform's own history of recorded rollbacks. */
export type Deployability =
  | { readonly record: Readonly<ServiceRecord>; readonly target?: DeployTarget | undefined }
  | { readonly record?: undefined; readonly target: DeployTarget }

/**
 * For a deploy script, before it ships: throws `NotDeployable` when a rollback left this image, under whatever tag. What is
 * asked is an image or a release's version (`5` or `'v5'`).
 *
 * @throws NotDeployable with the reason; let the script end with it
 */
export async function assertDeployable(
  where: Deployability | DeployTarget,
  what: string | number | { readonly image: string; readonly digest?: string | undefined },
  { signal = new AbortController().signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<void> {
  const { record, target } = 'units' in where ? { record: undefined, target: where } : where
  const releases = target === undefined ? [] : newestFirst(await target.releases({ signal }))
  const service = record?.service ?? target?.service ?? ''
  const asked = resolve(what, releases)
  const known = record?.quarantined.map(({ image, digest }) => ({ image, digest })) ?? []
  const book = imageBook(releases, [])
  const bad = record?.quarantined.find((entry) => book.compare(entry, asked) === 'same')
  const refuse = (why: string) =>
    new NotDeployable({
      service,
      image: asked.image,
      ...(asked.digest === undefined ? {} : { digest: asked.digest }),
      message: `${oneLine(asked.image)} must not be deployed to ${service}: ${why}. Ship an image with a fix`,
    })
  if (bad !== undefined) throw refuse(`v${bad.version} is quarantined (${oneLine(bad.reason)})`)
  if (known.some((entry) => book.compare(entry, asked) === 'unknown'))
    throw refuse('whether it is a quarantined image cannot be told: name it by its digest, image@sha256:…')
  const left = releases.filter((release) => !isRollback(release) && book.same(release, asked))
  for (const release of left) {
    const rollback = leftByRollback(release, releases, book)
    if (rollback !== undefined) throw refuse(`rollback v${rollback.version} left it`)
  }
}

function resolve(
  what: Parameters<typeof assertDeployable>[1],
  releases: readonly Release[],
): { image: string; digest?: string | undefined } {
  if (typeof what === 'object') return what
  const version = typeof what === 'number' ? what : Number(/^v?(\d+)$/.exec(what)?.[1])
  if (Number.isNaN(version)) return { image: String(what) }
  const release = releases.find((other) => other.version === version)
  if (release === undefined)
    throw new InvalidInput('version', `there is no release v${version} among the newest ${releases.length}`)
  return release
}
