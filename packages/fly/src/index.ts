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
export type { AppDetails } from './apps/app-details.ts'
export type { FlyApps, NewApp } from './apps/apps.ts'
export type {
  FlyOrganizations,
  Organization,
  OrganizationMachine,
  OrganizationMachineQuery,
} from './apps/organizations.ts'
export type { FlyRegions, Region, Regions } from './apps/regions.ts'
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
export type { FlyLeases, FlyMachines } from './machines/machines.ts'
export type { NewMachine } from './machines/create.ts'
export type { ExecRequest, ExecResult, MachineProcess } from './machines/exec.ts'
export type { MachineVersion } from './machines/history.ts'
export type { FlyLease, HeldLease, LeaseOptions } from './machines/lease.ts'
export type { MachineQuery } from './machines/list.ts'
export type { FlyMetadata } from './machines/metadata.ts'
export type { MachineWriteOptions, StartResult } from './machines/start.ts'
export type { RestartOptions, SignalName, StopOptions } from './machines/stop.ts'
export type { MachineChange, UpdateOptions } from './machines/update.ts'
export type { WaitQuery, WaitResult, WaitState } from './machines/wait.ts'
export type { FlyImage, FlyRelease } from './releases/release.ts'
export type { FlyReleases, NewRelease, ReleaseQuery } from './releases/releases.ts'
export type { FlyLogs, LogEntry, LogQuery } from './logs/logs.ts'
export type { FigureQuery, FlyMetrics } from './metrics/metrics.ts'
export type { MetricView } from './metrics/figures.ts'
export type { MetricSample, MetricSeries } from './metrics/prometheus.ts'
export type { ScalePlan, ScaleRequest } from './scale/plan.ts'
export type { FlyScale, MachineSize, ScaleOptions } from './scale/scale.ts'
export type { AppStatus, CheckRow, CheckSummary, MachineStatus, RunningVersion } from './status/app-status.ts'
export type { PlatformIncident, PlatformStatus } from './status/platform-status.ts'

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
  FlyCrashedError,
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
