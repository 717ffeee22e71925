import type { Desk, PageState, StreamId } from '@firebreak/core'

/** Incidents that began together, in order of their onsets. */
export type Cluster = ReadonlySet<StreamId>

/** What one plan needs of a desk more than once. */
export interface Overview {
  readonly desk: Readonly<Desk>
  /** In order of arrival. */
  pagesOf(incident: StreamId): readonly PageState[]
  /** Everything whose onset lies close to the first of the same group. */
  clusterOf(incident: StreamId): Cluster
  /** Its resolution has been asked to be told, and nothing to wake anybody since. */
  isOver(incident: StreamId): boolean
  /** Nobody is reminded of it for now: it is over, somebody has it, or it has been mitigated. */
  isAtRest(incident: StreamId): boolean
}

const none: Cluster = new Set()

export function overviewOf(desk: Readonly<Desk>, groupOnsetMs: number): Overview {
  const pages = Map.groupBy(desk.pages.values(), ({ request }) => request.incident)
  const clusters = clustersOf(pages, groupOnsetMs)
  const pagesOf = (incident: StreamId) => pages.get(incident) ?? []

  /** What the last word that counts was. */
  function ends(incident: StreamId, calm: (request: PageState['request']) => boolean): boolean {
    const last = pagesOf(incident).findLast(
      ({ request, withdrawn }) => withdrawn === undefined && (request.kind === 'trigger' || calm(request)),
    )
    return last !== undefined && last.request.kind !== 'trigger'
  }

  return {
    desk,
    pagesOf,
    clusterOf: (incident) => clusters.get(incident) ?? none,
    isOver: (incident) => ends(incident, ({ kind }) => kind === 'resolve'),
    isAtRest: (incident) => ends(incident, ({ kind, reason }) => kind !== 'update' || reason === 'verified'),
  }
}

function clustersOf(
  pages: ReadonlyMap<StreamId, readonly PageState[]>,
  withinMs: number,
): ReadonlyMap<StreamId, Cluster> {
  const onsets = Array.from(pages, ([incident, all]) => {
    const onset = Math.max(...all.map(({ request }) => Date.parse(request.onsetAt)))
    return { incident, onset }
  })
  const clusters = new Map<StreamId, Cluster>()
  let cluster = new Set<StreamId>()
  let first = Number.NEGATIVE_INFINITY
  for (const { incident, onset } of onsets.toSorted((left, right) => left.onset - right.onset)) {
    if (onset - first > withinMs) {
      cluster = new Set()
      first = onset
    }
    cluster.add(incident)
    clusters.set(incident, cluster)
  }
  return clusters
}
