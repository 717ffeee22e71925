import { compareSeverity, type Severity } from '@firebreak/core'

/** `null`: the source says that it is no problem at all, such as Prometheus's Watchdog; no signal is made of it. */
export type SeverityWords = Readonly<Record<string, Severity | null>>

/**
 * What monitoring systems write into `severity`, `priority` and `level` labels, lower-case. Where dialects disagree the
 * higher level wins; `p0` to `p3` are ours.
 */
export const standardSeverityWords: SeverityWords = {
  p0: 'P0',
  p1: 'P1',
  p2: 'P2',
  p3: 'P3',
  p4: 'P3',
  p5: 'P3',
  sev0: 'P0',
  sev1: 'P0',
  sev2: 'P1',
  sev3: 'P2',
  sev4: 'P3',
  sev5: 'P3',
  emergency: 'P0',
  disaster: 'P0',
  fatal: 'P0',
  critical: 'P0',
  crit: 'P0',
  blocker: 'P0',
  page: 'P1',
  alert: 'P1',
  error: 'P1',
  high: 'P1',
  major: 'P1',
  urgent: 'P1',
  warning: 'P2',
  warn: 'P2',
  medium: 'P2',
  moderate: 'P2',
  average: 'P2',
  minor: 'P2',
  ticket: 'P2',
  notice: 'P3',
  low: 'P3',
  info: 'P3',
  informational: 'P3',
  information: 'P3',
  debug: 'P3',
  trivial: 'P3',
  none: null,
  ok: null,
}

/** The worse of what was stated and what the source may state. */
export function capped(severity: Severity, maxSeverity: Severity): Severity {
  return compareSeverity(severity, maxSeverity) < 0 ? maxSeverity : severity
}
