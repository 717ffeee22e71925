import type { Severity } from '@firebreak/core'
import type { Bounds } from './bounds-text.ts'
import type { BurnRateRule, LevelPolicy, SeverityPolicy } from '../policy.ts'

export type BandRule = 'errorRate' | 'latency' | 'disk' | 'memory' | 'cpu' | 'concurrency'

export type FactName =
  | 'outage.complete'
  | 'outage.partial'
  | 'checks.none'
  | 'checks.some'
  | 'security'
  | 'dependency.database'
  | 'dependency.other'
  | 'function.critical'
  | 'function.other'
  | 'crash.repeated'
  | 'crash.fewer'
  | 'warning'

/** What a document states, before it is filled up and put together. */
export interface Draft {
  name?: string
  readonly levels: Map<Severity, { -readonly [Field in keyof LevelPolicy]?: LevelPolicy[Field] }>
  readonly bands: Map<BandRule, Map<Severity, Bounds & { readonly note?: string }>>
  /** Rules of which the document has the whole row: a level that is not in it has none. */
  readonly whole: Set<string>
  readonly facts: Map<FactName, Severity>
  readonly burnRate: BurnRateRule[]
  crashLoop?: { readonly count: number; readonly windowMs: number }
  readonly settings: Partial<Settings>
}

/** The numbers beside the levels. `null` is a stated absence. */
export interface Settings {
  slo: number | null
  faceValueFrom: number
  boundFrom: number
  z: number
  atMost: Severity
  fewRequestsWindowsMs: readonly number[]
  minimumDifferenceMs: number
  minimumSamples: number
  evaluateEveryMs: number
  windowsMs: readonly number[]
  raiseAfter: number
  lowerAfterMs: number
  exitFactor: number
  staleAfterMs: number | null
}

export function emptyDraft(): Draft {
  return {
    levels: new Map(),
    bands: new Map(),
    whole: new Set(),
    facts: new Map(),
    burnRate: [],
    settings: {},
  }
}

export function settingsOf({ slo, errorRate, latency, timing }: SeverityPolicy): Settings {
  const { windowsMs: fewRequestsWindowsMs, ...fewRequests } = errorRate.fewRequests
  const { minimumDifferenceMs, minimumSamples } = latency
  return {
    slo: slo ?? null,
    ...fewRequests,
    fewRequestsWindowsMs,
    minimumDifferenceMs,
    minimumSamples,
    ...timing,
    staleAfterMs: timing.staleAfterMs ?? null,
  }
}
