import type {
  ApprovalDecided,
  ApprovalRequested,
  EvidenceCaptured,
  GuardRefused,
  HoldPlaced,
  HoldReleased,
  ImpactEstimated,
  LedgerCharged,
  LedgerSettled,
  MitigationFinished,
  ReleaseQuarantined,
  ReleaseSuspected,
  RollbackFailed,
  RollbackPlanned,
  RollbackVerified,
  UnitUpdated,
} from './events-mitigation.ts'
import type {
  DigestSent,
  EscalationExhausted,
  PageDelivered,
  PageFailed,
  PageRequested,
  PageSent,
  PageWithdrawn,
} from './events-paging.ts'
import type { Incident } from './incident.ts'
import type { JournalEntry } from './journal.ts'
import type { Json } from './json.ts'
import type { RecordedEvent, StreamId } from './recorded.ts'
import type { Severity } from './severity.ts'
import type { Inconclusive, Reason, Signal } from './signal.ts'

/** A recorded signal, and what came with it in the same batch. On the bus each signal is told on its own. */
export interface SignalObserved extends Signal {
  readonly also?: readonly (Signal & Pick<SignalObserved, 'repeats'>)[]
  /** How often a known firing signal has been repeated since it was last recorded. */
  readonly repeats?: number
  /** In the service's own stream: how it stands against the level of the incident, where that is not its status. */
  readonly felt?: Signal['status']
}

export interface IncidentAssessed {
  readonly service: string
  /** An incident that is open has a level: the lowest one until it is resolved. */
  readonly severity: Severity
  readonly reasons: readonly Reason[]
  readonly inconclusive?: readonly Inconclusive[]
  readonly previous?: Severity | null
}

/** A claim: the writer whose append won performs the recorded effect until the deadline. */
export interface ActionStarted {
  readonly key: string
  readonly part: string
  readonly attempt: number
  readonly owner: string
  /** RFC 3339. */
  readonly deadline: string
  readonly effect: Json
  readonly why: string
  readonly idempotencyKey: string
}

export interface ActionFinished {
  readonly key: string
  readonly attempt: number
  /** `retry`: the key may be claimed again from `retryAt`. `uncertain`: a person has to look. All others are final. */
  readonly outcome: 'done' | 'failed' | 'refused' | 'uncertain' | 'released' | 'retry'
  /** RFC 3339. */
  readonly retryAt?: string
  readonly error?: { readonly code?: string; readonly message: string }
}

/** Event type → its data. What a log records; a recorded event's `data` is enough to act on. */
export interface EventData {
  'signal.observed': SignalObserved
  'signal.refused': { readonly source: string; readonly code: string; readonly reason: string }
  'incident.opened': {
    readonly service: string
    /** The four characters that people type. */
    readonly code: string
    readonly number: number
    /** RFC 3339; the first bad observation, which is before the opening. */
    readonly onsetAt: string
    readonly key?: string
    /** Opened by a person's report: never resolved by automation alone. */
    readonly reported?: boolean
    readonly policyDigest?: string
  }
  'incident.assessed': IncidentAssessed
  'incident.linked': { readonly service: string; readonly incident: StreamId; readonly why: string }
  'incident.acknowledged': {
    readonly service: string
    readonly by: string
    readonly role?: string
    readonly severity: Severity
    /** RFC 3339; lapses then without a note or an action. */
    readonly until: string
    readonly via?: string
  }
  'incident.acknowledgementLapsed': { readonly service: string; readonly by: string; readonly severity: Severity }
  'incident.escalated': {
    readonly service: string
    readonly to: string
    readonly why: string
    readonly by?: string
    readonly severity?: Severity
  }
  'incident.mitigated': { readonly service: string; readonly how: string; readonly action?: string }
  'incident.resolved': { readonly service: string; readonly by: string; readonly why: string }
  'incident.reopened': { readonly service: string; readonly why: string; readonly onsetAt?: string }
  'severity.pinned': {
    readonly service: string
    readonly severity: Severity | null
    readonly by: string
    readonly reason?: string
  }
  'impact.estimated': ImpactEstimated
  'evidence.captured': EvidenceCaptured
  'release.suspected': ReleaseSuspected
  'release.quarantined': ReleaseQuarantined
  'action.started': ActionStarted
  'action.renewed': {
    readonly key: string
    readonly attempt: number
    readonly owner: string
    readonly deadline: string
  }
  'action.finished': ActionFinished
  /** One line of the memory of a claimed action: see `incidentJournal`. `key` is the action's. */
  'journal.appended': { readonly key: string; readonly entry: JournalEntry }
  'guard.refused': GuardRefused
  'approval.requested': ApprovalRequested
  'approval.granted': ApprovalDecided
  'approval.denied': ApprovalDecided
  'approval.expired': { readonly service: string; readonly approval: string }
  'hold.placed': HoldPlaced
  'hold.released': HoldReleased
  'silence.placed': {
    readonly service: string
    readonly silence: string
    /** Only this key; absent: all signals of the service. */
    readonly key?: string
    /** RFC 3339; a silence always ends. */
    readonly until: string
    readonly by: string
    readonly reason: string
  }
  'silence.lifted': { readonly service: string; readonly silence: string; readonly by: string }
  'page.requested': PageRequested
  'page.withdrawn': PageWithdrawn
  'page.sent': PageSent
  'page.delivered': PageDelivered
  'page.failed': PageFailed
  'digest.sent': DigestSent
  'escalation.exhausted': EscalationExhausted
  'rollback.planned': RollbackPlanned
  'rollback.verified': RollbackVerified
  'rollback.failed': RollbackFailed
  'unit.updated': UnitUpdated
  'mitigation.finished': MitigationFinished
  'ledger.charged': LedgerCharged
  'ledger.settled': LedgerSettled
  'policy.changed': { readonly digest: string; readonly previous?: string; readonly by: string; readonly what: string }
  'note.added': { readonly service: string; readonly by: string; readonly text: string }
  'postmortem.drafted': { readonly service: string; readonly files: readonly string[]; readonly blanks?: number }
  'event.redacted': {
    readonly stream: StreamId
    readonly version: number
    readonly reason: string
    readonly by: string
  }
}

export type EventType = keyof EventData

/** What only the bus tells; nothing of it is recorded. */
export interface BusOnlyEvents {
  /** A listener threw or rejected. The others were called all the same. */
  'listener.failed': [failure: { readonly event: string; readonly error: unknown }]
  /** Something about an open incident may be due: after an append, at start, when a claim expires. */
  'incident.changed': [change: { readonly incident: Readonly<Incident> }]
  /** The relay could not read the log; it goes on after the wait. */
  'relay.failed': [failure: { readonly error: unknown; readonly retryInMs: number }]
  /** One HTTP request to Fly, without its token. */
  'fly.requested': [
    request: {
      readonly method: string
      readonly route: string
      readonly status: number | null
      readonly attempt: number
      readonly durationMs: number
      readonly requestId?: string
      readonly error?: string
    },
  ]
  /** A probe could not look. That says nothing about the service. */
  'probe.failed': [failure: { readonly probe: string; readonly error: unknown }]
}

/** The bus's event map: `[data, recorded?]`. `recorded` is there when a log wrote the event first. */
export type FirebreakEvents = {
  [Type in EventType]: [data: EventData[Type], recorded?: RecordedEvent<Type>]
} & BusOnlyEvents
