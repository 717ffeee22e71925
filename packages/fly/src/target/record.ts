import { FlyInvalidRequestError } from '../errors/kinds.ts'
import type { EffectContext, Release, ReleaseRecord } from '@firebreak/core'
import type { FlyApp } from '../fly-app.ts'
import type { FlyRelease } from '../releases/release.ts'
import { releaseOf, rollbackLabel, type imageBook } from './releases.ts'

type Metadata = Readonly<Record<string, unknown>>
/** Finds the release again that an earlier, interrupted call recorded. */
const keyLabel = 'firebreak.key'

/** Records rollbacks as releases, and reads them back as such. */
export function releaseRecorder(app: FlyApp, images: ReturnType<typeof imageBook>) {
  /** What this process wrote: Fly may be slow to show it, or not show it at all. */
  const written = new Map<string, { release: FlyRelease; metadata: Metadata }>()
  let current: FlyRelease | undefined

  async function metadata(limit: number, signal: AbortSignal): Promise<Map<number, Metadata>> {
    const read = await app.releases.metadata({ limit, signal }).catch((error: unknown) => {
      if (signal.aborted) throw error
      // labels are a help, not a need: releases are still listed without them
      return new Map<number, Metadata>()
    })
    const own = [...written.values()].map(({ release, metadata: mine }) => [release.version, mine] as const)
    return new Map([...read, ...own])
  }

  async function begin(record: ReleaseRecord, { signal, idempotencyKey }: EffectContext): Promise<FlyRelease> {
    const earlier = idempotencyKey === undefined ? undefined : await find(idempotencyKey, signal)
    return earlier ?? app.releases.create({ image: record.image }, { signal })
  }

  async function find(key: string, signal: AbortSignal): Promise<FlyRelease | undefined> {
    for (const [version, { [keyLabel]: seen }] of await metadata(25, signal))
      if (seen === key) return (await app.releases.list({ signal })).find((release) => release.version === version)
    return undefined
  }

  return {
    metadata,
    /** The release that is being rolled out under our own number, when it carries this image. */
    running: (release: Release): FlyRelease | undefined => (current?.image === release.image ? current : undefined),
    async record(record: ReleaseRecord, context: EffectContext): Promise<Release> {
      const { signal, idempotencyKey } = context
      const known = record.release === undefined ? undefined : written.get(record.release.id)
      const begun = record.release === undefined ? await begin(record, context) : undefined
      const id = record.release?.id ?? begun?.id ?? ''
      const labels: Metadata = {
        ...known?.metadata,
        ...record.release?.labels,
        'firebreak.reason': record.reason.slice(0, 300),
        ...(record.rollbackTo === undefined ? {} : { [rollbackLabel]: `v${record.rollbackTo}` }),
        ...(idempotencyKey === undefined || begun === undefined ? {} : { [keyLabel]: idempotencyKey }),
      }
      const answered = await app.releases
        .update(id, { status: record.status, metadata: labels }, { signal })
        .catch((error: unknown) => alreadyThere(error, id, record.status, signal))
      const release: FlyRelease = { ...answered, image: answered.image || record.image }
      written.set(id, { release, metadata: labels })
      current = record.status === 'running' ? release : undefined
      await images.learn([release.image], signal)
      return releaseOf(release, images.get(release.image), labels)
    },
  }

  /** Fly refuses to change a finished release; that it has the status already is what was wanted. */
  async function alreadyThere(error: unknown, id: string, status: string, signal: AbortSignal): Promise<FlyRelease> {
    if (!(error instanceof FlyInvalidRequestError)) throw error
    const found = (await app.releases.list({ signal })).find((release) => release.id === id)
    if (found?.status !== status) throw error
    return found
  }
}
