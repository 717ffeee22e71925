import type { Clock, Link, Random, Symptom } from '@firebreak/core'

/** What every probe takes. */
export interface ProbeOptions {
  /** What is affected; on Fly, the app's name. */
  readonly service: string
  /** The signals' key: unique within a service, stable over restarts. Each probe has a default. */
  readonly name?: string | undefined
  /** Consecutive failures before it fires, so that one lost packet wakes nobody. Default 2; counted by the probe. */
  readonly confirm?: number | undefined
  /** Milliseconds without a repetition after which the signal is unknown, neither firing nor healthy. Default 60,000. */
  readonly staleAfterMs?: number | undefined
  readonly labels?: Readonly<Record<string, string>> | undefined
  readonly links?: readonly Link[] | undefined
  readonly clock?: Clock | undefined
  readonly random?: Random | undefined
}

/** For probes that know well and ill, and are told by their owner what ill means. */
export interface FactProbeOptions extends ProbeOptions {
  /**
   * What is true when the probe fails. Default: a complete outage. A database check says
   * `{ kind: 'dependency', name: 'postgres', role: 'database' }`, a probe of the checkout `{ kind: 'function', name: 'payments', critical: true }`.
   */
  readonly means?: Symptom | undefined
}

export const defaultConfirm = 2
export const defaultStaleAfterMs = 60_000
