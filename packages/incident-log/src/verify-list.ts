import { summarize, type IncidentLog, type IncidentSummary, type RecordedEvent, type StreamId } from '@firebreak/core'

/** What a log says of its incidents. */
export interface Listing {
  readonly summaries: ReadonlyMap<StreamId, IncidentSummary>
  /** Which are found where only those are asked for that are not over. */
  readonly unresolved: ReadonlySet<StreamId>
}

export async function readListing(log: IncidentLog, signal: AbortSignal | undefined): Promise<Listing> {
  const unresolved = new Set<StreamId>()
  for await (const { stream } of log.list({ status: ['open', 'mitigated'], signal })) unresolved.add(stream)
  const summaries = new Map<StreamId, IncidentSummary>()
  for await (const summary of log.list({ signal })) summaries.set(summary.stream, summary)
  return { summaries, unresolved }
}

/** What the events of one stream add up to, while it is walked through. */
export interface Adding {
  summary: IncidentSummary | undefined
  /** Nothing is said of a stream of which something that counted is not known any more. */
  known: boolean
  /** What the list says otherwise. */
  difference: string | undefined
}

export function addUp(adding: Adding, event: RecordedEvent, listed: IncidentSummary | undefined): void {
  const counts = event.type.startsWith('incident.') || event.type === 'mitigation.finished'
  // Redacted, or brought to a shape that it did not have when it was added up.
  if (counts && (event.salt === undefined || event.storedData !== undefined)) adding.known = false
  adding.summary = summarize(adding.summary, event)
  if (listed?.version === event.version && adding.known)
    adding.difference = differenceOf(listed, adding.summary, event.version)
}

/** As JSON, which is how a store keeps it. */
function differenceOf(
  listed: IncidentSummary,
  added: IncidentSummary | undefined,
  version: number,
): string | undefined {
  if (added === undefined) return 'the list has it, though it is no incident'
  const keys = new Set([...Object.keys(listed), ...Object.keys(added)]) as Set<keyof IncidentSummary>
  for (const key of keys) {
    const [says, is] = [JSON.stringify(listed[key] ?? null), JSON.stringify(added[key] ?? null)]
    if (says !== is) return `the list says ${key} ${says}, its events up to version ${version} add up to ${is}`
  }
  return undefined
}

/** In which way the list leaves an incident out, or has it where it does not belong. */
export function misplacement(stream: StreamId, isIncident: boolean, listing: Listing): string | undefined {
  const summary = listing.summaries.get(stream)
  if (summary === undefined) return isIncident ? 'the list does not have it' : undefined
  const isOpen = summary.status !== 'resolved'
  if (isOpen === listing.unresolved.has(stream)) return undefined
  return isOpen
    ? `is ${summary.status}, and is not found among the incidents that are not resolved`
    : 'is resolved, and is found among the incidents that are not'
}
