import type { Incident } from '@firebreak/core'

/** Since when it is P0 or P1; an incident may have been open for hours before, for something mild. Milliseconds since the epoch. */
export function urgentSince({ raisedAt, openedAt }: Readonly<Incident>): number {
  const { P0 = Infinity, P1 = Infinity } = raisedAt
  const since = Math.min(P0, P1)
  return since === Infinity ? openedAt : since
}

/**
 * The onset of what is judged: the incident's own, or, where something mild had been open for long when it became urgent, the
 * first of what began shortly before that.
 */
export function troubleOnset(incident: Readonly<Incident>, withinMs: number): number {
  const urgentAt = urgentSince(incident)
  if (urgentAt - incident.onsetAt <= withinMs) return incident.onsetAt
  const began = [...incident.signals.values()]
    .filter(({ signal, firstAt }) => signal.status === 'firing' && firstAt > urgentAt - withinMs && firstAt <= urgentAt)
    .map(({ firstAt }) => firstAt)
  return Math.min(urgentAt, ...began)
}
