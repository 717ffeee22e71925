import { isDeepStrictEqual } from 'node:util'
import type { PreparedEvent } from './prepare.ts'

/** What an event says, apart from when: a retry that looks at its clock again still tells the same fact. */
interface Content {
  readonly type: string
  readonly actor: string
  readonly causationId: string | undefined
}

/**
 * Does `event` say what is kept? Type, actor, cause and data count; the order of keys does not. Of a redacted event the
 * data is gone: there the rest decides.
 */
export function sameContent(
  event: PreparedEvent,
  kept: Content & ({ readonly bytes: string } | { readonly data: string; readonly dataDigest: string | undefined }),
): boolean {
  if (event.type !== kept.type || event.actor !== kept.actor || event.causationId !== kept.causationId) return false
  const redacted = 'dataDigest' in kept && kept.dataDigest !== undefined
  const bytes = 'bytes' in kept ? kept.bytes : kept.data
  return redacted || event.bytes === bytes || isDeepStrictEqual(event.data, JSON.parse(bytes))
}
