/**
 * A client of Fly.io, and Fly.io as `DeployTarget`, `HealthSource` and `Probe`.
 * Not exported: the transport, the schemas, and how answers become errors.
 */

// the client
export type { Fly } from './fly.ts'
export type { FlyApp } from './fly-app.ts'
export type { FlyOptions } from './options.ts'
export type { Answered, CallOptions, FlyCall } from './transport/call.ts'
export type { FlyList } from './transport/list.ts'
export type { Pace, Pacing } from './transport/pacing.ts'
export { createFly } from './fly.ts'

// what it reads and writes
export type { AppDetails } from './app-details.ts'
export type {
  CheckResult,
  Guest,
  ImageRef,
  Machine,
  MachineCheck,
  MachineConfig,
  MachineEvent,
  MachineService,
  MachineState,
} from './machines/machine.ts'
export type { FlyLeases, FlyMachines, MachineQuery, RestartOptions, StopOptions } from './machines/machines.ts'
export type { FlyLease, HeldLease, LeaseOptions } from './machines/lease.ts'
export type { MachineWriteOptions, StartResult } from './machines/lifecycle.ts'
export type { MachineChange, UpdateOptions } from './machines/update.ts'
export type { WaitQuery, WaitResult, WaitState } from './machines/wait.ts'
export type { FlyImage, FlyRelease } from './releases/release.ts'
export type { FlyReleases, NewRelease, ReleaseQuery } from './releases/releases.ts'
export type { FlyMetrics } from './metrics/metrics.ts'
export type { MetricSample, MetricSeries } from './metrics/prometheus.ts'
export type { PlatformIncident, PlatformStatus } from './platform-status.ts'

// Fly.io behind the ports
export type { FlyTargetOptions } from './target/fly-target.ts'
export type { FlyHealthOptions } from './health/fly-health.ts'
export type { FlyProbeOptions } from './probe/fly-probe.ts'
export { flyTarget } from './target/fly-target.ts'
export { flyHealth } from './health/fly-health.ts'
export { flyProbe } from './probe/fly-probe.ts'

// errors
export type { FlyErrorCode, FlyErrorDetails } from './errors/fly-error.ts'
export { FlyError } from './errors/fly-error.ts'
export type { FlyConflictCode } from './errors/kinds.ts'
export {
  FlyAbortedError,
  FlyCapacityError,
  FlyConflictError,
  FlyForbiddenError,
  FlyGraphqlError,
  FlyInvalidRequestError,
  FlyNetworkError,
  FlyNotFoundError,
  FlyPlatformError,
  FlyPreconditionError,
  FlyRateLimitedError,
  FlyTimeoutError,
  FlyUnauthorizedError,
  FlyUnexpectedAnswerError,
  FlyWaitTimeoutError,
} from './errors/kinds.ts'
export { FlyLockHeldError, FlyUntouchableError } from './target/target-error.ts'
export { HealthNotPerUnitError } from './health/fly-health.ts'
