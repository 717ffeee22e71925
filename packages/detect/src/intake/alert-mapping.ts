import { InvalidInput, redact, severities, type Severity, type Symptom } from '@firebreak/core'
import { numberIn } from '../numbers.ts'
import { checkSymptoms } from '../symptom-check.ts'
import { boundedBy } from './bounded-by.ts'
import type { ExternalAlert } from './external-alert.ts'
import { capped, standardSeverityWords, type SeverityWords } from './severity-words.ts'

/** How a source's labels become service and symptoms. Everything has a default. */
export interface AlertMapping {
  /** One name for everything from here, or a function; `undefined` from it goes on to the labels. */
  readonly service?: string | ((alert: ExternalAlert) => string | undefined) | undefined
  /** The first of these labels that is there names the service. Default: service, app, application, job, project. */
  readonly serviceLabels?: readonly string[] | undefined
  /** For alerts that name no service: they are not lost. Default 'unassigned'. */
  readonly fallbackService?: string | undefined
  /** Labels that may say how bad it is; the worst word wins. Default: severity, priority, level. */
  readonly severityLabels?: readonly string[] | undefined
  /** Words and their levels, added to the standard ones or instead of them; `null` makes no signal. Lower-case. */
  readonly severityWords?: SeverityWords | undefined
  /** For alerts without such a label, or with a word nobody knows. Default P1: unsure is the higher. */
  readonly unknownSeverity?: Severity | undefined
  /**
   * The worst that this source may say. Default P1: others can page, and P0 needs our own measurement. What `symptoms`
   * gives is held to it too.
   */
  readonly maxSeverity?: Severity | undefined
  /**
   * Facts instead of a stated level. `undefined` goes on to the labels, and so does a throw, which becomes the label
   * `mappingError`; an empty list makes no signal.
   */
  readonly symptoms?: ((alert: ExternalAlert) => readonly Symptom[] | undefined) | undefined
  /** Milliseconds without repetition after which the alert is unknown. Default: it stands until it is resolved. */
  readonly staleAfterMs?: number | undefined
}

export interface Mapper {
  service(alert: ExternalAlert): string
  /** None for a resolved alert. `undefined`: the source says that it is no problem. Never throws. */
  symptoms(alert: ExternalAlert): MappedSymptoms | undefined
  readonly staleAfterMs: number | undefined
  /** Whether an own function looks at the alerts: then annotations are needed too. */
  readonly own: boolean
}

export interface MappedSymptoms {
  readonly symptoms: readonly Symptom[]
  /** What the own mapping threw: the alert went by its labels instead, for a mistake there must lose none. */
  readonly mistake?: string | undefined
}

export function createMapper(mapping: AlertMapping = {}): Mapper {
  const serviceLabels = mapping.serviceLabels ?? ['service', 'app', 'application', 'job', 'project']
  const severityLabels = mapping.severityLabels ?? ['severity', 'priority', 'level']
  const fallback = mapping.fallbackService ?? 'unassigned'
  const maxSeverity = level(mapping.maxSeverity ?? 'P1', 'maxSeverity')
  const unknown = level(mapping.unknownSeverity ?? 'P1', 'unknownSeverity')
  const words = readWords(mapping.severityWords)
  if (mapping.staleAfterMs !== undefined) numberIn(mapping.staleAfterMs, 'staleAfterMs', 1)
  if (mapping.service === '' || fallback === '') throw new InvalidInput('service', 'is empty: name what is affected')

  function named(alert: ExternalAlert): string | undefined {
    if (typeof mapping.service === 'string') return mapping.service
    const own = attempt(typeof mapping.service === 'function' ? mapping.service : undefined, alert).given
    if (typeof own === 'string' && own !== '') return own
    const label = serviceLabels.find((name) => (alert.labels[name] ?? '') !== '')
    return label === undefined ? undefined : alert.labels[label]
  }
  /** `null`: said to be no problem. `undefined`: nothing said that anybody knows. */
  function stated(alert: ExternalAlert): Severity | null | undefined {
    let found: Severity | null | undefined
    const said = [alert.level, ...severityLabels.map((name) => alert.labels[name])]
    for (const word of said) {
      const meant = word === undefined ? undefined : words.get(word.trim().toLowerCase())
      if (meant === undefined) continue
      if (found === undefined || found === null || (meant !== null && meant < found)) found = meant
    }
    return found
  }
  function checked(alert: ExternalAlert): readonly Symptom[] | undefined {
    const given = mapping.symptoms?.(alert)
    return given === undefined ? undefined : checkSymptoms(given, 'symptoms')
  }
  return {
    staleAfterMs: mapping.staleAfterMs,
    own: typeof mapping.service === 'function' || mapping.symptoms !== undefined,
    service: (alert) => segment(named(alert) ?? fallback),
    symptoms(alert) {
      const own = attempt(mapping.symptoms === undefined ? undefined : checked, alert)
      if (own.given !== undefined) {
        if (own.given.length === 0) return undefined
        return { symptoms: alert.status === 'resolved' ? [] : boundedBy(own.given, maxSeverity) }
      }
      if (alert.symptoms !== undefined && alert.symptoms.length > 0)
        return {
          symptoms: alert.status === 'resolved' ? [] : boundedBy(alert.symptoms, maxSeverity),
          mistake: own.mistake,
        }
      const severity = stated(alert)
      if (severity === null) return undefined
      const symptoms: Symptom[] =
        alert.status === 'resolved' ? [] : [{ kind: 'stated', severity: capped(severity ?? unknown, maxSeverity) }]
      return { symptoms, mistake: own.mistake }
    },
  }
}

/** A mistake in an own function must not lose alerts. */
function attempt<T>(
  map: ((alert: ExternalAlert) => T | undefined) | undefined,
  alert: ExternalAlert,
): { given?: T | undefined; mistake?: string } {
  try {
    return { given: map?.(alert) }
  } catch (error) {
    return { mistake: redact(error instanceof Error ? error.message : 'not an error').slice(0, 300) }
  }
}

const standardWords: ReadonlyMap<string, Severity | null> = new Map(Object.entries(standardSeverityWords))

function readWords(own: SeverityWords | undefined): ReadonlyMap<string, Severity | null> {
  if (own === undefined) return standardWords
  const words = new Map(standardWords)
  for (const [word, meant] of Object.entries(own))
    words.set(word.trim().toLowerCase(), meant === null ? null : level(meant, `severityWords.${word}`))
  return words
}

function level(severity: Severity, field: string): Severity {
  if (!severities.includes(severity))
    throw new InvalidInput(field, `must be one of ${severities.join(', ')}, got ${String(severity).slice(0, 40)}`)
  return severity
}

/* oxlint-disable no-control-regex -- that is what it looks for */
const notInSegment = /[/\u0000-\u001f\u007f-\u009f\u2028\u2029]/g
/* oxlint-enable no-control-regex */

/** A service's name stands between two slashes of a stream's name. */
function segment(name: string): string {
  if (/^\w[\w.:-]{0,99}$/.test(name)) return name
  const safe = name.slice(0, 100).toWellFormed().replaceAll(notInSegment, '-')
  return safe === '.' || safe === '..' ? `service-${safe}` : safe
}
