import type { IncidentSummary } from '../incident.ts'
import { isEvent, type RecordedEvent } from '../recorded.ts'
import { worst } from '../severity.ts'

/**
 * The next summary of a stream: what every store keeps beside its events for `list`. Immutable, cheap, and total:
 * `undefined` in means that the stream is new; streams that are not incidents give `undefined`.
 */
export function summarize(summary: IncidentSummary | undefined, event: RecordedEvent): IncidentSummary | undefined {
  if (!event.stream.startsWith('incident/')) return undefined
  const before = summary ?? unopened(event)
  if (event.version <= before.version) return before
  return { ...next(before, event), updatedAt: event.at, version: event.version }
}

function unopened({ stream, at }: RecordedEvent): IncidentSummary {
  const [, service = '', number = '0'] = stream.split('/')
  return {
    stream,
    code: '',
    service,
    number: Number(number),
    status: 'open',
    severity: null,
    worst: null,
    onsetAt: at,
    openedAt: at,
    updatedAt: at,
    version: 0,
  }
}

function next(before: IncidentSummary, event: RecordedEvent): IncidentSummary {
  if (isEvent(event, 'incident.opened')) {
    const {
      code = '',
      service = before.service,
      number = before.number,
      onsetAt = event.at,
    } = event.data as Partial<typeof event.data>
    return { ...before, code, service, number, onsetAt, openedAt: event.at }
  }
  if (isEvent(event, 'incident.assessed')) {
    const { severity = null } = event.data as Partial<typeof event.data>
    return { ...before, severity, worst: worst(before.worst, severity) }
  }
  if (isEvent(event, 'incident.acknowledged')) return { ...before, acknowledgedAt: before.acknowledgedAt ?? event.at }
  if (isEvent(event, 'incident.mitigated') && before.status !== 'resolved')
    return { ...before, status: 'mitigated', mitigatedAt: event.at }
  if (isEvent(event, 'incident.resolved')) return { ...before, status: 'resolved', resolvedAt: event.at }
  if (isEvent(event, 'incident.reopened')) return open(before)
  if (isEvent(event, 'mitigation.finished') && event.data.outcome === 'regressed' && before.status === 'mitigated')
    return open(before)
  return before
}

function open(before: IncidentSummary): IncidentSummary {
  const { mitigatedAt: _mitigated, resolvedAt: _resolved, ...rest } = before
  return { ...rest, status: 'open' }
}
