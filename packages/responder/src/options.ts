import type { Bus, Clock, IncidentLog, Probe, Random, Severity } from '@firebreak/core'
import type { SeverityPolicy } from '@firebreak/severity'
import type { HeartbeatOptions } from './heartbeat.ts'
import type { HttpOptions } from './http/options.ts'
import type { Logger } from './logger.ts'
import type { AnyPart } from './loop/plan.ts'

export interface ResponderOptions {
  /** Where events are kept: the truth, and the coordination between several responders. The caller closes it. */
  readonly log: IncidentLog
  /** What this responder does; see `standardRunbook`. */
  readonly parts: readonly AnyPart[]
  readonly probes?: readonly Probe[] | undefined
  /** How often each probe looks, in milliseconds; default 15,000. */
  readonly probeEveryMs?: number | undefined
  /** Time limit of one look of one probe, in milliseconds; default 15,000. */
  readonly probeTimeoutMs?: number | undefined
  readonly http?: HttpOptions | undefined
  /** Beats to an outside dead-man's switch, which calls people when they stop. */
  readonly heartbeat?: HeartbeatOptions | undefined
  readonly policy?: SeverityPolicy | undefined
  readonly bus?: Bus | undefined
  readonly clock?: Clock | undefined
  readonly random?: Random | undefined
  readonly logger?: Logger | undefined
  /** Acting stops while this file exists, or cannot be looked at. `FIREBREAK_HOLD=1` does the same. */
  readonly holdFile?: string | undefined
  /** A repeated firing signal is recorded once in so many milliseconds; default 60,000. */
  readonly repeatEveryMs?: number | undefined
  /** A service that falls ill again within so many milliseconds reopens its incident; default 30 min. */
  readonly reopenWithinMs?: number | undefined
  /** Incidents whose onsets lie so close are linked, in milliseconds; default 5 min. -1: none are. */
  readonly linkWithinMs?: number | undefined
  /** How often the log is asked for what others appended, where it cannot tell; default: never. */
  readonly pollEveryMs?: number | undefined
  /**
   * How many open incidents stay in memory although nothing is due of them within 5 s; the others are read from the log again
   * when there is something to do. Default 1,000.
   */
  readonly mostInMemory?: number | undefined
  /** An acknowledgement without note or action lapses after so many milliseconds; default P0 30 min, P1 2 h, P2 and P3 24 h. */
  readonly acknowledgementLapsesAfterMs?: Partial<Record<Severity, number>> | undefined
}
