import { isDesk } from './streams.ts'
import type { Followed } from './subject.ts'

/** How long signals that changed no level wait for company before the parts plan again, in milliseconds. */
const breathMs = 200
/** A plan costs by the number of signal keys, and so the more of them, the seldomer; in milliseconds. */
const breathMsPerKey = 5
/** And the more streams there are to plan for. */
const breathMsPerStream = 4
const longestBreathMs = 5_000
/** A desk's plan costs by its pages, and each page that is sent asks for one: a large desk rests so long between two, a page. */
const restMsPerPage = 0.05
const largeDesk = 100

/** A storm of signals is planned for once in a while, not once a signal. Milliseconds. */
export function breathOf(followed: Followed | undefined, streams: number): number {
  const keys = followed?.state.kind === 'incident' ? followed.state.signals.size : 0
  return Math.min(longestBreathMs, breathMs + keys * breathMsPerKey + streams * breathMsPerStream)
}

/** Until when a large desk that was planned a moment ago rests, in milliseconds since the epoch; `undefined`: it does not. */
export function restsUntil(followed: Followed | undefined, now: number): number | undefined {
  if (followed === undefined || !isDesk(followed) || followed.state.pages.size < largeDesk) return undefined
  const at = followed.plannedAt + followed.state.pages.size * restMsPerPage
  return at > now ? at : undefined
}
