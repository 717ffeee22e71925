import type { Clock, DeployTarget, HealthSource, Json } from '@firebreak/core'
import type { Automation } from '../automation.ts'
import type { PastIncident, ProbeHistory } from '../candidate-evidence.ts'
import type { Neighbours, PlatformStatusSource } from '../gather-suspect-facts.ts'
import type { UnitProbe } from '../judge-unit.ts'

export interface MitigatorOptions {
  /** The one service that may be acted on. Incidents of others are left alone. */
  readonly target: DeployTarget
  /** What users get. Without it nothing is ever proven, so nothing is automatic. */
  readonly health?: HealthSource | undefined
  /** Who decides, with every number; default `standardAutomation`. */
  readonly automation?: Automation | undefined
  /** How the other services are; default: the incidents that this one is linked with. */
  readonly neighbours?: Neighbours | undefined
  /** What the platform reports about itself; default: the target's own `platform`, when it has one. */
  readonly platform?: PlatformStatusSource | undefined
  /** Earlier incidents of the service: an image that was live in a P0 or P1 is no last good one. */
  readonly incidents?:
    | ((query: { service: string; signal: AbortSignal }) => Promise<readonly PastIncident[]>)
    | undefined
  /** Own probes of the past and of now, where there is little traffic. */
  readonly probes?: ProbeHistory | undefined
  readonly probe?: UnitProbe | undefined
  /** For effects; default the performer's. */
  readonly clock?: Clock | undefined
}

/** What is recorded with a claim: a takeover performs this, never a re-planned one. */
export type Effect =
  | { readonly do: 'suspect' }
  | {
      readonly do: 'plan'
      readonly base: string
      readonly from: number
      readonly attempt: number
      readonly mode: 'auto' | 'ask' | 'approved'
      readonly approval?: string
      readonly digest?: string
    }
  | { readonly do: 'unit'; readonly base: string; readonly digest: string; readonly unit: string }
  | { readonly do: 'record'; readonly base: string; readonly digest: string; readonly status: 'complete' | 'failed' }
  | { readonly do: 'verify'; readonly base: string; readonly digest: string; readonly since: number }
  /** `at`: when it was decided, in milliseconds since the epoch: what happened since may have been us. */
  | { readonly do: 'restart' | 'isolate' | 'rejoin'; readonly unit: string; readonly at: number }
  | { readonly do: 'scale'; readonly action: string; readonly memoryFactor: number }

/** Effects are plain data. */
export function effectOf(effect: Effect): Json {
  return effect as unknown as Json
}
