import {
  digestData,
  isEvent,
  linkOf,
  seal,
  type IncidentLog,
  type RecordedEvent,
  type StreamHead,
  type StreamId,
} from '@firebreak/core'
import { addUp, misplacement, readListing, type Adding } from './verify-list.ts'

/** A version of a stream and the hash it had: kept elsewhere, so that a cut tail is found. */
export interface KeptHead {
  readonly version: number
  readonly head: string
}

export type StreamVerdict =
  | {
      readonly ok: true
      readonly stream: StreamId
      readonly events: number
      readonly head: string
      readonly pruned: boolean
    }
  | StreamProblem

export interface StreamProblem {
  readonly ok: false
  readonly stream: StreamId
  /** The first version that is not as it was written; where the list is wrong, the version that it speaks of. */
  readonly version: number
  readonly why: string
}

export interface LogVerdict {
  readonly ok: boolean
  readonly streams: number
  readonly events: number
  readonly broken: readonly StreamProblem[]
}

/** One stream while it is walked through. */
interface Walk {
  version: number
  hash: string
  /** What stands in place of the data, until its record is found. */
  readonly redacted: Map<number, string>
  problem: StreamProblem | undefined
}

/**
 * Checks every event of one stream against the chain: finds edited, dropped and reordered events, and redactions without
 * a record. A cut tail shows only against a `kept` head, or where the log itself keeps the head apart from the events.
 */
export async function verifyStream(log: IncidentLog, stream: StreamId, kept?: KeptHead): Promise<StreamVerdict> {
  // Before the events: what is appended meanwhile is beyond it.
  const head = await log.streamHead?.(stream)
  const walk = begin()
  for await (const event of log.read(stream)) step(walk, stream, event, kept)
  return finish(walk, stream, head, kept)
}

/**
 * Checks every stream of a log in one pass, and the list against them: that every incident which is listed has its events,
 * that every incident is listed, and that what the list says is what its events add up to.
 */
export async function verifyLog(
  log: IncidentLog,
  options: {
    readonly heads?: ReadonlyMap<StreamId, KeptHead> | undefined
    readonly signal?: AbortSignal | undefined
  } = {},
): Promise<LogVerdict> {
  const { heads = new Map<StreamId, KeptHead>(), signal } = options
  const listing = await readListing(log, signal)
  const listed = listing.summaries
  const walks = new Map<StreamId, Walk & Adding>()
  let events = 0
  for await (const event of log.readAll()) {
    signal?.throwIfAborted()
    events += 1
    const walk = walks.get(event.stream) ?? { ...begin(), summary: undefined, known: true, difference: undefined }
    walks.set(event.stream, walk)
    step(walk, event.stream, event, heads.get(event.stream))
    if (walk.problem === undefined) addUp(walk, event, listed.get(event.stream))
  }
  const broken: StreamProblem[] = []
  const misplaced: StreamId[] = []
  for (const stream of new Set([...walks.keys(), ...listed.keys(), ...heads.keys()])) {
    const walk = walks.get(stream)
    const { version = 0 } = walk ?? {}
    const { version: atListing = 0 } = listed.get(stream) ?? {}
    const head = version < Math.max(atListing, 1) ? await log.streamHead?.(stream) : undefined
    const atLeast = Math.max(atListing, head?.version ?? 0)
    const known = head?.pruned === true ? head : { version: atLeast, hash: '', pruned: false }
    const verdict = finish(walk ?? begin(), stream, known, heads.get(stream))
    if (!verdict.ok) broken.push(verdict)
    else if (walk?.difference !== undefined)
      broken.push({ ok: false, stream, version: atListing, why: walk.difference })
    else if (misplacement(stream, walk?.summary !== undefined, listing) !== undefined) misplaced.push(stream)
  }
  if (misplaced.length > 0) {
    // Looked at again: what changes between two looks is not misplaced.
    const again = await readListing(log, signal)
    for (const stream of misplaced) {
      const { version } = again.summaries.get(stream) ?? {}
      const isIncident = walks.get(stream)?.summary !== undefined
      const why = version === listed.get(stream)?.version ? misplacement(stream, isIncident, again) : undefined
      if (why !== undefined) broken.push({ ok: false, stream, version: version ?? 1, why })
    }
  }
  return { ok: broken.length === 0, streams: walks.size, events, broken }
}

function begin(): Walk {
  return { version: 0, hash: '', redacted: new Map(), problem: undefined }
}

function step(walk: Walk, stream: StreamId, event: RecordedEvent, kept: KeptHead | undefined): void {
  if (walk.problem !== undefined) return
  const version = walk.version + 1
  const fail = (why: string) => (walk.problem = { ok: false, stream, version, why })
  if (event.version !== version) return void fail(`version ${version} is missing: found ${event.version}`)
  if (event.stream !== stream) return void fail(`belongs to ${event.stream}`)
  const link = linkOf(event)
  const digest = link.data === undefined || link.salt === undefined ? link.dataDigest : digestData(link.data, link.salt)
  if (digest === undefined) return void fail('the data is gone and no digest was left')
  const hash = seal(walk.hash, link, digest)
  if (hash !== event.hash) return void fail('the content does not match its hash')
  if (kept?.version === version && kept.head !== hash) return void fail('another history than the head that was kept')
  walk.version = version
  walk.hash = hash
  if (event.salt === undefined) walk.redacted.set(version, JSON.stringify(event.data))
  if (!isEvent(event, 'event.redacted') || event.data.stream !== stream) return
  const { version: which, reason } = event.data
  if (walk.redacted.get(which) === JSON.stringify({ redacted: reason })) walk.redacted.delete(which)
}

function finish(walk: Walk, stream: StreamId, head: StreamHead | undefined, kept: KeptHead | undefined): StreamVerdict {
  if (walk.problem !== undefined) return walk.problem
  const pruned = head?.pruned === true && walk.version === 0
  const { version, hash } = pruned ? head : walk
  const cut = (expected: number, who: string): StreamProblem => {
    return {
      ok: false,
      stream,
      version: version + 1,
      why: `the tail is cut: ${version} events, ${who} says ${expected}`,
    }
  }
  // The version of a pruned stream is what the log says of it, which a kept head can belie as it can a cut tail.
  if (kept !== undefined && kept.version > version) return cut(kept.version, 'the head that was kept')
  if (pruned) {
    if (kept?.version === version && kept.head !== hash)
      return { ok: false, stream, version, why: 'another history than the head that was kept' }
    return { ok: true, stream, events: 0, head: hash, pruned }
  }
  if (head !== undefined && head.version > version) return cut(head.version, 'the log')
  const [bare] = walk.redacted.keys()
  if (bare !== undefined)
    return { ok: false, stream, version: bare, why: 'its data was taken out without a record of a redaction' }
  return { ok: true, stream, events: version, head: hash, pruned: false }
}
