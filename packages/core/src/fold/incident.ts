import type { SignalObserved } from '../events.ts'
import type { Incident } from '../incident.ts'
import type { RecordedEvent, StreamId } from '../recorded.ts'
import { compareSeverity, severities, worst } from '../severity.ts'
import type { Signal } from '../signal.ts'
import { actionHandlers, pageHandlers } from './actions.ts'
import { apply, mergeHandlers } from './handlers.ts'
import { mitigationHandlers } from './mitigation.ts'
import { writable } from './sparse.ts'

/** An incident before its first event. */
export function emptyIncident(stream: StreamId): Incident {
  return {
    kind: 'incident',
    stream,
    version: 0,
    code: '',
    service: stream.split('/')[1] ?? '',
    number: Number(stream.split('/')[2] ?? 0),
    status: 'open',
    severity: null,
    worst: null,
    reasons: [],
    inconclusive: [],
    onsetAt: 0,
    openedAt: 0,
    raisedAt: {},
    assessedAt: 0,
    signals: new Map(),
    signalIds: new Set(),
    reported: false,
    firing: 0,
    escalations: [],
    linked: [],
    units: new Map(),
    mitigations: [],
    reopened: 0,
    actions: new Map(),
    pages: new Map(),
    approvals: new Map(),
    refusals: [],
    holds: new Map(),
    notes: [],
    lastEventAt: 0,
  }
}

const handlers = /* @__PURE__ */ mergeHandlers<Incident>(actionHandlers, pageHandlers, mitigationHandlers, {
  'signal.observed'(incident, { data }, at) {
    const { also = [] } = data
    observe(incident, also.length === 0 ? data : withoutOthers(data), at, data.repeats ?? 0)
    for (const signal of also) observe(incident, signal, at, signal.repeats ?? 0)
    markQuiet(incident, at)
  },
  'incident.opened'(incident, { data }, at) {
    // An opening of one's own wiring may say less: what it leaves out is known from the stream's name and the event's time.
    const { code = '', service = incident.service, number = incident.number, onsetAt } = data as Partial<typeof data>
    Object.assign(incident, { code, service, number, openedAt: at, onsetAt: timeOf(onsetAt, at) })
    incident.reported = data.reported ?? false
    if (data.policyDigest !== undefined) incident.policyDigest = data.policyDigest
  },
  'incident.assessed'(incident, { data }, at) {
    const { severity = null, reasons = [], inconclusive = [] } = data as Partial<typeof data>
    if (severity !== null && compareSeverity(severity, incident.severity) < 0) markRaised(incident, severity, at)
    incident.severity = severity
    incident.worst = worst(incident.worst, severity)
    incident.reasons = reasons
    incident.inconclusive = inconclusive
    incident.assessedAt = at
  },
  'incident.linked'(incident, { data }) {
    if (incident.linked.includes(data.incident)) return
    incident.linked = writable(incident.linked)
    incident.linked.push(data.incident)
  },
  'incident.acknowledged'(incident, { data }, at) {
    const { by, role, severity } = data
    const until = Date.parse(data.until)
    const known = incident.acknowledgement
    // A late press on an old link does not take back what covers more.
    if (known !== undefined && known.lapsed !== true && compareSeverity(known.severity, severity) < 0) return
    // It came after every raise that is on record before it, whatever the clocks of those who wrote them say.
    const from = Math.max(at, ...Object.values(incident.raisedAt))
    incident.acknowledgement = { by, severity, at: from, until, ...(role === undefined ? {} : { role }) }
  },
  'incident.acknowledgementLapsed'(incident) {
    if (incident.acknowledgement !== undefined) incident.acknowledgement.lapsed = true
  },
  'incident.escalated'(incident, { data }, at) {
    const { to, why, by } = data
    incident.escalations = writable(incident.escalations)
    incident.escalations.push({ to, why, at, ...(by === undefined ? {} : { by }) })
  },
  'incident.mitigated'(incident, _event, at) {
    if (incident.status === 'resolved') return
    incident.status = 'mitigated'
    incident.mitigatedAt = at
  },
  'incident.resolved'(incident, _event, at) {
    incident.status = 'resolved'
    incident.resolvedAt = at
  },
  'incident.reopened'(incident, { data }, at) {
    incident.status = 'open'
    incident.reopened += 1
    delete incident.resolvedAt
    delete incident.mitigatedAt
    delete incident.verifiedAt
    // What somebody took on has ended: a reopening is news, and its deadlines count from here.
    delete incident.acknowledgement
    // What a person thought of the round before, and who had fallen ill with it then, is of the round before.
    delete incident.pinned
    incident.linked = []
    // What was found out is of the time before: the world is looked at, and evidence saved, anew.
    delete incident.suspicion
    delete incident.suspectedAt
    delete incident.impact
    delete incident.evidence
    // What was said until then ended with it: neither does it fire any more, nor keep the incident from ending again.
    // Not emptied: whoever holds on to what was said before keeps it.
    incident.signals = new Map()
    incident.firing = 0
    delete incident.quietSince
    incident.raisedAt = {}
    for (const level of severities) if (compareSeverity(level, incident.severity) >= 0) incident.raisedAt[level] = at
    incident.onsetAt = timeOf(data.onsetAt, at)
  },
  'severity.pinned'(incident, { data }, at) {
    if (data.severity === null) delete incident.pinned
    else incident.pinned = { severity: data.severity, by: data.by, at }
  },
  'policy.changed'(incident, { data }) {
    incident.policyDigest = data.digest
  },
  'note.added'(incident, { data }, at) {
    incident.notes = writable(incident.notes)
    incident.notes.push({ by: data.by, text: data.text, at })
  },
  'postmortem.drafted'(incident, { data }) {
    incident.postmortem = data.files
  },
})

function timeOf(timestamp: string | undefined, otherwise: number): number {
  const at = timestamp === undefined ? Number.NaN : Date.parse(timestamp)
  return Number.isNaN(at) ? otherwise : at
}

/** Every level from the new one down to the old one is entered now. */
function markRaised(incident: Incident, severity: Incident['severity'], at: number): void {
  if (severity === null) return
  for (const level of severities) {
    if (compareSeverity(level, severity) >= 0 && compareSeverity(level, incident.severity) < 0)
      incident.raisedAt[level] = at
  }
  incident.raisedAt[severity] ??= at
}

function markQuiet(incident: Incident, at: number): void {
  if (incident.firing > 0) delete incident.quietSince
  else incident.quietSince ??= at
}

/** Times as `toISOString` writes them compare as text, which in a storm is what costs least. */
function isEarlier(left: string, right: string): boolean {
  const plain = left.length === 24 && right.length === 24 && left.endsWith('Z') && right.endsWith('Z')
  return plain ? left < right : Date.parse(left) < Date.parse(right)
}

/** The first of many: kept with the list of the others, it would keep that too. */
function withoutOthers(data: SignalObserved): Signal {
  // Written out: what a rest collects takes two objects, and a storm has many such firsts.
  const { id, key, source, measured, service, status, at, summary, symptoms, labels, links, also: _, ...rest } = data
  const { staleAfterMs } = rest
  if (staleAfterMs === undefined)
    return { id, key, source, measured, service, status, at, summary, symptoms, labels, links, ...rest }
  return { id, key, source, measured, service, status, at, summary, symptoms, labels, links, staleAfterMs, ...rest }
}

function observe(incident: Incident, signal: Signal, at: number, repeats: number): void {
  const seen = incident.signalIds.has(signal.id)
  if (seen && repeats === 0) return
  incident.signalIds = writable(incident.signalIds).add(signal.id)
  const times = seen ? repeats : 1 + repeats
  const known = incident.signals.get(signal.key)
  if (known === undefined) {
    incident.signals = writable(incident.signals).set(signal.key, { signal, firstAt: at, lastAt: at, count: times })
    if (signal.status === 'firing') incident.firing += 1
    return
  }
  known.count += times
  // Out of order: an older word on the same key counts, and does not undo a newer one. One of a time that was still to come
  // is no newer one: a clock was set back.
  if (isEarlier(signal.at, known.signal.at) && Date.parse(known.signal.at) <= at) return
  // It has fired since it began to, not since it was first heard: evidence is counted by that.
  if (known.signal.status !== signal.status) known.firstAt = at
  incident.firing += (signal.status === 'firing' ? 1 : 0) - (known.signal.status === 'firing' ? 1 : 0)
  known.signal = signal
  known.lastAt = at
}

/** Mutates and returns the state; `event` must be of its stream. Unknown types only count. */
export function applyEvent(incident: Incident, event: RecordedEvent): Incident {
  if (event.version <= incident.version) return incident
  const at = Date.parse(event.at)
  apply(handlers, incident, event, at)
  if (at > incident.lastEventAt) incident.lastEventAt = at
  return incident
}

/** Folds a whole stream. */
export function reduceIncident(events: Iterable<RecordedEvent>): Incident {
  let incident: Incident | undefined
  for (const event of events) incident = applyEvent((incident ??= emptyIncident(event.stream)), event)
  return incident ?? emptyIncident('incident//0')
}
