import { linkOf, type RecordedEvent, verifyChain } from '@firebreak/core'

/** The last event of a stream that the document was written from: who keeps it notices a cut or rewritten history later. */
export interface Head {
  readonly stream: string
  readonly version: number
  readonly hash: string
  /** What these events alone show about their chain. */
  readonly verdict: string
}

/** One head a stream. */
export function headsOf(events: readonly RecordedEvent[]): readonly Head[] {
  const streams = Map.groupBy(events, ({ stream }) => stream)
  return [...streams].map(([stream, list]) => {
    const ordered = list.toSorted((left, right) => left.version - right.version)
    const { version, hash } = ordered.at(-1)!
    return { stream, version, hash, verdict: verdictOf(ordered) }
  })
}

function verdictOf(events: readonly RecordedEvent[]): string {
  if (events[0]?.version !== 1) return 'not checked: the first events are not here'
  const verdict = verifyChain(events.map(linkOf))
  if (verdict.ok) return `${verdict.events} events, chain ok`
  return `chain NOT confirmed at event ${verdict.version}: ${verdict.why}`
}
