import { InvalidInput, type StreamId } from '@firebreak/core'
import { limits } from './limits.ts'
import { parsePosition } from './position.ts'
import { checkInstant, checkSignal, checkStream, checkText, checkVersion } from './prepare.ts'
import { checkLimit } from './query.ts'

/** What is passed to calls other than `append` and `list`, also by JavaScript, is refused by the name of what is wrong. */

/** For what asks about a stream and stores nothing: whatever has such a name may be there. */
export function checkName(stream: unknown): asserts stream is StreamId {
  checkText(stream, 'stream', limits.stream)
}

/** Gives where a read begins: at the first event unless told otherwise. */
export function checkRead(stream: unknown, options: unknown): number {
  checkName(stream)
  const { from } = asOptions(options)
  return from === undefined ? 1 : Math.max(1, checkVersion(from, 'from'))
}

export function checkReadAll(options: unknown): { readonly after: number; readonly limit: number } {
  const { after, limit } = asOptions(options)
  return { after: parsePosition(after), limit: checkLimit(limit) }
}

/** Which incidents a pruning is about. */
export function checkPrune(pruning: { readonly resolvedBefore: string } | undefined): string {
  const resolvedBefore: unknown = pruning?.resolvedBefore
  checkInstant(resolvedBefore, 'resolvedBefore')
  return resolvedBefore
}

export interface Snapshot {
  readonly version: number
  readonly state: string
}

export function checkSnapshot(stream: unknown, snapshot: Snapshot): Snapshot {
  checkStream(stream, 'stream')
  const { version, state } = asOptions(snapshot, 'snapshot')
  const checked = checkVersion(version, 'version')
  if (checked > limits.version)
    throw new InvalidInput('version', `is more than ${limits.version}: no stream is so long`)
  if (typeof state !== 'string' || !state.isWellFormed() || state.includes('\u0000'))
    throw new InvalidInput('state', 'must be a text without zero bytes and halves of surrogate pairs')
  if (state.length > limits.append)
    throw new InvalidInput('state', `has ${state.length} characters, at most ${limits.append} are kept`)
  return { version: checked, state }
}

export function checkPresence(owner: unknown, options: unknown): AbortSignal {
  checkText(owner, 'owner', limits.actor)
  const { signal } = asOptions(options)
  checkSignal(signal)
  return signal
}

function asOptions(options: unknown, field = 'options'): Readonly<Record<string, unknown>> {
  if (options === undefined && field === 'options') return {}
  if (typeof options !== 'object' || options === null) throw new InvalidInput(field, 'must be an object')
  return options as Readonly<Record<string, unknown>>
}
