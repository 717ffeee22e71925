import type { Release } from '@firebreak/core'
import type { FlyApp } from '../fly-app.ts'
import { digestOf, imageOf } from '../machines/facts.ts'
import type { Machine } from '../machines/machine.ts'
import { settleAtMost } from './at-most.ts'
import type { FlyRelease } from '../releases/release.ts'

/** Written with a release that a rollback recorded, and read back: `v2`. */
export const rollbackLabel = 'firebreak.rollback'
const prefix = 'firebreak.'

/** What is known of an image: its digest, and what its author wrote into it. */
export interface ImageFacts {
  readonly digest?: string
  readonly labels: Readonly<Record<string, string>>
}

/** A release in the words of the port. */
export function releaseOf(
  release: FlyRelease,
  image: ImageFacts | undefined,
  metadata: Readonly<Record<string, unknown>> = {},
): Release {
  const digest = digestIn(release.image) ?? image?.digest
  const command = releaseCommand(release)
  return {
    id: release.id,
    version: release.version,
    status: release.status,
    image: release.image,
    ...(digest === undefined ? {} : { digest }),
    createdAt: release.createdAt,
    ...(release.user === undefined ? {} : { by: release.user }),
    ...(release.description === '' ? {} : { description: release.description }),
    labels: labelsOf(release, image?.labels ?? {}, { ...release.metadata, ...metadata }),
    ...(command === undefined ? {} : { hasReleaseCommand: command }),
  }
}

export function digestIn(image: string): string | undefined {
  return /@(sha256:[0-9a-f]{6,128})$/.exec(image)?.[1]
}

/**
 * The author's declarations: from the image (`LABEL firebreak.migration=none`), from a `[firebreak]` table of fly.toml,
 * from the release's metadata. That a release is a rollback stands only in its own metadata: image and fly.toml travel on.
 */
function labelsOf(
  release: FlyRelease,
  ofImage: Readonly<Record<string, string>>,
  metadata: Readonly<Record<string, unknown>>,
): Record<string, string> {
  const table = release.configDefinition?.['firebreak']
  const declared = {
    ...ours(ofImage),
    ...(typeof table === 'object' && table !== null
      ? ours(Object.fromEntries(Object.entries(table).map(([key, value]) => [prefix + key, value])))
      : {}),
  }
  delete declared[rollbackLabel]
  const told = /\bfirebreak\.rollback=(v\d{1,9})\b/.exec(release.description)?.[1]
  return { ...declared, ...(told === undefined ? {} : { [rollbackLabel]: told }), ...ours(metadata) }
}

function ours(from: Readonly<Record<string, unknown>>): Record<string, string> {
  const found = Object.entries(from).filter(([key]) => key.startsWith(prefix))
  return Object.fromEntries(found.map(([key, value]) => [key, String(value)]))
}

/** Absent when the release's configuration is not known: then nobody may say "no". */
function releaseCommand({ configDefinition }: FlyRelease): boolean | undefined {
  if (configDefinition === undefined || Object.keys(configDefinition).length === 0) return undefined
  const deploy = configDefinition['deploy']
  if (typeof deploy !== 'object' || deploy === null) return false
  const command = (deploy as { release_command?: unknown }).release_command
  return (
    command !== undefined && command !== null && command !== '' && !(Array.isArray(command) && command.length === 0)
  )
}

const atOnce = 4

/** Digests and labels of images, asked for once an image; one that cannot be resolved (pruned) is asked for again next time. */
export function imageBook(app: FlyApp) {
  const known = new Map<string, ImageFacts>()
  async function resolve(image: string, signal: AbortSignal): Promise<void> {
    const found = await app.releases.image(image, { signal }).catch((error: unknown) => {
      if (signal.aborted) throw error
      // without a digest the release is still worth listing; whether it can be pulled is asked by available()
      return null
    })
    if (found !== null)
      known.set(image, { ...(found.digest === '' ? {} : { digest: found.digest }), labels: found.labels })
  }
  return {
    get: (image: string): ImageFacts | undefined => known.get(image),
    /** What machines run is told with digest and labels, also when the registry no longer has it. */
    see(machines: readonly Machine[]): void {
      for (const machine of machines) {
        const digest = digestOf(machine)
        const labels = machine.image_ref?.labels ?? {}
        const before = known.get(imageOf(machine))
        known.set(imageOf(machine), {
          ...before,
          ...(digest === undefined ? {} : { digest }),
          labels: { ...before?.labels, ...labels },
        })
      }
    },
    async learn(images: Iterable<string>, signal: AbortSignal): Promise<void> {
      const wanted = [...new Set(images)].filter((image) => image !== '' && !known.has(image))
      const outcomes = await settleAtMost(atOnce, wanted, (image) => resolve(image, signal))
      for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason as Error
    },
  }
}
