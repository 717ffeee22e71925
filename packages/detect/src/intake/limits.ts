import { numberIn, wholeIn } from '../numbers.ts'

/** What is refused before it is parsed. */
export interface IntakeLimits {
  /** Default 4 MiB. */
  readonly maxBytes: number
  /** Alerts in one body. Default 10,000. */
  readonly maxAlerts: number
  /** Levels of nesting. Default 16. */
  readonly maxDepth: number
  /** Milliseconds for the body to arrive. Default 10,000. */
  readonly bodyTimeoutMs: number
}

export const defaultLimits: IntakeLimits = {
  maxBytes: 4 * 1024 * 1024,
  maxAlerts: 10_000,
  maxDepth: 16,
  bodyTimeoutMs: 10_000,
}

export type IntakeLimitOptions = { readonly [Limit in keyof IntakeLimits]?: number | undefined }

export function readLimits(options: IntakeLimitOptions = {}, defaults: IntakeLimits = defaultLimits): IntakeLimits {
  return {
    maxBytes: wholeIn(options.maxBytes ?? defaults.maxBytes, 'limits.maxBytes', 1),
    maxAlerts: wholeIn(options.maxAlerts ?? defaults.maxAlerts, 'limits.maxAlerts', 1),
    maxDepth: wholeIn(options.maxDepth ?? defaults.maxDepth, 'limits.maxDepth', 2, 1_000),
    bodyTimeoutMs: numberIn(options.bodyTimeoutMs ?? defaults.bodyTimeoutMs, 'limits.bodyTimeoutMs', 1),
  }
}
