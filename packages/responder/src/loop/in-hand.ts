import { deskStream, worst, type PageRequested, type Severity, type StreamId } from '@firebreak/core'
import { isDesk, isIncident, type Streams } from './streams.ts'
import type { Followed } from './subject.ts'

/** Of which services, and at which level, people may not hear while this stream cannot be written. */
export function inHandOf(followed: Followed, streams: Streams, now: number): ReadonlyMap<string, Severity> {
  const levels = new Map<string, Severity>()
  if (isIncident(followed)) {
    const { service, severity, status } = followed.state
    if (severity !== null && status !== 'resolved') levels.set(service, severity)
    return levels
  }
  if (!isDesk(followed)) return levels
  // By the incidents, since a desk that was asked a moment ago may not have been read yet. Even of one who was paged
  // somebody must see whether the page arrived.
  for (const { state } of Array.from(streams.all()).filter(isIncident)) {
    if (state.severity === null || state.status === 'resolved') continue
    for (const { request, withdrawn } of state.pages.values()) {
      const asked = withdrawn === undefined && isCall(request)
      if (asked && desksOf(request, state.openedAt, now).includes(followed.stream))
        addWorst(levels, state.service, state.severity)
    }
  }
  // Of what is not followed, only what has woken nobody yet.
  for (const { request, withdrawn, sent } of followed.state.pages.values()) {
    const asked = withdrawn === undefined && isCall(request) && !sent.some(({ reach }) => reach === 'wake')
    if (asked && !(streams.known(request.incident)?.state.version ?? 0))
      addWorst(levels, request.service, request.severity)
  }
  return levels
}

/** News of what people know already is not worth waking them without the log. */
function isCall({ kind, reach }: { readonly kind: string; readonly reach: string }): boolean {
  return kind === 'trigger' && reach === 'wake'
}

/** The desk that a request names (a digest waits at tomorrow's), else those of the opening's day and of today. */
export function desksOf({ to, facts }: PageRequested, openedAt: number, now: number): readonly StreamId[] {
  const named = (facts as { desk?: unknown } | null | undefined)?.desk
  if (typeof named === 'string') return [named]
  return Array.from(new Set([deskStream(to, openedAt), deskStream(to, now)]))
}

/** One service may be at several levels: what counts is the worst. */
export function addWorst(levels: Map<string, Severity>, service: string, severity: Severity): void {
  levels.set(service, worst(severity, levels.get(service) ?? null) ?? severity)
}
