/** What can go wrong, by rule. A rule says what, where, when and how often. */
export interface Fault {
  readonly kind: FaultKind
  /** Only this app, machine, region, or image reference. */
  readonly app?: string | undefined
  readonly machine?: string | undefined
  readonly region?: string | undefined
  readonly image?: string | undefined
  /** Only this operation ('machines.update', 'machines.*'); for faults that answer a request. */
  readonly operation?: string | undefined
  /** Milliseconds since the simulator was created. Default: from the start, for ever. */
  readonly fromMs?: number | undefined
  readonly untilMs?: number | undefined
  /** Lets so many matching occasions pass first. Default 0. */
  readonly skip?: number | undefined
  /** Strikes so often, then no more. Default: once, or without end when a probability is given. */
  readonly times?: number | undefined
  /** Strikes with this probability at each matching occasion, drawn from the seed. Default 1. */
  readonly probability?: number | undefined
  /** For 'timeout', 'bad-gateway' and 'drop': the write happened nevertheless. Default false. */
  readonly effect?: boolean | undefined
  /** For 'rate-limit': the header's seconds; null sends none. Default 1. */
  readonly retryAfterSeconds?: number | null | undefined
  /** For 'bad-gateway' (502 or 504) and 'unavailable' (503). */
  readonly status?: number | undefined
  /** For 'slow': the answer's delay; for 'slow-start': the start's; for 'clock-skew': how far ahead; for 'foreign-lease': how long held. */
  readonly milliseconds?: number | undefined
}

/** Answers to requests, or to the moment when something is asked for. */
export const requestFaults = [
  'timeout',
  'rate-limit',
  'bad-gateway',
  'unavailable',
  'drop',
  'slow',
  'capacity',
  'maintenance',
  'foreign-lease',
  'stale-version',
  'not-found',
  'autostop',
] as const

/** States of the world, for as long as the rule holds. */
export const worldFaults = [
  'image-pull-failure',
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

export type RequestFaultKind = (typeof requestFaults)[number]
export type WorldFaultKind = (typeof worldFaults)[number]
export type FaultKind = RequestFaultKind | WorldFaultKind
