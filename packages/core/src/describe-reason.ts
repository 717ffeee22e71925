import { formatDuration, formatNumber, formatPercent, oneLine } from './figures.ts'
import type { Reason } from './signal.ts'

/**
 * The sentence for a reason, with the number, the threshold and the denominator: "error rate 61 % is over 50 % (111 of 183)".
 * One line of plain text; names that others chose are bounded and stripped of control characters, not escaped for a target.
 */
export function describeReason(reason: Reason): string {
  const { detail = {}, rule } = reason
  const sentence = Object.hasOwn(sentences, rule) ? sentences[rule]!(reason, detail) : plain(reason)
  const unconfirmed = detail.unconfirmed === undefined ? '' : `, ${oneLine(detail.unconfirmed)} once seen again`
  return sentence + unconfirmed
}

type Sentence = (reason: Reason, detail: NonNullable<Reason['detail']>) => string

const sentences: Readonly<Record<string, Sentence>> = {
  errorRate(reason, detail) {
    const { failed, requests, volume, bound } = detail
    const of = failed === undefined ? '' : ` (${failed} of ${Math.round(Number(requests))})`
    if (typeof bound === 'number') return fewRequests(reason, bound, of)
    const unknown = volume === 'unknown' ? ' (volume unknown)' : ''
    return `error rate ${comparison(reason, formatPercent)}${of}${unknown}${note(reason)}`
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
    const span = typeof windowMs === 'number' ? ` in ${formatDuration(windowMs)}` : ''
    const limit = loop === undefined ? '' : `; ${loop} in ${formatDuration(Number(loopMs))} is a crash loop`
    const code = exitCode === undefined ? '' : `, exit code ${exitCode}`
    return `${observed} ${observed === 1 ? 'crash' : 'crashes'}${span}${oom === true ? ', out of memory' : code}${limit}`
  },
  capacity: (reason, { resource }) =>
    `${oneLine(resource ?? 'capacity')} ${comparison(reason, formatPercent)}${note(reason)}`,
  burnRate({ observed, threshold }, { slo, long, longMs, short, shortMs }) {
    if (typeof long !== 'number' || typeof short !== 'number') return `burn rate ${observed} is over ${threshold}`
    const one = `${formatNumber(long, Number(threshold))} over ${formatDuration(Number(longMs))}`
    const other = `${formatNumber(short, Number(threshold))} over ${formatDuration(Number(shortMs))}`
    return `burn rate ${one} and ${other}, both over ${threshold} (objective ${formatPercent(Number(slo), 1)})`
  },
  outage: ({ observed }) => `${oneLine(observed)} outage`,
  security: (_reason, { detail }) => `security incident: ${oneLine(detail ?? 'no detail')}`,
  dependency: (_reason, { name, role }) =>
    `${role === 'database' ? 'database' : 'dependency'}${named(name)} is unavailable`,
  function: (_reason, { name, critical }) =>
    `${critical === true ? 'critical' : 'non-critical'} function${named(name)} is broken`,
  warning: (_reason, { detail }) => `warning: ${oneLine(detail ?? 'no detail')}`,
  stated: ({ observed }) => `stated as ${oneLine(observed)}`,
  pinned: ({ level }) => `pinned to ${level} by a person`,
  held: ({ level, observed }, { until, waitsFor }) => {
    const now = `${level} is held, now ${oneLine(observed)}`
    if (until !== undefined) return `${now}; lowered at ${oneLine(until)} if it stays calm`
    return waitsFor === undefined ? now : `${now}; waits for ${oneLine(waitsFor)}`
  },
}

function fewRequests({ level, observed, threshold }: Reason, bound: number, of: string): string {
  const ratio = formatPercent(Number(observed))
  const sure = `few requests, surely over ${formatPercent(bound, Number(threshold))}`
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
  return `${formatNumber(value, against)} ×`
}

function figure(value: unknown): string {
  return typeof value === 'number' ? formatNumber(value) : oneLine(value)
}

function named(name: unknown): string {
  return name === undefined || name === '' ? '' : ` ${oneLine(name)}`
}

function note({ detail }: Reason): string {
  return detail?.note === undefined ? '' : `, ${oneLine(detail.note)}`
}

function plain({ rule, observed, threshold }: Reason): string {
  return `${oneLine(rule)}: ${oneLine(observed)} (threshold ${oneLine(threshold)})`
}
