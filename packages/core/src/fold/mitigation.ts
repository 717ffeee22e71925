import type { Incident } from '../incident.ts'
import type { Handlers } from './handlers.ts'
import { writable } from './sparse.ts'

/** What was found out about the cause, what was done, and what was not allowed. */
export const mitigationHandlers: Handlers<Incident> = {
  'impact.estimated'(incident, { data }) {
    incident.impact = data
  },
  'evidence.captured'(incident, { data }) {
    incident.evidence = data
  },
  'release.suspected'(incident, { data }, at) {
    incident.suspicion = data
    incident.suspectedAt = at
  },
  'guard.refused'(incident, { data }, at) {
    const { guard, action, observed, needed } = data
    incident.refusals = writable(incident.refusals)
    incident.refusals.push({ guard, action, observed, needed, at })
  },
  'approval.requested'(incident, { data }, at) {
    incident.approvals = writable(incident.approvals).set(data.approval, { ...data, at })
  },
  'approval.granted'(incident, { data }) {
    decide(incident, data.approval, 'granted', data.by)
  },
  'approval.denied'(incident, { data }) {
    decide(incident, data.approval, 'denied', data.by)
  },
  'approval.expired'(incident, { data }) {
    decide(incident, data.approval, 'expired')
  },
  'hold.placed'(incident, { data }) {
    incident.holds = writable(incident.holds).set(data.hold, data)
  },
  'hold.released'(incident, { data }) {
    incident.holds.delete(data.hold)
  },
  'rollback.planned'(incident, { data }, at) {
    incident.plan = data
    incident.plannedAt = at
    incident.units.clear()
  },
  'unit.updated'(incident, { data }) {
    // News, not a state: what the unit was before holds until it is done.
    if (data.outcome !== 'waiting') incident.units = writable(incident.units).set(data.unit, data)
  },
  'mitigation.finished'(incident, { data }, at) {
    incident.mitigations = writable(incident.mitigations)
    incident.mitigations.push({ ...data, at })
    if (data.outcome === 'verified') incident.verifiedAt = at
    if (data.outcome !== 'regressed') return
    // It came back: the ladder goes on from where it was.
    delete incident.verifiedAt
    delete incident.mitigatedAt
    if (incident.status === 'mitigated') incident.status = 'open'
  },
  'rollback.verified'(incident, _event, at) {
    incident.verifiedAt = at
  },
}

function decide(incident: Incident, approval: string, decision: 'granted' | 'denied' | 'expired', by?: string): void {
  const asked = incident.approvals.get(approval)
  if (asked === undefined || asked.decision !== undefined) return
  asked.decision = decision
  if (by !== undefined) asked.by = by
}
