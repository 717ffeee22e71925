import type { Json } from './json.ts'
import type {
  ApprovalRequested,
  EvidenceCaptured,
  HoldPlaced,
  ImpactEstimated,
  MitigationFinished,
  ReleaseSuspected,
  RollbackPlanned,
  UnitUpdated,
} from './events-mitigation.ts'
import type { ActionFinished } from './events.ts'
import type { PageFailed, PageRequested, PageSent } from './events-paging.ts'
import type { StreamId } from './recorded.ts'
import type { Severity } from './severity.ts'
import type { Inconclusive, Reason, Signal } from './signal.ts'

export type IncidentStatus = 'open' | 'mitigated' | 'resolved'

/** The last word on one key, and how often it was said. */
export interface SignalState {
  signal: Signal
  /** Since when it says so: firing or resolved. Milliseconds since the epoch. */
  firstAt: number
  lastAt: number
  count: number
}

/** One claimed action: who has it, until when, how it ended. */
export interface ActionState {
  key: string
  part: string
  attempt: number
  owner: string
  deadlineAt: number
  startedAt: number
  effect: Json
  why: string
  idempotencyKey: string
  finished?: ActionFinished | undefined
  finishedAt?: number | undefined
  retryAt?: number
  /** How many of the attempts a hold or a stop put off: they were no tries. */
  putOff?: number | undefined
}

/** A page that was asked for, and what became of it. */
export interface PageState {
  request: PageRequested
  requestedAt: number
  withdrawn?: string
  /** Milliseconds since the epoch; when it first went out. */
  sentAt?: number
  sent: PageSent[]
  failed: PageFailed[]
}

/**
 * What the events of one incident add up to. Owned and mutated by the loop (a copy per event would cost seconds in a storm);
 * everybody else gets it `Readonly`. Times are milliseconds since the epoch.
 */
export interface Incident {
  readonly kind: 'incident'
  readonly stream: StreamId
  /** Number of events; 0: does not exist yet. */
  version: number
  code: string
  service: string
  number: number
  status: IncidentStatus
  severity: Severity | null
  /** The worst it has been. */
  worst: Severity | null
  reasons: readonly Reason[]
  inconclusive: readonly Inconclusive[]
  /** First bad observation. */
  onsetAt: number
  openedAt: number
  /** When it was last raised to each level. A deadline counts from here. */
  raisedAt: Partial<Record<Severity, number>>
  assessedAt: number
  pinned?: { severity: Severity; by: string; at: number }
  /** By key. */
  signals: Map<string, SignalState>
  /** Ids of signals already counted. */
  signalIds: Set<string>
  reported: boolean
  /** How many keys are firing. A stale signal still fires here: nobody said that it is well. */
  firing: number
  /** Since when nothing has been firing; absent while something is. */
  quietSince?: number
  acknowledgement?: { by: string; role?: string; severity: Severity; at: number; until: number; lapsed?: boolean }
  escalations: { to: string; why: string; at: number; by?: string }[]
  linked: StreamId[]
  impact?: ImpactEstimated
  evidence?: EvidenceCaptured
  suspicion?: ReleaseSuspected
  suspectedAt?: number
  plan?: RollbackPlanned
  plannedAt?: number
  units: Map<string, UnitUpdated>
  mitigations: (MitigationFinished & { at: number })[]
  mitigatedAt?: number
  verifiedAt?: number
  resolvedAt?: number
  reopened: number
  actions: Map<string, ActionState>
  /** By request id. */
  pages: Map<string, PageState>
  approvals: Map<string, ApprovalRequested & { at: number; decision?: 'granted' | 'denied' | 'expired'; by?: string }>
  refusals: { guard: string; action: string; observed: string; needed: string; at: number }[]
  holds: Map<string, HoldPlaced>
  notes: { by: string; text: string; at: number }[]
  postmortem?: readonly string[]
  policyDigest?: string
  lastEventAt: number
}

/** What a list shows, and what outlives the events of a pruned incident. */
export interface IncidentSummary {
  readonly stream: StreamId
  readonly code: string
  readonly service: string
  readonly number: number
  readonly status: IncidentStatus
  readonly severity: Severity | null
  readonly worst: Severity | null
  /** RFC 3339 throughout. */
  readonly onsetAt: string
  readonly openedAt: string
  readonly updatedAt: string
  readonly acknowledgedAt?: string
  readonly mitigatedAt?: string
  readonly resolvedAt?: string
  readonly version: number
}
