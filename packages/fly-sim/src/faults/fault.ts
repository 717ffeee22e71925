/** What can go wrong, by rule: what, where, when and how often. */
export interface Fault {
  readonly kind: FaultKind
  /** Only this app, machine (id or name), region, host or image reference. */
  readonly app?: string | undefined
  readonly machine?: string | undefined
  readonly region?: string | undefined
  readonly host?: string | undefined
  readonly image?: string | undefined
  /** Only this operation ('machines.update', 'machines.*'); of faults that strike at requests. */
  readonly operation?: string | undefined
  /** Milliseconds since the simulator was created. Default: from the start, for ever. */
  readonly fromMs?: number | undefined
  readonly untilMs?: number | undefined
  /** Lets so many matching occasions pass first. Default 0. Only of faults that strike. */
  readonly skip?: number | undefined
  /** Strikes so often, then no more. Default: once, or without end when a probability is given. Only of faults that strike. */
  readonly times?: number | undefined
  /** Strikes with this probability at each matching occasion, drawn from the seed. Default 1. Only of faults that strike. */
  readonly probability?: number | undefined
  /** For 'timeout', 'bad-gateway' and 'drop': the write happened nevertheless. Default false. */
  readonly effect?: boolean | undefined
  /** For 'rate-limit': the header's seconds; null sends none. Default 1. */
  readonly retryAfterSeconds?: number | null | undefined
  /** For 'bad-gateway' (502 or 504) and 'unavailable' (503). */
  readonly status?: number | undefined
  /**
   * For 'slow' the answer's delay (1,000), for 'slow-start' the start's (10,000), for 'clock-skew' how far ahead Fly's
   * clocks are (60,000; may be negative), for 'foreign-lease' how long it is held (30,000), for 'crash-loop' and 'oom'
   * how long a process lives (5,000).
   */
  readonly milliseconds?: number | undefined
}

/** Strike at an occasion (a request, an update) and are counted. */
export const strikingFaults = [
  'timeout',
  'rate-limit',
  'bad-gateway',
  'unavailable',
  'drop',
  'slow',
  'not-found',
  'redirect',
  'cut-answer',
  'huge-answer',
  'wrong-type',
  'capacity',
  'maintenance',
  'foreign-lease',
  'stale-version',
  'image-pull-failure',
  'autostop',
] as const

/** Hold for as long as the rule does. */
export const holdingFaults = [
  'unreachable-host',
  'crash-loop',
  'oom',
  'slow-start',
  'flapping-checks',
  'metrics-gap',
  'log-gap',
  'pruned-image',
  'clock-skew',
] as const

export type StrikingFaultKind = (typeof strikingFaults)[number]
export type HoldingFaultKind = (typeof holdingFaults)[number]
export type FaultKind = StrikingFaultKind | HoldingFaultKind
