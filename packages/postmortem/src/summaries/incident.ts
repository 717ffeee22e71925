import { describeReason, formatPercent, type Inconclusive, type Reason } from '@firebreak/core'
import { counted, items, type Loose, plural, said, sentence, when } from '../said.ts'
import type { Summaries } from './summary.ts'

/** The course of the incident itself: what was seen, how bad it was held to be, how it ended. */
export const incidentSummaries: Summaries<
  | 'signal.observed'
  | 'signal.refused'
  | 'incident.opened'
  | 'incident.assessed'
  | 'incident.linked'
  | 'incident.mitigated'
  | 'incident.resolved'
  | 'incident.reopened'
  | 'impact.estimated'
  | 'evidence.captured'
> = {
  'signal.observed'(data) {
    const signals = [data, ...items(data.also)]
    const lead = signals.find(({ status }) => status === 'firing') ?? data
    const { source, status, summary, key, measured } = lead
    const told = measured === false ? ' (told, not measured)' : ''
    const clear = status === 'resolved' ? 'clear: ' : ''
    const more = signals.length - 1
    return sentence([
      `${said(source)}: ${clear}${said(summary === undefined || summary === '' ? key : summary)}${told}`,
      typeof data.repeats === 'number' && data.repeats > 0 ? `repeated ${plural(data.repeats, 'time')}` : undefined,
      more > 0 ? `with ${plural(more, 'more signal')}` : undefined,
    ])
  },
  'signal.refused': ({ source, code, reason }) =>
    `signal from ${said(source)} refused: ${said(reason)} (${said(code)})`,
  'incident.opened': ({ code, service, onsetAt, reported }, { time }) =>
    `incident ${said(code)} opened for ${said(service)}; began ${time(onsetAt)}${reported === true ? '; reported by a person' : ''}`,
  'incident.assessed'({ severity, previous, reasons, inconclusive }) {
    const was = previous === undefined || previous === null ? '' : ` (was ${said(previous)})`
    const why = items(reasons).map(reasonText).join('; ')
    const open = items(inconclusive).map(inconclusiveText).join('; ')
    const level = severity === null ? 'no level' : said(severity)
    return sentence([`${level}${was}${why === '' ? '' : `: ${why}`}`, open === '' ? '' : `not judged: ${open}`], '; ')
  },
  'incident.linked': ({ incident, why }) => `linked with ${said(incident)}: ${said(why)}`,
  'incident.mitigated': ({ how }) => `mitigated: ${said(how)}`,
  'incident.resolved': ({ by, why }) => `resolved by ${said(by)}: ${said(why)}`,
  'incident.reopened': ({ why }) => `opened again: ${said(why)}`,
  'impact.estimated'({ failedRequests, requests, share, regions, since, until }, { time }) {
    const of = typeof requests === 'number' ? ` of ${counted(requests)}` : ''
    const unknownOf = `an unknown number${of === '' ? ' of' : of}`
    const places = items(regions).map((region) => said(region))
    return sentence([
      `${typeof failedRequests === 'number' ? `${counted(failedRequests)}${of}` : unknownOf} requests failed${
        typeof share === 'number' ? ` (${formatPercent(share)} of the traffic)` : ''
      }`,
      places.length > 0 ? `in ${places.join(' and ')}` : 'regions unknown',
      `${time(since)} to ${time(until)}`,
    ])
  },
  'evidence.captured'({ items: saved, missing }) {
    const what = items(saved).map(({ kind, summary }) => `${said(kind)} (${said(summary)})`)
    const not = items(missing).map((entry) => said(entry))
    return sentence(
      [
        what.length > 0 ? `saved before anything changes: ${what.join(', ')}` : 'nothing could be saved',
        not.length > 0 && `missing: ${not.join(', ')}`,
      ],
      '; ',
    )
  },
}

export function reasonText(reason: Loose<Reason>): string {
  const { level = 'P3', rule = 'unknown', observed = 'unknown', threshold = 'unknown', detail } = reason ?? {}
  const known = Object.entries(detail ?? {}).filter((entry): entry is [string, string | number | boolean] =>
    ['string', 'number', 'boolean'].includes(typeof entry[1]),
  )
  return said(describeReason({ level, rule, observed, threshold, detail: Object.fromEntries(known) }), 240)
}

function inconclusiveText({ rule, why }: Loose<Inconclusive>): string {
  return sentence([ruleName(rule), when(why, '')], ': ')
}

/** "errorRate" as a person says it: "error rate". */
export function ruleName(rule: unknown): string {
  return said(rule).replaceAll(/(?<=[a-z])[A-Z]/g, (capital) => ` ${capital.toLowerCase()}`)
}
