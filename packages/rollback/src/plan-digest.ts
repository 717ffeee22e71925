import { createHash } from 'node:crypto'
import type { Release, Unit } from '@firebreak/core'

/** The image as the release itself names it: what others run must not change a plan's identity. */
function identity({ image, digest }: Release): string {
  return digest ?? /@(sha256:[0-9a-f]{64})$/.exec(image)?.[1] ?? image
}

/**
 * What a plan is about, in one number: service, what is left, the image gone to, who is changed and who is left alone. What
 * a rollback itself changes (what runs where, a release it records) is not in it.
 */
export function planDigest(service: string, from: Release, to: Release, units: readonly Unit[]): string {
  const present = units.filter(({ state }) => state !== 'gone')
  const ids = (ours: boolean) =>
    present
      .filter(({ untouchable }) => (untouchable === undefined) === ours)
      .map(({ id }) => id)
      .toSorted()
  const identified = [service, from.version, identity(from), identity(to), ids(true), ids(false)]
  return createHash('sha256').update(JSON.stringify(identified)).digest('hex')
}
