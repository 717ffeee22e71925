import {
  activeHold,
  type ActionState,
  compareSeverity,
  type Incident,
  type Illness,
  type ReleaseSuspected,
  type Severity,
  type View,
} from '@firebreak/core'
import type { Automation, AutomationMode } from '../automation.ts'
import type { RollbackPlan } from '../plan.ts'
import { urgentSince } from '../trouble.ts'

/** How a planned rollback is kept in `rollback.planned`. */
export interface PlanDocument {
  /** Prefix of its keys: `rollback/v3`, and `rollback/v3.2` for a second attempt. */
  readonly base: string
  readonly attempt: number
  readonly plan: RollbackPlan
}

/** After a look that failed, so many in a row must succeed before anything is written. */
export const readsNeeded = 3

/** The incident as the mitigator reads it. Everything is derived from what is recorded. */
export interface Situation {
  readonly incident: Readonly<Incident>
  readonly view: View
  readonly automation: Automation
  readonly now: number
  readonly severity: Severity | null
  /** 1, and one more with every reopening. */
  readonly round: number
  readonly roundStart: number
  /** The verdict of this round, once the world has been looked at in it. */
  readonly suspicion?: ReleaseSuspected
  /** When it was looked at last in this round; 0: not yet. Milliseconds since the epoch. */
  readonly lookedAt: number
  readonly illness?: Illness
  /** The rollback that is planned and not finished. */
  readonly current?: PlanDocument
  /** How the rollbacks of this round ended. */
  readonly ended: Incident['mitigations']
  readonly attempt: number
  /** Why acting waits: a hold. */
  readonly held?: string
}

export function situationOf(incident: Readonly<Incident>, view: View, automation: Automation): Situation {
  const { now, service } = view
  const round = incident.reopened + 1
  const raised = Object.values(incident.raisedAt)
  const roundStart = round === 1 || raised.length === 0 ? incident.openedAt : Math.min(...raised)
  const looks = `suspect/${round}/`
  let lookedAt = 0
  for (const { key, finished, finishedAt = 0 } of incident.actions.values())
    if (finished?.outcome === 'done' && key.startsWith(looks)) lookedAt = Math.max(lookedAt, finishedAt)
  const suspicion = lookedAt > 0 ? incident.suspicion : undefined
  const document = documentOf(incident)
  const isOver = document === undefined || incident.mitigations.some(({ action }) => action === document.base)
  const hold =
    activeHold(service, now) ??
    [...incident.holds.values()].find(({ until }) => until === undefined || !(Date.parse(until) <= now))
  return {
    incident,
    view,
    automation,
    now,
    severity: incident.severity,
    round,
    roundStart,
    lookedAt,
    ...(suspicion === undefined ? {} : { suspicion }),
    ...(suspicion?.illness === undefined ? {} : { illness: suspicion.illness }),
    ...(isOver ? {} : { current: document }),
    ended: incident.mitigations.filter(({ action, at }) => action.startsWith('rollback/') && at >= roundStart),
    attempt: (document?.attempt ?? 0) + (isOver ? 1 : 0),
    ...(hold === undefined ? {} : { held: hold.reason }),
  }
}

/** The plan as it was recorded; one recorded by somebody else's wiring has no document, and is not ours to go on with. */
export function documentOf({ plan }: Readonly<Incident>): PlanDocument | undefined {
  const document = plan?.document as Partial<PlanDocument> | null | undefined
  if (typeof document !== 'object' || document === null || typeof document.base !== 'string') return undefined
  return document.plan === undefined || document.attempt === undefined ? undefined : (document as PlanDocument)
}

/** It ended, and will be performed again. */
export function mayRecur({ finished }: ActionState): boolean {
  return finished?.outcome === 'retry' || finished?.outcome === 'released'
}

export function baseOf(version: number, attempt: number): string {
  return attempt <= 1 ? `rollback/v${version}` : `rollback/v${version}.${attempt}`
}

const strictness: readonly AutomationMode[] = ['off', 'shadow', 'approve', 'auto']

/** The strictest of what is allowed: the service's mode, the severity's, and asking first after a refuted suspicion. */
export function modeOf({ automation, view, now }: Situation, allowed: AutomationMode | undefined): AutomationMode {
  const { approveUntil = 0 } = view.service
  const modes = [automation.mode, allowed ?? 'off', ...(approveUntil > now ? (['approve'] as const) : [])]
  return modes.reduce((strictest, mode) =>
    strictness.indexOf(mode) < strictness.indexOf(strictest) ? mode : strictest,
  )
}

/** When the waking page of this level went out, by whatever channel it could; nothing is written before people could know. */
export function pagedAt({ incident, severity, roundStart }: Situation): number | undefined {
  const times = [...incident.pages.values()]
    .filter(({ request }) => request.kind === 'trigger' && request.reach === 'wake')
    .filter(({ request }) => compareSeverity(request.severity, severity) <= 0)
    .flatMap(({ sentAt }) => sentAt ?? [])
    // Whoever was woken before it was resolved has not been told that it is back.
    .filter((sentAt) => sentAt >= roundStart)
  return times.length === 0 ? undefined : Math.min(...times)
}

/** Symptoms that keep automation off whatever the release did. */
export function isSecurity({ incident }: Situation): boolean {
  return [...incident.signals.values()].some(
    ({ signal }) => signal.status === 'firing' && signal.symptoms.some(({ kind }) => kind === 'security'),
  )
}

/** The world can be read: always, or again for some looks in a row. */
export function canRead({ suspicion }: Situation): boolean {
  return suspicion !== undefined && (suspicion.reads === undefined || suspicion.reads >= readsNeeded)
}

/** It has been looked at after the evidence had lasted long enough: what is unknown now will not come by waiting. */
export function isRipe({ incident, automation, severity, lookedAt }: Situation): boolean {
  if (severity === null) return false
  // A verdict from before the raise was asked another question: it had another time to measure.
  const raisedAt = incident.raisedAt[severity] ?? 0
  // What we measured is counted from when it was first recorded as urgent, which is not the onset.
  return lookedAt >= Math.max(raisedAt, urgentSince(incident) + (automation.suspect.measuredMs[severity] ?? 0))
}
