import type { Behaviour } from '../behaviour.ts'
import { digestOf } from '../ids.ts'
import type { SimImage } from '../options.ts'

/** What a reference points at. */
export interface Image {
  readonly digest: string
  readonly behaviour: Behaviour
  readonly labels: Readonly<Record<string, string>>
}

export interface ImageReference {
  readonly registry: string
  readonly repository: string
  readonly tag: string
  readonly digest: string
}

/** The image registry. An image that nobody published behaves well, and is there unless only published ones are. */
export interface Registry {
  publish(image: SimImage): Image
  /** The image itself when it was published before; else publishes one that behaves well. */
  ensure(reference: string): Image
  /** Undefined when it cannot be pulled. */
  resolve(reference: string): Image | undefined
  /** What a machine has on its disk, pullable or not. */
  known(reference: string): Image
  /** Takes an image (by reference or digest) out of the registry: running machines keep it, nobody can pull it. */
  prune(referenceOrDigest: string): void
  restore(referenceOrDigest: string): void
  available(reference: string): boolean
}

/** 'registry.fly.io/app:tag@sha256:…' in its parts. */
export function parseReference(reference: string): ImageReference {
  const [name = '', digest = ''] = reference.split('@')
  const slash = name.indexOf('/')
  const first = slash < 0 ? '' : name.slice(0, slash)
  const hasRegistry = first.includes('.') || first.includes(':') || first === 'localhost'
  const registry = hasRegistry ? first : 'docker.io'
  const rest = hasRegistry ? name.slice(slash + 1) : name.includes('/') ? name : `library/${name}`
  const colon = rest.lastIndexOf(':')
  const repository = colon < 0 ? rest : rest.slice(0, colon)
  const tag = colon < 0 ? (digest === '' ? 'latest' : '') : rest.slice(colon + 1)
  return { registry, repository, tag, digest }
}

export interface RegistryOptions {
  readonly images: readonly SimImage[]
  /** Only what was published exists in Fly's own registry. */
  readonly onlyPublished: boolean
  /** Is the image (by reference or digest) gone for the time being? */
  readonly pruned: (image: string) => boolean
}

export function createRegistry({ images, onlyPublished, pruned }: RegistryOptions): Registry {
  const byName = new Map<string, Image>()
  const byDigest = new Map<string, Image>()
  const gone = new Set<string>()
  const nameOf = (reference: string) => {
    const { registry, repository, tag } = parseReference(reference)
    return `${registry}/${repository}:${tag}`
  }
  const registry: Registry = {
    publish({ ref, digest, behaviour = {}, available = true, labels = {} }) {
      const written = parseReference(ref).digest
      const image: Image = { digest: digest ?? (written === '' ? digestOf(nameOf(ref)) : written), behaviour, labels }
      byName.set(nameOf(ref), image)
      byDigest.set(image.digest, image)
      if (!available) gone.add(image.digest)
      return image
    },
    ensure(reference) {
      const { digest } = parseReference(reference)
      const image = digest === '' ? byName.get(nameOf(reference)) : byDigest.get(digest)
      return image ?? registry.publish({ ref: reference })
    },
    known(reference) {
      const { digest } = parseReference(reference)
      const image = digest === '' ? byName.get(nameOf(reference)) : byDigest.get(digest)
      return image ?? { digest: digest === '' ? digestOf(nameOf(reference)) : digest, behaviour: {}, labels: {} }
    },
    resolve: (reference) => (registry.available(reference) ? registry.known(reference) : undefined),
    available(reference) {
      const { registry: host, digest } = parseReference(reference)
      const published = digest === '' ? byName.has(nameOf(reference)) : byDigest.has(digest)
      if (!published && onlyPublished && host === 'registry.fly.io') return false
      const image = registry.known(reference).digest
      return !gone.has(image) && !pruned(reference) && !pruned(image)
    },
    prune: (reference) => void gone.add(digestFor(reference)),
    restore: (reference) => void gone.delete(digestFor(reference)),
  }
  const digestFor = (reference: string) =>
    reference.startsWith('sha256:') ? reference : registry.known(reference).digest
  for (const image of images) registry.publish(image)
  return registry
}
