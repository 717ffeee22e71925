import type { HealthSample, Release, Severity, Symptom, Unit } from '@firebreak/core'

/** Somebody who saw the trouble, and for how long. Times in milliseconds since the epoch. */
export interface SourceSeen {
  readonly source: string
  /** Read by the responder itself: what others told is never evidence for a write. */
  readonly measured: boolean
  readonly since: number
  readonly until: number
}

/** Another service of ours, around the onset. */
export interface Neighbour {
  readonly service: string
  /** When it fell ill; `null`: it is well. */
  readonly onsetAt: number | null
  /** When its newest release went live; `null`: none near, or not known. */
  readonly releasedAt: number | null
}

/** What the six tests are asked of. `null` and absent mean "not known", which is never "fine". */
export interface SuspectFacts {
  readonly service: string
  /** Milliseconds since the epoch. */
  readonly now: number
  /** First bad sample, not the page. */
  readonly onsetAt: number
  readonly severity: Severity | null
  readonly releases: readonly Release[]
  readonly units: readonly Unit[]
  /** What users get now, by unit where the source can tell. */
  readonly current: HealthSample | null
  /** The minutes before the release went live. */
  readonly before: HealthSample | null
  /** The time before the onset, for the request rate. */
  readonly earlier: HealthSample | null
  /** Of the signals that fire. */
  readonly symptoms: readonly Symptom[]
  /** Units that exited by themselves, as our own probes saw. */
  readonly crashed?: readonly string[]
  readonly sources: readonly SourceSeen[]
  /** `null`: nobody could say. */
  readonly neighbours: readonly Neighbour[] | null
  /** Incidents that the platform reports; `null`: it could not be asked; absent: there is no one to ask. */
  readonly platform?: readonly string[] | null
}
