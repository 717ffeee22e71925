import type { Incident, NewEvent, Severity } from '@firebreak/core'
import { resumeSeverity, type SeverityState } from '@firebreak/severity'

/** Several responders judge one incident: each goes on from the level that is recorded, whoever recorded it. */
export function goingOnFrom(
  state: SeverityState | undefined,
  incident: Readonly<Incident> | undefined,
): SeverityState | undefined {
  if (incident === undefined || incident.status === 'resolved' || incident.severity === null) return state
  const { severity, assessedAt: since, reasons, pinned } = incident
  if (state === undefined) return resumeSeverity({ severity, since, reasons })
  if (state.severity === severity || pinned?.severity === severity) return state
  const { calmSince: _calmSince, nextAt: _nextAt, ...rest } = state
  return { ...rest, severity, since, measured: severity }
}

/** Open is open: below every threshold, the lowest level stays until the resolution. */
export function levelOf(state: SeverityState, { severity }: Readonly<Incident>): Severity {
  return state.severity ?? severity ?? 'P3'
}

export function assessed(
  service: string,
  severity: Severity,
  state: SeverityState,
  previous: Severity | null,
): NewEvent {
  const { reasons, inconclusive } = state
  return { type: 'incident.assessed', actor: 'responder', data: { service, severity, reasons, inconclusive, previous } }
}
