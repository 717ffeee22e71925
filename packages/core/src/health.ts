/** What users got from one unit, one region or the whole. `null` is "not known", which is not zero. */
export interface HealthFigures {
  /** Requests answered or failed in the span; 0 is no traffic, and then nothing is known about errors. */
  readonly requests: number | null
  readonly errors: number | null
  /** errors / requests, 0…1; `null` without traffic. */
  readonly errorRatio: number | null
  readonly p95Ms: number | null
}

export interface HealthSample extends HealthFigures {
  /** Milliseconds since the epoch. What was really covered, which may be less than what was asked for. */
  readonly since: number
  readonly until: number
  /** Where it was measured: 'fly-edge', 'fly-app', 'prometheus', … */
  readonly source: string
  /** By unit id, where the source can tell. */
  readonly units?: Readonly<Record<string, HealthFigures>>
  readonly regions?: Readonly<Record<string, HealthFigures>>
  /**
   * Where the units' figures were measured, when that is another place than the whole's: at the machines, say, and not at the
   * edge. Then they are a second witness; figures of one counter, split, are not.
   */
  readonly unitsSource?: string
}

export interface HealthQuery {
  /** Milliseconds since the epoch. */
  readonly since: number
  readonly until: number
  /**
   * Only these units; a source that cannot tell units apart must reject with `HEALTH_NOT_PER_UNIT`. Of a unit nothing may
   * count that it answered before `since`: it is judged by what came after its update.
   */
  readonly units?: readonly string[] | undefined
  readonly signal: AbortSignal
}

/** What users get: requests, errors, latency over a span, per unit when the platform can tell. No traffic is not "no errors". */
export interface HealthSource {
  /**
   * How much older than `since` the first requests of a sample of the whole may be, in milliseconds: counters are read only
   * every so often. Whoever must not count what was before a change waits for so long. Default 0.
   */
  readonly resolutionMs?: number
  sample(query: HealthQuery): Promise<HealthSample>
}
