import type { Clock, Random } from '@firebreak/core'
import type { FlyMachines } from './machines/machines.ts'
import type { FlyMetrics } from './metrics/metrics.ts'
import type { FlyReleases } from './releases/releases.ts'
import type { AppDetails } from './app-details.ts'
import type { CallOptions, FlyCall } from './transport/call.ts'
import type { PlatformStatus } from './platform-status.ts'

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
  /** `GET /api/v2/summary.json` of Fly's public status page: is the platform itself in trouble? */
  platformStatus(options?: CallOptions): FlyCall<PlatformStatus>
}
