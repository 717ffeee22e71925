import type { ActionState, PageState } from './incident.ts'
import type { StreamId } from './recorded.ts'

/** What one role has been asked to read on one day: the fold of `desk/<role>/<day>`. Caps, summaries and digests live here. */
export interface Desk {
  readonly kind: 'desk'
  readonly stream: StreamId
  version: number
  role: string
  /** UTC date, `2026-11-23`. */
  day: string
  /** By request id, in order of arrival. */
  pages: Map<string, PageState>
  actions: Map<string, ActionState>
  digestedAt?: number
}

export function deskStream(role: string, at: number): StreamId {
  return `desk/${role}/${new Date(at).toISOString().slice(0, 10)}`
}
