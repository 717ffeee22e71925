import type { Action, Desk, Incident, Part, View } from '@firebreak/core'
import type { Wanted } from './agenda.ts'
import { messageOf } from './perform.ts'

/** A part over incidents or over desks. */
export type AnyPart = Part | Part<Desk>

/** What all parts want of one subject. A part that throws wants one thing: that a person looks at it. */
export function planAll(parts: readonly AnyPart[], subject: Readonly<Incident | Desk>, view: View): Wanted[] {
  const wanted: Wanted[] = []
  for (const part of parts) {
    if ((part.over ?? 'incident') !== subject.kind) continue
    for (const action of planOne(part, subject, view)) wanted.push({ part: part.name, action })
  }
  return wanted
}

function planOne(part: AnyPart, subject: Readonly<Incident | Desk>, view: View): readonly Action[] {
  try {
    return (part as Part<Incident | Desk>).plan(subject, view)
  } catch (error) {
    return subject.kind === 'incident' ? [partFailed(part, subject, error)] : []
  }
}

function partFailed(part: AnyPart, incident: Readonly<Incident>, error: unknown): Action {
  const why = `the part ${part.name} failed to plan: ${messageOf(error)}; its duty is not being done`
  const data = { service: incident.service, to: 'engineer', why }
  return {
    key: `part-failed/${part.name}`,
    why,
    record: { events: [{ type: 'incident.escalated', actor: 'responder', data }] },
  }
}
