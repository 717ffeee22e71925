import { InvalidInput, redact, severities, type Severity, type Symptom } from '@firebreak/core'
import { numberIn } from '../numbers.ts'
import { serviceName } from '../service-name.ts'
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
    const own = typeof mapping.service === 'function' ? attempt(mapping.service, alert).given : undefined
    if (typeof own === 'string' && own !== '') return own
    for (const name of serviceLabels) {
      const said = alert.labels[name] ?? ''
      if (said !== '') return said
    }
    return undefined
  }
  /** `null`: said to be no problem. `undefined`: nothing said that anybody knows. */
  function stated(alert: ExternalAlert): Severity | null | undefined {
    let found = meaning(alert.level)
    for (const name of severityLabels) {
      const meant = meaning(alert.labels[name])
      if (meant === undefined) continue
      if (found === undefined || found === null || (meant !== null && meant < found)) found = meant
    }
    return found
  }
  function meaning(word: string | undefined): Severity | null | undefined {
    return word === undefined ? undefined : words.get(word.trim().toLowerCase())
  }
  function checked(alert: ExternalAlert): readonly Symptom[] | undefined {
    const given = mapping.symptoms?.(alert)
    return given === undefined ? undefined : checkSymptoms(given, 'symptoms')
  }
  return {
    staleAfterMs: mapping.staleAfterMs,
    own: typeof mapping.service === 'function' || mapping.symptoms !== undefined,
    service: (alert) => serviceName(named(alert) ?? fallback),
    symptoms(alert) {
      // Whatever it was thought to mean, it is over: no mapping may keep that from being told.
      if (alert.status === 'resolved') return nothing
      const { given, mistake } = mapping.symptoms === undefined ? nobodyAsked : attempt(checked, alert)
      const facts = given ?? alert.symptoms ?? []
      if (given !== undefined && given.length === 0) return undefined
      if (facts.length > 0) return { symptoms: boundedBy(facts, maxSeverity), mistake }
      const severity = stated(alert)
      if (severity === null) return undefined
      const said = statedAs[capped(severity ?? unknown, maxSeverity)]
      return mistake === undefined ? said : { ...said, mistake }
    },
  }
}

const nothing: MappedSymptoms = { symptoms: Object.freeze([]) }
const nobodyAsked: Attempt<never> = {}

/** One list for all signals that say the same: nobody changes them, and a storm keeps thousands. */
const statedAs = Object.fromEntries(
  severities.map((severity) => {
    const symptom = Object.freeze({ kind: 'stated', severity } as const)
    return [severity, { symptoms: Object.freeze([symptom]) }]
  }),
) as Readonly<Record<Severity, MappedSymptoms>>

interface Attempt<T> {
  readonly given?: T | undefined
  readonly mistake?: string
}

/** A mistake in an own function must not lose alerts. */
function attempt<T>(map: (alert: ExternalAlert) => T | undefined, alert: ExternalAlert): Attempt<T> {
  try {
    return { given: map(alert) }
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
