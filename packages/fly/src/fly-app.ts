import type { Clock, Random } from '@firebreak/core'
import type { AppDetails } from './apps/app-details.ts'
import type { FlyLogs, LogQuery } from './logs/logs.ts'
import type { FlyMachines } from './machines/machines.ts'
import type { FlyMetrics } from './metrics/metrics.ts'
import type { FlyReleases } from './releases/releases.ts'
import type { FlyScale } from './scale/scale.ts'
import type { AppStatus, CheckRow } from './status/app-status.ts'
import type { PlatformStatus } from './status/platform-status.ts'
import type { CallOptions, FlyCall } from './transport/call.ts'

/** One app on Fly. */
export interface FlyApp {
  readonly name: string
  readonly clock: Clock
  readonly random: Random
  /** `GET /v1/apps/{app}` */
  get(options?: CallOptions): FlyCall<AppDetails>
  readonly machines: FlyMachines
  readonly releases: FlyReleases
  readonly metrics: FlyMetrics
  readonly scale: FlyScale
  /** `GET /api/v1/apps/{app}/logs`, as it comes: `for await (const entry of app.logs({ signal }))`. */
  logs(query?: LogQuery): FlyLogs
  /** What `fly status` shows, from `GET /v1/apps/{app}`, its machines, and the current release. */
  status(options?: CallOptions): Promise<AppStatus>
  /** What `fly checks list` shows, from `GET /v1/apps/{app}/machines`; Fly's own compatibility checks are left out. */
  checks(options?: CallOptions & { readonly name?: string | undefined }): Promise<readonly CheckRow[]>
  /** `GET /api/v2/summary.json` of Fly's public status page: is the platform itself in trouble? */
  platformStatus(options?: CallOptions): FlyCall<PlatformStatus>
  /**
   * While the Machines API does not answer: what to paste into a request to Fly's support. From memory; nothing is asked.
   * `undefined`: it answered the last request.
   */
  supportText(): string | undefined
}
