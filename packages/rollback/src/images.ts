import type { Release, Unit } from '@firebreak/core'

interface Imaged {
  readonly image: string
  readonly digest?: string | undefined
}

/** Tells images apart by content. */
export interface ImageBook {
  /** The content's digest, from the thing itself, from its reference, or from another thing with the same reference. */
  digestOf(thing: Imaged): string | undefined
  /** `unknown` when only one side's digest is known and the references differ: the content may be the same. */
  compare(one: Imaged, other: Imaged): 'same' | 'different' | 'unknown'
  /** `compare` where a doubt counts as different. */
  same(one: Imaged, other: Imaged): boolean
}

const inReference = /@(sha256:[0-9a-f]{64})$/

/** Learns from everything that was read: a release may name only a tag while a unit tells the digest behind it. */
export function imageBook(releases: readonly Release[], units: readonly Unit[]): ImageBook {
  const known = new Map<string, Set<string>>()
  for (const thing of [...releases, ...units]) {
    if (thing.digest === undefined || thing.digest === '') continue
    const digests = known.get(thing.image) ?? new Set()
    known.set(thing.image, digests.add(thing.digest))
  }
  function digestOf({ image, digest }: Imaged): string | undefined {
    if (digest !== undefined && digest !== '') return digest
    const pinned = inReference.exec(image)?.[1]
    if (pinned !== undefined) return pinned
    const digests = known.get(image)
    // A tag that was moved stands for several contents: then it says nothing.
    return digests?.size === 1 ? [...digests][0] : undefined
  }
  function compare(one: Imaged, other: Imaged) {
    const [first, second] = [digestOf(one), digestOf(other)]
    if (first !== undefined && second !== undefined) return first === second ? 'same' : 'different'
    if (one.image === other.image) return 'same'
    return first === undefined && second === undefined ? 'different' : 'unknown'
  }
  return { digestOf, compare, same: (one, other) => compare(one, other) === 'same' }
}
