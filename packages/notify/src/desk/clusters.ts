import type { Desk, StreamId } from '@firebreak/core'

/** Incidents that began together, in order of their onsets. */
export type Cluster = ReadonlySet<StreamId>

/** Each incident's cluster: everything whose onset lies within so many milliseconds of the cluster's first. */
export function clustersOf(desk: Readonly<Desk>, withinMs: number): ReadonlyMap<StreamId, Cluster> {
  const onsets = new Map<StreamId, number>()
  for (const { request } of desk.pages.values()) {
    const onset = Date.parse(request.onsetAt)
    onsets.set(request.incident, Math.min(onset, onsets.get(request.incident) ?? onset))
  }
  const clusters = new Map<StreamId, Cluster>()
  let cluster = new Set<StreamId>()
  let first = Number.NEGATIVE_INFINITY
  for (const [incident, onset] of Array.from(onsets).toSorted(([, left], [, right]) => left - right)) {
    if (onset - first > withinMs) {
      cluster = new Set()
      first = onset
    }
    cluster.add(incident)
    clusters.set(incident, cluster)
  }
  return clusters
}

/** Has its resolution been asked to be told here? */
export function isOver(desk: Readonly<Desk>, incident: StreamId): boolean {
  let over = false
  for (const { request, withdrawn } of desk.pages.values()) {
    if (request.incident !== incident || withdrawn !== undefined) continue
    if (request.kind === 'resolve') over = true
    else if (request.kind === 'trigger' && request.reach === 'wake') over = false
  }
  return over
}

/** Nobody is reminded of it for now: it is over, somebody has it, or it has been mitigated. */
export function isAtRest(desk: Readonly<Desk>, incident: StreamId): boolean {
  let rests = false
  for (const { request, withdrawn } of desk.pages.values()) {
    if (request.incident !== incident || withdrawn !== undefined) continue
    if (request.kind === 'trigger') rests = false
    else if (request.kind !== 'update' || request.reason === 'verified') rests = true
  }
  return rests
}
