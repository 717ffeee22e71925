import {
  createId,
  InvalidInput,
  redact,
  systemClock,
  systemRandom,
  type Clock,
  type Link,
  type Random,
  type Severity,
  type Signal,
  type Symptom,
} from '@firebreak/core'
import { checkService } from './service-name.ts'
import { cleanSymptom } from './clean-symptom.ts'
import { oneLine, withoutEscapes } from './plain-text.ts'
import { checkSymptoms } from './symptom-check.ts'

export interface Report {
  readonly service: string
  /** What was seen, in one sentence. */
  readonly summary: string
  /** How bad the reporter says it is. A person's word is not capped. */
  readonly severity?: Severity | undefined
  /** What the reporter knows: `{ kind: 'security', detail: 'customer list is public' }`. */
  readonly symptoms?: readonly Symptom[] | undefined
  /** Who reports; becomes the label `by`. */
  readonly by?: string | undefined
  /** Same problem, same key. Default: each report is a problem of its own. */
  readonly key?: string | undefined
  /** `resolved` takes back a report with the same key. Default `firing`. */
  readonly status?: Signal['status'] | undefined
  readonly labels?: Readonly<Record<string, string>> | undefined
  readonly links?: readonly Link[] | undefined
  readonly clock?: Clock | undefined
  readonly random?: Random | undefined
}

/** A person's or a user's report as a signal. Told, not measured: it opens and pages, and is no evidence for a write. */
export function reportSignal(report: Report): Signal {
  const { service, summary, severity, by, status = 'firing', labels = {}, links = [] } = report
  const { clock = systemClock, random = systemRandom } = report
  checkService(service, 'name what is affected')
  if (typeof summary !== 'string' || summary.trim() === '')
    throw new InvalidInput('summary', 'is missing: say in one sentence what was seen')
  const stated: Symptom[] = severity === undefined ? [] : [{ kind: 'stated', severity }]
  const symptoms = checkSymptoms([...(report.symptoms ?? []), ...stated], 'symptoms').map(cleanSymptom)
  if (symptoms.length === 0 && status === 'firing')
    throw new InvalidInput('severity', 'is missing: give a severity, or symptoms to judge by')
  const id = createId(clock, random)
  return {
    id,
    key: `report/${report.key ?? id}`,
    source: 'report',
    measured: false,
    service,
    status,
    at: new Date(clock.now()).toISOString(),
    summary: oneLine(redact(withoutEscapes(summary.slice(0, 16_384).toWellFormed())), 2_000),
    symptoms,
    labels: by === undefined ? labels : { ...labels, by },
    links,
  }
}
