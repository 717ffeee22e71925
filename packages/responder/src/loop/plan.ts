import type { Action, Desk, Incident, Part, RecordAction, StreamId, View } from '@firebreak/core'
import type { Logger } from '../logger.ts'
import type { Wanted } from './agenda.ts'
import { messageOf } from './perform.ts'

/** Nobody could tell so long a claim from one that was left behind. */
const longestLeaseMs = 86_400_000

/** A part over incidents or over desks. */
export type AnyPart = Part | Part<Desk>

/** What all parts want of one subject. A part that throws wants one thing: that a person looks at it. */
export function planAll(
  parts: readonly AnyPart[],
  subject: Readonly<Incident | Desk>,
  view: View,
  failed?: (part: string, error: unknown) => void,
): Wanted[] {
  const wanted: Wanted[] = []
  for (const part of parts) {
    if ((part.over ?? 'incident') !== subject.kind) continue
    for (const action of planOne(part, subject, view, failed)) wanted.push({ part: part.name, action })
  }
  return wanted
}

function planOne(
  part: AnyPart,
  subject: Readonly<Incident | Desk>,
  view: View,
  failed: ((part: string, error: unknown) => void) | undefined,
): readonly Action[] {
  try {
    const actions: unknown = (part as Part<Incident | Desk>).plan(subject, view)
    checkActions(actions)
    return actions
  } catch (error) {
    failed?.(part.name, error)
    return subject.kind === 'incident' ? [partFailed(part.name, subject, error)] : []
  }
}

/** Where the parts say that something may wait. One that cannot say keeps no responder from starting. */
export function namedDesks(parts: readonly AnyPart[], now: number, logger: Logger): ReadonlySet<StreamId> {
  const desks = new Set<StreamId>()
  for (const part of parts) {
    try {
      for (const desk of part.desks?.(now) ?? []) if (desk.startsWith('desk/')) desks.add(desk)
    } catch (error) {
      logger.error('a part could not name its desks', { part: part.name, error: messageOf(error) })
    }
  }
  return desks
}

/** What another part's actions are merged with: one of another shape would keep all of them from being done. */
function checkActions(actions: unknown): asserts actions is readonly Action[] {
  if (!Array.isArray(actions)) throw new Error('plan gave no list (it must not be async)')
  for (const action of actions as (Partial<Record<string, unknown>> | null)[]) {
    if (typeof action?.['key'] !== 'string' || action['key'] === '') throw new Error('an action has no key')
    const { notBefore, leaseMs } = action
    if (notBefore !== undefined && (typeof notBefore !== 'number' || Number.isNaN(notBefore)))
      throw new Error(`${action['key']}: notBefore is no time`)
    if (leaseMs !== undefined && !(typeof leaseMs === 'number' && leaseMs > 0 && leaseMs <= longestLeaseMs))
      throw new Error(`${action['key']}: leaseMs must be above 0 and at most ${longestLeaseMs} (a day)`)
    // Looked for and not looked at: what is to be recorded may be put into words only when it is needed.
    if (!('effect' in action || 'record' in action))
      throw new Error(`${action['key']}: has neither an effect nor a record`)
  }
}

/** A part that cannot do its duty wants one thing: that a person looks at it. */
export function partFailed(name: string, incident: Readonly<Incident>, error: unknown): RecordAction {
  const why = `the part ${name} failed to plan: ${messageOf(error)}; its duty is not being done`
  const data = { service: incident.service, to: 'engineer', why }
  return {
    key: `part-failed/${name}`,
    why,
    record: { events: [{ type: 'incident.escalated', actor: 'responder', data }] },
  }
}
