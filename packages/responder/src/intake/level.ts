import { compareSeverity, type Incident, type NewEvent, type Severity } from '@firebreak/core'
import { condenseSeverity, resumeSeverity, type SeverityState } from '@firebreak/severity'
import type { Heard } from './watched-service.ts'

/** Several responders judge one incident: each goes on from the level that is recorded, whoever recorded it. */
export function goingOnFrom(
  state: SeverityState | undefined,
  incident: Readonly<Incident> | undefined,
): SeverityState | undefined {
  if (incident === undefined || incident.status === 'resolved' || incident.severity === null) return state
  const { severity, assessedAt: since, reasons, pinned } = incident
  if (state === undefined) return resumeSeverity({ severity, since, reasons })
  if (state.severity === severity || pinned?.severity === severity) return state
  return { ...calmAnew(state), severity, since, measured: severity }
}

/** Somebody else has judged meanwhile: how long it has been calm is counted from now. */
export function calmAnew({ calmSince: _calmSince, nextAt: _nextAt, ...rest }: SeverityState): SeverityState {
  return rest
}

/** So many keys are a storm, and up to so many are soon judged anew. */
const many = 16
const tooMany = 5_000

/** What is to be remembered of a judgement: of a storm not what the record says again. */
export function kept(state: SeverityState): SeverityState {
  const { length } = state.keys
  return length > many && length <= tooMany ? condenseSeverity(state) : state
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

/**
 * Notes which signals have crossed the level of their incident, down to where it would be lowered. What comes and goes there
 * flaps, though its figure never quite ends.
 */
export function feel(heard: readonly Heard[], { keys }: SeverityState, severity: Severity | null, now: number): void {
  for (const it of heard) {
    const { key: name, status } = it.signal
    const key = keys.find((known) => known.key === name)
    if (key === undefined || !key.conclusive) continue
    const holds = status === 'firing' && compareSeverity(key.holds, severity) <= 0
    const felt = holds ? 'firing' : 'resolved'
    const before = it.felt
    it.felt = felt
    if (before === undefined || before === felt) continue
    it.changedAt = now
    it.recordedAt = 0
  }
}
