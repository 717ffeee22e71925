import type { SignalState, StreamId, Write } from '@firebreak/core'

/** Who fell ill together. Incidents whose onsets lie close belong together: one page, and less trust in a release as the cause. */
export interface Neighbours {
  /** The writes that link an incident with the first of its group; none when it fell ill alone. */
  links(stream: StreamId): readonly Write[]
  opened(stream: StreamId, service: string, onsetAt: number): void
  /** True when it had not been met before. */
  meet(stream: StreamId): boolean
  resolved(stream: StreamId): void
}

export function createNeighbours(withinMs: number): Neighbours {
  const open = new Map<StreamId, { service: string; onsetAt: number }>()
  const met = new Set<StreamId>()

  return {
    links(stream) {
      const own = open.get(stream)
      if (own === undefined) return []
      // Each links to the first of its group only: fifty services are 49 pairs, not 2,450.
      let leader: { stream: StreamId; service: string; onsetAt: number } | undefined
      for (const [other, it] of open) {
        if (it.service === own.service || Math.abs(it.onsetAt - own.onsetAt) > withinMs) continue
        if (leader === undefined || it.onsetAt < leader.onsetAt) leader = { stream: other, ...it }
      }
      if (leader === undefined) return []
      const apart = Math.round(Math.abs(own.onsetAt - leader.onsetAt) / 1_000)
      return [
        link(stream, own.service, leader.stream, `${leader.service} fell ill ${apart} s apart`),
        link(leader.stream, leader.service, stream, `${own.service} fell ill ${apart} s apart`),
      ]
    },
    opened(stream, service, onsetAt) {
      open.set(stream, { service, onsetAt })
    },
    meet(stream) {
      const isNews = !met.has(stream)
      met.add(stream)
      return isNews
    },
    resolved(stream) {
      met.delete(stream)
      open.delete(stream)
    },
  }
}

/** Nobody has said anything but that he cannot look: it fell ill with nobody. */
export function isUnseen(said: Iterable<Pick<SignalState, 'signal'>>): boolean {
  return Array.from(said).every(({ signal }) => signal.source === 'watch')
}

function link(stream: StreamId, service: string, incident: StreamId, why: string): Write {
  const event = {
    id: `linked:${incident}`,
    type: 'incident.linked',
    actor: 'responder',
    data: { service, incident, why },
  }
  return { stream, events: [event], expected: 'dedupe' }
}
