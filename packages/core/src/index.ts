/**
 * The vocabulary, the ports and the few mechanisms that all of Firebreak shares. Imports nothing of ours, and no zod:
 * schemas are in `@firebreak/core/schemas`, business time in `@firebreak/core/calendar`, test tools in `@firebreak/core/testing`.
 */

// vocabulary
export type { Json, JsonObject, NonEmpty } from './json.ts'
export type { Severity } from './severity.ts'
export type { Burn, Inconclusive, Link, Reason, Signal, Symptom, SymptomKind } from './signal.ts'
export type {
  ActionFinished,
  ActionStarted,
  BusOnlyEvents,
  EventData,
  EventType,
  FirebreakEvents,
  IncidentAssessed,
  SignalObserved,
} from './events.ts'
export type {
  DigestSent,
  EscalationExhausted,
  PageDelivered,
  PageFailed,
  PageKind,
  PageRequested,
  PageSent,
  PageWithdrawn,
} from './events-paging.ts'
export type {
  ApprovalDecided,
  ApprovalRequested,
  EvidenceCaptured,
  GuardRefused,
  HoldPlaced,
  HoldReleased,
  Illness,
  IllUnit,
  ImpactEstimated,
  LedgerCharged,
  LedgerSettled,
  MitigationFinished,
  ReleaseQuarantined,
  ReleaseSuspected,
  RollbackFailed,
  RollbackPlanned,
  RollbackVerified,
  SuspectTest,
  SuspectTestName,
  SuspectVerdict,
  UnitUpdated,
} from './events-mitigation.ts'
export type { DataOf, NewEvent, RecordedEvent, StreamId } from './recorded.ts'
export type { ActionState, Incident, IncidentStatus, IncidentSummary, PageState, SignalState } from './incident.ts'
export type { ServiceRecord } from './service.ts'
export type { Desk } from './desk.ts'

// ports
export type { Clock } from './clock.ts'
export type { Random } from './random.ts'
export type { Notifier, Page, Reach, Receipt, SendContext } from './notifier.ts'
export type { Probe, ProbeContext } from './probe.ts'
export type { HealthFigures, HealthQuery, HealthSample, HealthSource } from './health.ts'
export type {
  DeployTarget,
  EffectContext,
  Lock,
  PlatformStatus,
  Release,
  ReleaseRecord,
  ScaleRequest,
  Unit,
  UnitCheck,
  UnitState,
} from './target.ts'
export type { Journal, JournalEntry } from './journal.ts'
export type {
  Appended,
  Expected,
  IncidentLog,
  IncidentQuery,
  Position,
  PositionedEvent,
  Presence,
  SnapshotStore,
  StreamHead,
  Subscription,
  Write,
} from './incident-log.ts'
export type { Action, Alarm, EffectAction, Outcome, Part, PerformContext, RecordAction, Subject, View } from './part.ts'

// the bus
export type { Bus, Disposer, EventMap, Payload, Teller } from './bus.ts'
export { createBus } from './bus.ts'

// the log and the bus, for wiring of one's own
export type { Decide, RecordOptions } from './record.ts'
export { record } from './record.ts'
export type { Effect, OnceContext, OnceOptions, OnceResult } from './once.ts'
export { once } from './once.ts'
export type { IncidentJournalOptions } from './incident-journal.ts'
export { incidentJournal } from './incident-journal.ts'
export type { RelayOptions } from './relay.ts'
export { relay } from './relay.ts'

// time and chance
export { systemClock } from './clock.ts'
export { createCode, createId, seededRandom, systemRandom } from './random.ts'
export type { Deadline } from './deadline.ts'
export { withDeadline } from './deadline.ts'
export type { RetryOptions, RetryPolicy } from './retry.ts'
export { defaultRetry, isWorthRetrying, retry } from './retry.ts'
export { parseRetryAfter } from './retry-after.ts'

// errors
export type { CoreErrorCode, FirebreakErrorOptions } from './errors.ts'
export { AbortedError, FirebreakError, InvalidInput, NetworkError, required, TimeoutError } from './errors.ts'
export { ClaimLost, IdConflict, isVersionConflict, UnitChanged, VersionConflict } from './log-errors.ts'
export type { NotifyErrorOptions, NotifyOutcome } from './notify-error.ts'
export { NotifyError } from './notify-error.ts'
export { redact, redactSecrets } from './redact.ts'

// what people read
export { describeReason } from './describe-reason.ts'
export { formatDuration, formatNumber, formatPercent, oneLine } from './figures.ts'

// state from events
export type { StateOf } from './fold/stream.ts'
export { emptyState } from './fold/stream.ts'
export { isEvent } from './recorded.ts'
export { compareSeverity, severities, worst } from './severity.ts'
export { applyEvent, emptyIncident, reduceIncident } from './fold/incident.ts'
export { applyServiceEvent, emptyService, reduceService } from './fold/service.ts'
export { applyDeskEvent, emptyDesk, reduceDesk } from './fold/desk.ts'
export { sparse, writable } from './fold/sparse.ts'
export { summarize } from './fold/summary.ts'
export { activeHold, serviceStream } from './service.ts'
export { deskStream } from './desk.ts'
export type { ChainLink, ChainVerdict, Sealed } from './chain.ts'
export { digestData, linkOf, seal, verifyChain } from './chain.ts'
