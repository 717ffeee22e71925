import { compareSeverity, type Incident, type Severity } from '@firebreak/core'

export interface Cover {
  /** When somebody took it on. */
  readonly at: number
  /** When that lapses, as things stand: an acknowledgement without note or action ends. */
  readonly lapsesAt: number
}

/** The acknowledgement that covers this severity, whether it still holds or not. A lesser one covers nothing. */
export function coverOf(incident: Readonly<Incident>, severity: Severity): Cover | undefined {
  const acknowledgement = incident.acknowledgement
  if (acknowledgement === undefined || compareSeverity(acknowledgement.severity, severity) > 0) return undefined
  return { at: acknowledgement.at, lapsesAt: lapseOf(incident) }
}

/** Each note or action of a person before the lapse puts it off by the whole span again. */
export function lapseOf({ acknowledgement, notes, escalations, pinned }: Readonly<Incident>): number {
  if (acknowledgement === undefined) return Number.POSITIVE_INFINITY
  const { at, until } = acknowledgement
  const span = until - at
  const doings = [
    ...notes.map((note) => note.at),
    ...escalations.filter(({ by }) => by !== undefined).map((escalation) => escalation.at),
    ...(pinned === undefined ? [] : [pinned.at]),
  ].toSorted((left, right) => left - right)
  return doings.reduce((lapse, doing) => (doing > at && doing <= lapse ? Math.max(lapse, doing + span) : lapse), until)
}
