import { hash as digest } from 'node:crypto'
import type { RecordedEvent } from './recorded.ts'

/** What a log must keep of an event so that its chain can be checked: the stored bytes of `data`, and their salt. */
export interface Sealed {
  readonly stream: string
  readonly version: number
  readonly id: string
  readonly type: string
  readonly at: string
  readonly recordedAt: string
  readonly actor: string
  readonly causationId?: string | undefined
}

const separator = '\u001f'

/** Digest of an event's data: salted, so that a redacted value cannot be guessed from it. */
export function digestData(data: string, salt: string): string {
  return digest('sha256', salt + separator + data, 'hex')
}

/** The hash of one event: over the hash before it, its envelope, and the digest of its stored data. */
export function seal(previous: string, event: Sealed, dataDigest: string): string {
  const { stream, version, id, type, at, recordedAt, actor, causationId = '' } = event
  // As JSON, so that no field can borrow a letter from the next.
  const envelope = JSON.stringify([previous, stream, version, id, type, at, recordedAt, actor, causationId, dataDigest])
  return digest('sha256', envelope, 'hex')
}

/** One event as a store hands it to the check: with its stored bytes, or with the digest that redaction left. */
export interface ChainLink extends Sealed {
  readonly hash: string
  readonly data: string | undefined
  readonly salt: string | undefined
  /** Kept when data and salt were redacted. */
  readonly dataDigest?: string | undefined
}

export type ChainVerdict =
  | { readonly ok: true; readonly events: number; readonly head: string }
  | { readonly ok: false; readonly version: number; readonly why: string }

/**
 * Checks one stream from its first event on. Finds edited, dropped and reordered events; a cut tail only against a `head`
 * that was kept elsewhere (in a post-mortem, or as a copy of `streamHead()`).
 */
export function verifyChain(links: Iterable<ChainLink>, expected?: { version: number; head: string }): ChainVerdict {
  let previous = ''
  let version = 0
  let seen = expected === undefined || expected.version === 0
  for (const link of links) {
    version += 1
    if (link.version !== version)
      return { ok: false, version, why: `version ${version} is missing: found ${link.version}` }
    const digest =
      link.data === undefined || link.salt === undefined ? link.dataDigest : digestData(link.data, link.salt)
    if (digest === undefined) return { ok: false, version, why: 'the data is gone and no digest was left' }
    previous = seal(previous, link, digest)
    if (previous !== link.hash) return { ok: false, version, why: 'the content does not match its hash' }
    if (expected !== undefined && version === expected.version) {
      if (previous !== expected.head) return { ok: false, version, why: 'another history than the head that was kept' }
      seen = true
    }
  }
  if (!seen)
    return {
      ok: false,
      version: version + 1,
      why: `the tail is cut: ${version} events, the head says ${expected?.version}`,
    }
  return { ok: true, events: version, head: previous }
}

/** The chain link of an event as `read` gives it, where a log stores its data as plain `JSON.stringify`. */
export function linkOf(event: RecordedEvent): ChainLink {
  return { ...event, data: event.storedData ?? JSON.stringify(event.data), salt: event.salt }
}
