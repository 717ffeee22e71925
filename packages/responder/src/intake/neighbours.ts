import type { NewEvent, StreamId, Write } from '@firebreak/core'

/** Who fell ill together. Incidents whose onsets lie close belong together: one page, and less trust in a release as the cause. */
export interface Neighbours {
  /** The links of a new incident: its own event, and the one for its leader. */
  of(stream: StreamId, service: string, onsetAt: number): { own: readonly NewEvent[]; theirs: readonly Write[] }
  opened(stream: StreamId, service: string, onsetAt: number): void
  resolved(stream: StreamId): void
}

export function createNeighbours(withinMs: number): Neighbours {
  const open = new Map<StreamId, { service: string; onsetAt: number }>()

  return {
    of(stream, service, onsetAt) {
      // Each links to the first of its group only: fifty services are 49 pairs, not 2,450.
      let leader: { stream: StreamId; service: string; onsetAt: number } | undefined
      for (const [other, it] of open) {
        if (it.service === service || Math.abs(it.onsetAt - onsetAt) > withinMs) continue
        if (leader === undefined || it.onsetAt < leader.onsetAt) leader = { stream: other, ...it }
      }
      if (leader === undefined) return { own: [], theirs: [] }
      const apart = Math.round(Math.abs(onsetAt - leader.onsetAt) / 1_000)
      return {
        own: [link(service, leader.stream, `${leader.service} fell ill ${apart} s apart`)],
        theirs: [
          {
            stream: leader.stream,
            events: [
              { ...link(leader.service, stream, `${service} fell ill ${apart} s apart`), id: `linked:${stream}` },
            ],
            expected: 'dedupe',
          },
        ],
      }
    },
    opened(stream, service, onsetAt) {
      open.set(stream, { service, onsetAt })
    },
    resolved(stream) {
      open.delete(stream)
    },
  }
}

function link(service: string, incident: StreamId, why: string): NewEvent {
  return { type: 'incident.linked', actor: 'responder', data: { service, incident, why } }
}
