import {
  FirebreakError,
  systemRandom,
  type Action,
  type DeployTarget,
  type EffectAction,
  type Incident,
  type IncidentLog,
  type NewEvent,
  type NonEmpty,
  type Part,
  type PerformContext,
  type RecordedEvent,
  type Unit,
  type View,
  type Write,
} from '@firebreak/core'
import type { AnyPart } from '@firebreak/responder'
import { standardAutomation } from '@firebreak/rollback'
import { standardPolicy } from '@firebreak/severity'
import type { Weakening } from './night/night.ts'

/**
 * Safeguards that can be taken away from outside, by ports that betray an obligation of theirs or parts that overlook what is
 * recorded. Each makes the simulation fail: a rule that nothing can break proves nothing.
 */
export const safeguards: Readonly<Record<string, Weakening>> = {
  /** The log takes every append, whatever its writer had read: two responders win the same claim. */
  expectations: { log: trusting },
  /** Nobody sees what a unit runs by now, and the target takes a write whatever the unit has become. */
  lookAndCompare: { target: blind },
  /** Channels no longer recognise a repetition by its key. */
  deduplication: { deduplicate: false },
  /** What a dead process had claimed stays claimed: no deadline runs out, and nobody learns of the death. */
  takeover: { log: withoutTakeover },
  /** Chance of its own in every process: the same seed is another night. */
  seededChance: { random: () => systemRandom },
  /** A hold is on record, and nobody reads it. */
  holds: { log: withoutHolds },
  /** The mitigator takes evidence and impact for granted. */
  evidence: { parts: (parts) => parts.filter(({ name }) => name !== 'investigate').map((part) => seeing(part, sureOfEvidence)) },
  /** An acknowledgement is on record and means nothing. */
  acknowledgement: { parts: (parts) => parts.map((part) => (part.name === 'pager' ? seeing(part, unacknowledged) : part)) },
  /** What incidents ask for stays on the desk. */
  desk: { parts: (parts) => parts.filter(({ over }) => over !== 'desk') },
  /** A telephone may ring as often as there is something to say. */
  caps: { routes: (routes) => ({ ...routes, desk: { ...routes.desk, cap: { ...routes.desk.cap, messages: 1_000 } } }) },
  /** No number of rollbacks is too many. */
  budget: { automation: { ...standardAutomation, budget: { ...standardAutomation.budget, perIncident: 99, perHour: 99, perDay: 99 } } },
  /** One calm look is enough to lower a level. */
  calm: { policy: { ...standardPolicy, timing: { ...standardPolicy.timing, lowerAfterMs: 15_000 } } },
  /** Rungs of the ladder are put off. */
  haste: { parts: (parts) => parts.map((part) => (part.name === 'pager' ? slow(part as Part) : part)) },
  /** What is well stays open. */
  resolver: { parts: (parts) => parts.filter(({ name }) => name !== 'resolver') },
}

function trusting(log: IncidentLog): IncidentLog {
  return {
    ...log,
    async append(writes) {
      for (let wanted: readonly Write[] = writes; ;) {
        try {
          return await log.append(wanted as unknown as NonEmpty<Write>)
        } catch (error) {
          const { code, stream, actual } = error as { code?: string; stream?: string; actual?: number }
          if (!FirebreakError.isInstance(error) || code !== 'VERSION_CONFLICT' || actual === undefined) throw error
          wanted = wanted.map((write) => (write.stream === stream ? { ...write, expected: actual } : write))
        }
      }
    },
  }
}

/** Remembers each unit as it was first seen with another image than now. */
function blind(target: DeployTarget): DeployTarget {
  const first = new Map<string, string>()
  const outdated = (unit: Unit): Unit => {
    const image = first.get(unit.id)
    return image === undefined ? unit : { ...unit, image }
  }
  return {
    ...target,
    observe: async (id, context) => outdated(await target.observe(id, context)),
    units: async (context) => (await target.units(context)).map(outdated),
    settle: async (unit, context) => outdated(await target.settle(unit, context)),
    async update(unit, release, context) {
      const now = await target.observe(unit.id, context)
      if (!first.has(unit.id)) first.set(unit.id, now.image)
      return outdated(await target.update({ ...unit, revision: now.revision }, release, context))
    },
  }
}

function withoutTakeover(log: IncidentLog): IncidentLog {
  const endless = (event: NewEvent): NewEvent =>
    event.type === 'action.started' || event.type === 'action.renewed'
      ? { ...event, data: { ...event.data, deadline: '2100-01-01T00:00:00.000Z' } }
      : event
  return {
    ...log,
    presence: async () => ({ isGone: async () => false, [Symbol.asyncDispose]: async () => undefined }),
    append: (writes) => log.append(writes.map((write) => ({ ...write, events: write.events.map(endless) })) as unknown as NonEmpty<Write>),
  }
}

function withoutHolds(log: IncidentLog): IncidentLog {
  const overlooked = (event: RecordedEvent): RecordedEvent => (event.type === 'hold.placed' ? { ...event, type: 'hold.overlooked' } : event)
  return {
    ...log,
    async *read(stream, options) {
      for await (const event of log.read(stream, options)) yield overlooked(event)
    },
    async append(writes) {
      const appended = await log.append(writes)
      return appended.map((it) => ({ ...it, events: it.events.map(overlooked) }))
    },
  }
}

function seeing(part: AnyPart, change: (incident: Readonly<Incident>) => Readonly<Incident>): AnyPart {
  if (part.over === 'desk') return part
  const seen = part as Part
  const perform = async (action: EffectAction, context: PerformContext) => seen.perform!(action, { ...context, subject: change(context.subject) })
  return {
    ...seen,
    plan: (incident: Readonly<Incident>, view: View) => seen.plan(change(incident), view),
    ...(seen.perform === undefined ? {} : { perform }),
  }
}

function slow(part: Part): AnyPart {
  const later = (action: Action, now: number): Action => ({ ...action, notBefore: (action.notBefore ?? now) + 120_000 })
  return {
    ...part,
    plan: (incident: Readonly<Incident>, view: View) => part.plan(incident, view).map((action) => later(action, incident.assessedAt)),
  }
}

function sureOfEvidence(incident: Readonly<Incident>): Readonly<Incident> {
  const { service } = incident
  const time = new Date(incident.openedAt).toISOString()
  const unknown = { requests: null, failedRequests: null, share: null, regions: [] }
  return { ...incident, evidence: { service, items: [] }, impact: { service, ...unknown, since: time, until: time } }
}

function unacknowledged({ acknowledgement: _acknowledgement, ...incident }: Readonly<Incident>): Readonly<Incident> {
  return incident
}
