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
  const prefix = `${source}/${alert.fingerprint}`
  const staleAfterMs = mapper.staleAfterMs ?? arrival.staleAfterMs
  const said = status === 'resolved' ? endsAt : startsAt
  const repeated = staleAfterMs !== undefined && (status === 'resolved' || now - (startsAt ?? 0) > recentMs)
  const saidAt = said === undefined || repeated ? now : Math.min(said, now)
  const skewMs = said === undefined ? 0 : said - now
  const times = `${startsAt ?? ''}/${said === undefined || repeated ? Math.floor(now / minute) : (endsAt ?? '')}`
  const id = `${prefix}/${status}/${arrival.delivery === undefined ? times : shortName(arrival.delivery)}`
  // A piece of the id, and not one more text: both are kept as long as the incident is open.
  const key = id.slice(0, prefix.length)
  const at = toText(saidAt)
  const service = mapper.service(alert)
  const measured = false
  const own = fewLabels(mistake === undefined ? labels : Object.assign(new Texts(), labels, { mappingError: mistake }))
  // Both written out: what is put together by spreading is two objects, and a storm keeps thousands.
  if (staleAfterMs === undefined || status === 'resolved')
    return skewed({ id, key, source, measured, service, status, at, summary, symptoms, labels: own, links }, skewMs)
  // Counted from `at`, which may lie before the arrival.
  const holdsMs = small(now - saidAt + staleAfterMs)
  const word = {
    id,
    key,
    source,
    measured,
    service,
    status,
    at,
    summary,
    symptoms,
    labels: own,
    links,
    staleAfterMs: holdsMs,
  }
  return skewed(word, skewMs)
}

function skewed(signal: Signal, clockSkewMs: number): Signal {
  return clockSkewMs > 0 ? { ...signal, clockSkewMs } : signal
}

/** The same number, as an integer where it fits: what was reckoned as a fraction is kept as one, in a place of its own. */
function small(ms: number): number {
  const integer = ms | 0
  return integer === ms ? integer : ms
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
