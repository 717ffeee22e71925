import type { SignalState, StreamId, Write } from '@firebreak/core'

/** Who fell ill together. Incidents whose onsets lie close belong together: one page, and less trust in a release as the cause. */
export interface Neighbours {
  /** The writes that link an incident with the first of its group; none when it fell ill alone. */
  links(stream: StreamId): readonly Write[]
  /** `round`: how often it has been reopened. A link holds for one round of both. */
  opened(stream: StreamId, round: number, service: string, onsetAt: number): void
  /** True when it had not been met before. */
  meet(stream: StreamId): boolean
  resolved(stream: StreamId): void
}

interface Opened {
  readonly stream: StreamId
  readonly round: number
  readonly service: string
  readonly onsetAt: number
}

export function createNeighbours(withinMs: number): Neighbours {
  const open = new Map<StreamId, Opened>()
  const met = new Set<StreamId>()

  return {
    links(stream) {
      const own = open.get(stream)
      if (own === undefined) return []
      // Each links to the first of its group only: fifty services are 49 pairs, not 2,450.
      let leader: Opened | undefined
      for (const it of open.values()) {
        if (it.service === own.service || Math.abs(it.onsetAt - own.onsetAt) > withinMs) continue
        if (leader === undefined || it.onsetAt < leader.onsetAt) leader = it
      }
      if (leader === undefined) return []
      const apart = Math.round(Math.abs(own.onsetAt - leader.onsetAt) / 1_000)
      return [link(own, leader, apart), link(leader, own, apart)]
    },
    opened(stream, round, service, onsetAt) {
      open.set(stream, { stream, round, service, onsetAt })
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

function link(own: Opened, other: Opened, apart: number): Write {
  const rounds = own.round + other.round === 0 ? '' : `@${own.round}.${other.round}`
  const why = `${other.service} fell ill ${apart} s apart`
  const event = {
    id: `linked:${other.stream}${rounds}`,
    type: 'incident.linked',
    actor: 'responder',
    data: { service: own.service, incident: other.stream, why },
  }
  return { stream: own.stream, events: [event], expected: 'dedupe' }
}
