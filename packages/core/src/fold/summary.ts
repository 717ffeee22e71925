import type { IncidentSummary } from '../incident.ts'
import { isEvent, type RecordedEvent } from '../recorded.ts'
import { worst } from '../severity.ts'

/**
 * The next summary of a stream: what every store keeps beside its events for `list`. Immutable, cheap, and total:
 * `undefined` in means that the stream is new; streams that are not incidents give `undefined`.
 */
export function summarize(summary: IncidentSummary | undefined, event: RecordedEvent): IncidentSummary | undefined {
  if (!event.stream.startsWith('incident/')) return undefined
  const [, service = '', number = '0'] = event.stream.split('/')
  const before: IncidentSummary = summary ?? {
    stream: event.stream,
    code: '',
    service,
    number: Number(number),
    status: 'open',
    severity: null,
    worst: null,
    onsetAt: event.at,
    openedAt: event.at,
    updatedAt: event.at,
    version: 0,
  }
  return { ...before, ...changes(before, event), updatedAt: event.at, version: event.version }
}

function changes(before: IncidentSummary, event: RecordedEvent): Partial<IncidentSummary> {
  if (event.dataDigest !== undefined) return {}
  if (isEvent(event, 'incident.opened')) {
    const { code, service, number, onsetAt } = event.data
    return { code, service, number, onsetAt, openedAt: event.at }
  }
  if (isEvent(event, 'incident.assessed')) {
    return { severity: event.data.severity, worst: worst(before.worst, event.data.severity) }
  }
  if (isEvent(event, 'incident.acknowledged')) return { acknowledgedAt: event.at }
  if (isEvent(event, 'incident.mitigated')) return { status: 'mitigated', mitigatedAt: event.at }
  if (isEvent(event, 'incident.resolved')) return { status: 'resolved', resolvedAt: event.at }
  if (isEvent(event, 'incident.reopened')) return { status: 'open' }
  return {}
}
