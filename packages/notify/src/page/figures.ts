import { compareSeverity, describeReason, type Incident, type Reason, type Signal, type Symptom } from '@firebreak/core'
import { milliseconds, percent, span, times, whole, word } from './numbers.ts'

/** A figure in few words, for a lock screen, and in full, with its denominator. */
export interface Figure {
  readonly brief: string
  readonly full: string
}

/** What is wrong, worst first: from the symptoms of the signals that fire, then from the reasons of the level. */
export function figuresOf(incident: Readonly<Incident>): readonly Figure[] {
  const firing = Array.from(incident.signals.values(), ({ signal }) => signal).filter(
    ({ status }) => status === 'firing',
  )
  const symptoms = firing.flatMap(({ symptoms: all }: Signal) => all)
  const ranked = Array.from(incident.reasons).sort((left, right) => compareSeverity(left.level, right.level))
  const named = new Set<string>()
  const figures: Figure[] = []
  for (const reason of ranked) {
    if (named.has(reason.rule)) continue
    named.add(reason.rule)
    figures.push(reason.rule === 'stated' ? statedIn(firing, reason) : figureOfReason(reason, symptoms))
  }
  for (const symptom of symptoms) {
    if (named.has(symptom.kind) || isWell(symptom)) continue
    named.add(symptom.kind)
    figures.push(figureOf(symptom))
  }
  return figures
}

function figureOfReason(reason: Reason, symptoms: readonly Symptom[]): Figure {
  const alike = symptoms.filter(({ kind }) => kind === reason.rule)
  // A figure may have moved on since; a fact of the same kind is another fact, and says something else.
  const exact =
    alike.find((symptom) => isMeant(symptom, reason)) ?? worstOf(alike.filter((it) => !isAnother(it, reason)))
  if (exact !== undefined) return figureOf(exact)
  const named = reason.rule === 'security' ? 'security incident' : reason.rule === 'warning' ? 'warning' : undefined
  const full = named ?? describeReason(reason)
  const failed = reason.rule === 'errorRate' && typeof reason.observed === 'number' ? reason.observed : undefined
  const brief =
    failed === undefined ? (full.split(/[,;(]/)[0]?.trim() ?? full) : `${percent(failed)} of requests failed`
  return { brief, full }
}

/** Who said so, and the name of the alert. Its text is somebody else's words, and stays out. */
function statedIn(firing: readonly Signal[], reason: Reason): Figure {
  const said = firing.find(({ symptoms }) =>
    symptoms.some((symptom) => symptom.kind === 'stated' && symptom.severity === reason.level),
  )
  const alert = word(said?.labels?.['alertname'] ?? '')
  const brief = `reported as ${reason.level}${alert === '' ? '' : ` (${alert})`}`
  return { brief, full: said === undefined ? brief : `${brief} by ${word(said.source)}` }
}

/** Is this what the reason is about? Of several of a kind, one gives the level. */
function isMeant(symptom: Symptom, reason: Reason): boolean {
  const { observed, threshold } = reason
  if (symptom.kind === 'checks') return symptom.passing === observed && (observed === 0 || symptom.total === threshold)
  if (symptom.kind === 'crash') return symptom.count === observed
  const said = factIn(symptom, reason)
  return said === undefined ? observedIn(symptom) === observed : said
}

/** A fact of the same kind that the reason is not about. */
function isAnother(symptom: Symptom, reason: Reason): boolean {
  return factIn(symptom, reason) === false
}

/** Does the reason state this fact? Undefined where it is no fact, or the reason does not say. */
function factIn(symptom: Symptom, { observed, threshold, detail }: Reason): boolean | undefined {
  const among = (said: unknown, known: readonly string[]) => typeof said === 'string' && known.includes(said)
  const about = (name: string) =>
    typeof detail?.['name'] !== 'string' || name.slice(0, nameLength) === detail['name'].slice(0, nameLength)
  if (symptom.kind === 'outage')
    return among(observed, ['complete', 'partial']) ? symptom.extent === observed : undefined
  if (symptom.kind === 'dependency')
    return among(threshold, ['database', 'other']) ? symptom.role === threshold && about(symptom.name) : undefined
  if (symptom.kind === 'function') {
    const importance = symptom.critical ? 'critical' : 'other'
    return among(threshold, ['critical', 'other']) ? importance === threshold && about(symptom.name) : undefined
  }
  return undefined
}

/** Reasons hold long names cut. */
const nameLength = 499

function observedIn(symptom: Symptom): number | undefined {
  if (symptom.kind === 'errorRate') return symptom.ratio
  if (symptom.kind === 'latency') return symptom.ms / symptom.baselineMs
  if (symptom.kind === 'capacity') return symptom.used
  return undefined
}

function worstOf(symptoms: readonly Symptom[]): Symptom | undefined {
  return symptoms.toSorted((left, right) => (observedIn(right) ?? 0) - (observedIn(left) ?? 0))[0]
}

/** Signals repeat their figure while it is well, so that a fall can be seen. That is no news. */
function isWell(symptom: Symptom): boolean {
  if (symptom.kind === 'errorRate') return symptom.ratio < 0.01
  if (symptom.kind === 'latency') return symptom.ms < 1.5 * symptom.baselineMs
  if (symptom.kind === 'capacity') return symptom.used < 0.85
  if (symptom.kind === 'checks') return symptom.passing === symptom.total && !symptom.intermittent
  return false
}

function figureOf(symptom: Symptom): Figure {
  switch (symptom.kind) {
    case 'errorRate': {
      const { ratio, requests, windowMs } = symptom
      const brief = `${percent(ratio)} of requests fail`
      const counted = requests === undefined ? 'volume unknown' : `${whole(ratio * requests)} of ${whole(requests)}`
      return {
        brief,
        full: `${brief}: ${counted}${windowMs === undefined ? '' : ` in the last ${windowMs === 60_000 ? 'minute' : span(windowMs)}`}`,
      }
    }
    case 'latency': {
      const { ms, baselineMs, samples } = symptom
      const brief = `answers take ${milliseconds(ms)}, ${times(ms / baselineMs)} the usual`
      const counted = samples === undefined ? '' : ` over ${whole(samples)} samples`
      return {
        brief,
        full: `answers take ${milliseconds(ms)} (usual ${milliseconds(baselineMs)}, ${times(ms / baselineMs)})${counted}`,
      }
    }
    case 'checks': {
      const { passing, total, intermittent } = symptom
      const brief = intermittent ? 'checks fail on and off' : `${whole(passing)} of ${whole(total)} checks pass`
      return { brief, full: `${brief}${intermittent ? ` (${whole(passing)} of ${whole(total)} pass now)` : ''}` }
    }
    case 'outage':
      return same(symptom.extent === 'complete' ? 'is down' : 'is partly down')
    case 'security':
      return same('security incident')
    case 'dependency':
      return same(`${symptom.role === 'database' ? 'database' : 'dependency'} ${word(symptom.name)} does not answer`)
    case 'function':
      return same(`${word(symptom.name)} is broken`)
    case 'burnRate':
      return same(
        `error budget of ${percent(symptom.slo)} burns ${times(symptom.long.rate)} too fast over ${span(symptom.long.windowMs)}`,
      )
    case 'capacity':
      return same(`${symptom.resource} is ${percent(symptom.used)} used`)
    case 'crash':
      return same(
        `${symptom.oom ? 'out of memory' : 'crashed'}, ${whole(symptom.count)} ${symptom.count === 1 ? 'time' : 'times'} in ${span(symptom.windowMs)}`,
      )
    case 'warning':
      return same('warning')
    case 'stated':
      return same(`reported as ${symptom.severity}`)
  }
}

function same(text: string): Figure {
  return { brief: text, full: text }
}
