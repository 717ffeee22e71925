import type { Signal } from './signal.ts'

/**
 * Looks at a service and says what it sees. Must answer a `resolved` signal for a key that it reported firing and that is
 * well again; must reject when it could not look (that is "the probe is broken", not "the service is down").
 */
export interface Probe {
  readonly name: string
  /** What it looks at, where that is known beforehand: there a broken probe is told. */
  readonly service?: string
  /**
   * The platform that it asks. A probe that cannot look is broken; one that cannot ask its platform is blind, and so is
   * everybody who would have to change something there.
   */
  readonly platform?: string
  observe(context: ProbeContext): Promise<readonly Signal[]>
}

export interface ProbeContext {
  /** Aborts when the look takes too long, or is no longer wanted. */
  readonly signal: AbortSignal
  /**
   * What fires on record for `service`, from whomever: a probe that remembers what it told can take back what an earlier
   * process told. Absent: not known here.
   */
  readonly firing?: readonly Signal[] | undefined
}
