import type { Signal } from '@firebreak/core'
import type { Mapper } from './alert-mapping.ts'
import type { ExternalAlert } from './external-alert.ts'
import { shortName } from './fingerprint.ts'
import { Texts } from './texts.ts'

export interface Arrival {
  /** Milliseconds since the epoch. */
  readonly now: number
  /** The signed id of the delivery, where there is one. */
  readonly delivery?: string | undefined
  /** Where the source says itself how long its word holds. */
  readonly staleAfterMs?: number | undefined
}

/** An alert that began this recently is dated to its beginning, so that the onset is right. */
const recentMs = 5 * 60_000
const minute = 60_000

const mostLabels = 64
const telling = ['mappingError', 'alertname', 'service', 'severity']

/**
 * The signal of an alert, or nothing when the source says that it is no problem. The same delivery gives the same id, so that
 * it counts once. An alert that has to be repeated is dated to its arrival and gets a new id a minute; one that stands until
 * it is resolved is dated by its sender, so that late copies change nothing.
 */
export function alertSignal(alert: ExternalAlert, mapper: Mapper, arrival: Arrival): Signal | undefined {
  const mapped = mapper.symptoms(alert)
  if (mapped === undefined) return undefined
  const { symptoms, mistake } = mapped
  const { now } = arrival
  const { source, status, summary, labels, links, startsAt, endsAt } = alert
  const key = `${source}/${alert.fingerprint}`
  const staleAfterMs = mapper.staleAfterMs ?? arrival.staleAfterMs
  const said = status === 'resolved' ? endsAt : startsAt
  const repeated = staleAfterMs !== undefined && (status === 'resolved' || now - (startsAt ?? 0) > recentMs)
  const at = said === undefined || repeated ? now : Math.min(said, now)
  const skewMs = said === undefined ? 0 : said - now
  const times = `${startsAt ?? ''}/${said === undefined || repeated ? Math.floor(now / minute) : (endsAt ?? '')}`
  const signal = {
    id: `${key}/${status}/${arrival.delivery === undefined ? times : shortName(arrival.delivery)}`,
    key,
    source,
    measured: false,
    service: mapper.service(alert),
    status,
    at: toText(at),
    summary,
    symptoms,
    labels:
      mistake === undefined
        ? fewLabels(labels)
        : fewLabels(Object.assign(new Texts(), labels, { mappingError: mistake })),
    links,
  }
  const skewed = skewMs > 0 ? { ...signal, clockSkewMs: skewMs } : signal
  if (staleAfterMs === undefined || status === 'resolved') return skewed
  // Counted from `at`, which may lie before the arrival.
  return { ...skewed, staleAfterMs: now - at + staleAfterMs }
}

/** The alerts of a body have their times in common: so they share the text too, which is kept as long as they are. */
let last = { at: Number.NaN, text: '' }

function toText(at: number): string {
  if (at !== last.at) last = { at, text: new Date(at).toISOString() }
  return last.text
}

/** As many as a signal may have. Of more, those that say what it is come first. */
function fewLabels(labels: ExternalAlert['labels']): ExternalAlert['labels'] {
  const names = Object.keys(labels)
  if (names.length <= mostLabels) return labels
  const few = new Texts()
  const first = telling.filter((name) => Object.hasOwn(labels, name))
  for (const name of [...new Set([...first, ...names])].slice(0, mostLabels)) few[name] = labels[name] ?? ''
  return few
}
