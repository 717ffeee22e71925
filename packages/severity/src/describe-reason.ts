import type { Reason } from '@firebreak/core'
import { duration, percent, quoted, readable } from './figures.ts'

/**
 * The sentence for a reason, with the number, the threshold and the denominator: "error rate 61 % is over 50 % (111 of 183)".
 * One line of plain text; names that others chose are bounded and stripped of control characters, not escaped for a target.
 */
export function describeReason(reason: Reason): string {
  const { detail = {}, rule } = reason
  const sentence = Object.hasOwn(sentences, rule) ? sentences[rule]!(reason, detail) : plain(reason)
  const unconfirmed = detail.unconfirmed === undefined ? '' : `, ${quoted(detail.unconfirmed)} once seen again`
  return sentence + unconfirmed
}

type Sentence = (reason: Reason, detail: NonNullable<Reason['detail']>) => string

const sentences: Readonly<Record<string, Sentence>> = {
  errorRate(reason, detail) {
    const { failed, requests, volume, bound } = detail
    const of = failed === undefined ? '' : ` (${failed} of ${requests})`
    if (typeof bound === 'number') return fewRequests(reason, bound, of)
    const unknown = volume === 'unknown' ? ' (volume unknown)' : ''
    return `error rate ${comparison(reason, percent)}${of}${unknown}${note(reason)}`
  },
  latency(reason, { ms, baselineMs }) {
    const figures = ms === undefined ? '' : ` (${figure(ms)} ms, baseline ${figure(baselineMs)} ms)`
    return `response time ${comparison(reason, multiple)} baseline${figures}${note(reason)}`
  },
  checks(_reason, { passing, total, intermittent }) {
    if (passing === undefined) return 'health checks fail'
    const now = `${passing} of ${total} checks pass`
    return intermittent === true ? `checks fail intermittently (${now} now)` : now
  },
  crash({ observed }, { oom, exitCode, windowMs, loop, loopMs }) {
    const span = typeof windowMs === 'number' ? ` in ${duration(windowMs)}` : ''
    const limit = loop === undefined ? '' : `; ${loop} in ${duration(Number(loopMs))} is a crash loop`
    const code = exitCode === undefined ? '' : `, exit code ${exitCode}`
    return `${observed} ${observed === 1 ? 'crash' : 'crashes'}${span}${oom === true ? ', out of memory' : code}${limit}`
  },
  capacity: (reason, { resource }) => `${quoted(resource ?? 'capacity')} ${comparison(reason, percent)}${note(reason)}`,
  burnRate({ observed, threshold }, { slo, long, longMs, short, shortMs }) {
    if (typeof long !== 'number' || typeof short !== 'number') return `burn rate ${observed} is over ${threshold}`
    const one = `${readable(long, Number(threshold))} over ${duration(Number(longMs))}`
    const other = `${readable(short, Number(threshold))} over ${duration(Number(shortMs))}`
    return `burn rate ${one} and ${other}, both over ${threshold} (objective ${percent(Number(slo), 1)})`
  },
  outage: ({ observed }) => `${quoted(observed)} outage`,
  security: (_reason, { detail }) => `security incident: ${quoted(detail ?? 'no detail')}`,
  dependency: (_reason, { name, role }) =>
    `${role === 'database' ? 'database' : 'dependency'} ${quoted(name ?? '')} is unavailable`,
  function: (_reason, { name, critical }) =>
    `${critical === true ? 'critical' : 'non-critical'} function ${quoted(name ?? '')} is broken`,
  warning: (_reason, { detail }) => `warning: ${quoted(detail ?? 'no detail')}`,
  stated: ({ observed }) => `stated as ${quoted(observed)}`,
  pinned: ({ level }) => `pinned to ${level} by a person`,
  held: ({ level, observed }, { until, waitsFor }) => {
    const now = `${level} is held, now ${quoted(observed)}`
    if (until !== undefined) return `${now}; lowered at ${quoted(until)} if it stays calm`
    return waitsFor === undefined ? now : `${now}; waits for ${quoted(waitsFor)}`
  },
}

function fewRequests({ level, observed, threshold }: Reason, bound: number, of: string): string {
  const ratio = percent(Number(observed))
  const sure = `few requests, surely over ${percent(bound, Number(threshold))}`
  return `error rate ${ratio}${of}: ${sure}, so ${level}`
}

function comparison(reason: Reason, format: (value: number, against?: number) => string): string {
  const observed = Number(reason.observed)
  const threshold = Number(reason.threshold)
  const over = reason.detail?.exclusive ?? observed > threshold
  const value = format(observed, threshold)
  return over === true ? `${value} is over ${format(threshold)}` : `${value} is ${format(threshold)} or more`
}

function multiple(value: number, against?: number): string {
  return `${readable(value, against)} ×`
}

function figure(value: unknown): string {
  return typeof value === 'number' ? readable(value) : quoted(value)
}

function note({ detail }: Reason): string {
  return detail?.note === undefined ? '' : `, ${quoted(detail.note)}`
}

function plain({ rule, observed, threshold }: Reason): string {
  return `${quoted(rule)}: ${quoted(observed)} (threshold ${quoted(threshold)})`
}
