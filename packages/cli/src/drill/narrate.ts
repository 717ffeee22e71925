import {
  describeReason,
  isEvent,
  type Reason,
  type RecordedEvent,
  type ReleaseSuspected,
  type Severity,
  type SuspectTestName,
  type SuspectVerdict,
} from '@firebreak/core'
import type { Paint } from '../terminal/terminal.ts'
import { shortImage } from './story.ts'

/** One line of the story: which step of the runbook, and what. */
export interface Told {
  readonly step: string
  readonly text: string
  readonly paint?: keyof Paint
  /** What of the text is painted; without it the step is. */
  readonly painted?: string
}

const percent = (ratio: number) => `${(ratio * 100).toFixed(ratio < 0.01 ? 1 : 0)} %`
const digestOf = (image: { image: string; digest?: string | undefined }) =>
  image.digest?.replace('sha256:', '').slice(0, 6) ?? shortImage(image.image)

export interface Words {
  /** ` --log …` of this drill, for the commands that it names. */
  readonly logWord: string
}

/** What a recorded event says on the terminal; most say nothing, a few say two lines. */
export function narrate(event: RecordedEvent, words: Words): readonly Told[] {
  if (isEvent(event, 'incident.opened'))
    return [{ step: 'incident', text: `${event.data.code} opened for ${event.data.service}` }]
  if (isEvent(event, 'incident.assessed')) {
    const { severity, reasons } = event.data
    if (severity === null) return [{ step: 'assess', text: 'all figures are below every threshold' }]
    return [{ step: severity, text: deciding(severity, reasons).map(describeReason).join('; '), paint: 'level' }]
  }
  if (isEvent(event, 'page.sent')) {
    const { to, notifier, receipt, reach, kind } = event.data
    const how =
      reach === 'record'
        ? 'recorded'
        : reach === 'wake'
          ? `${receipt.state}, signature ok`
          : `${receipt.state} (${kind}, wakes nobody)`
    return [{ step: reach === 'record' ? 'record' : 'page', text: `${to}  ${notifier} ${how}` }]
  }
  if (isEvent(event, 'page.failed'))
    return [{ step: 'page', text: `${event.data.to}  ${event.data.notifier} failed: ${event.data.error}`, paint: 'no' }]
  if (isEvent(event, 'impact.estimated')) {
    const { failedRequests, requests, share, regions } = event.data
    if (failedRequests === null || requests === null)
      return [{ step: 'impact', text: 'not measured: no figures from the edge' }]
    return [
      {
        step: 'impact',
        text: `${Math.round(failedRequests)} of ${Math.round(requests)} requests failed so far (${percent(share ?? 0)}), ${regions.join(' + ') || 'all regions'}`,
      },
    ]
  }
  if (isEvent(event, 'evidence.captured')) {
    const kinds = event.data.items.map(({ kind }) => kind).join(', ')
    return [{ step: 'evidence', text: `${kinds} saved, before anything changes` }]
  }
  return narrateMitigation(event, words)
}

/** The reasons that made the level; what would be a lower one by itself is left to the log. */
function deciding(severity: Severity, reasons: readonly Reason[]): readonly Reason[] {
  const same = reasons.filter(({ level }) => level === severity)
  return (same.length > 0 ? same : reasons).slice(0, 2)
}

/** What of the mitigator's document is told. */
interface Planned {
  readonly plan?: { readonly guards?: readonly Guarded[] }
}

interface Guarded {
  readonly guard: string
  readonly verdict: string
  readonly observed: string
}

/** Every yes before the first write: those that are fine by name, the others with what was seen. */
function narrateGuards(guards: readonly Guarded[]): readonly Told[] {
  if (guards.length === 0) return []
  const fine = guards.filter(({ verdict }) => verdict === 'ok').map(({ guard }) => guardNames[guard] ?? guard)
  const rest = guards.filter(({ verdict }) => verdict !== 'ok')
  return [
    { step: 'guards', text: `${fine.join(', ')}: ${rest.length === 0 ? 'all ok' : 'ok'}` },
    ...rest.map(({ guard, observed }) => ({ step: '', text: `${guardNames[guard] ?? guard}: ${observed}` })),
  ]
}

const guardNames: Readonly<Record<string, string>> = {
  target: 'proven target',
  newer: 'nothing newer',
  quarantine: 'not quarantined',
  migration: 'no migration',
  lease: 'no foreign lease',
  floor: 'enough machines stay',
  hold: 'no hold',
  security: 'no security fix undone',
  flap: 'no earlier rollback undone',
  budget: 'within budget',
}

function narrateMitigation(event: RecordedEvent, { logWord }: Words): readonly Told[] {
  if (isEvent(event, 'release.suspected')) {
    return narrateSuspicion(event.data)
  }
  if (isEvent(event, 'rollback.planned')) {
    const { from, to, document } = event.data
    return [
      ...narrateGuards((document as Planned | undefined)?.plan?.guards ?? []),
      {
        step: 'rollback',
        text: `v${from.version} ${digestOf(from)} -> v${to.version} ${digestOf(to)}, one machine first      stop it: firebreak hold -a ${event.data.service}${logWord}`,
        paint: 'warn',
      },
    ]
  }
  if (isEvent(event, 'guard.refused')) {
    const { guard, observed, needed } = event.data
    return [{ step: 'refused', text: `${guard}: ${observed}, needs ${needed}`, paint: 'no' }]
  }
  if (isEvent(event, 'hold.placed'))
    return [
      {
        step: 'hold',
        text: `placed by ${event.data.by}: nothing more is changed, paging goes on: ${event.data.reason}`,
        paint: 'warn',
      },
    ]
  if (isEvent(event, 'hold.released'))
    return [{ step: 'hold', text: `released by ${event.data.by}: automation may act again` }]
  if (isEvent(event, 'release.quarantined'))
    return [
      {
        step: 'quarantine',
        text: `v${event.data.version} ${digestOf(event.data)}: automation will not choose this image again`,
      },
    ]
  if (isEvent(event, 'incident.mitigated')) return [{ step: 'mitigated', text: event.data.how, paint: 'ok' }]
  if (isEvent(event, 'rollback.verified')) {
    const { errorRatio, requests, p95Ms } = event.data
    const figures =
      requests == null
        ? ''
        : `: ${percent(errorRatio ?? 0)} of ${Math.round(requests)} requests failed${p95Ms == null ? '' : `, p95 ${Math.round(p95Ms)} ms`}`
    return [{ step: 'verified', text: `asked the machines, and measured${figures}`, paint: 'ok' }]
  }
  if (isEvent(event, 'rollback.failed')) return [{ step: 'failed', text: event.data.why, paint: 'no' }]
  if (isEvent(event, 'incident.escalated'))
    return [{ step: 'escalate', text: `${event.data.to}: ${event.data.why}`, paint: 'warn' }]
  if (isEvent(event, 'incident.resolved'))
    return [{ step: 'resolved', text: `${event.data.why} (10 min in production)`, paint: 'ok' }]
  if (isEvent(event, 'postmortem.drafted'))
    return [
      {
        step: 'learn',
        text: `post-mortem drafted${event.data.blanks === undefined ? '' : ` (${event.data.blanks} blanks are yours to fill)`}`,
      },
    ]
  return []
}

const verdicts: Readonly<Record<SuspectVerdict, string>> = {
  suspected: 'suspected',
  possible: 'possible',
  'not-suspected': 'not suspected',
}

const testNames: Readonly<Record<SuspectTestName, string>> = {
  time: 'time',
  place: 'place',
  change: 'change',
  otherCause: 'no other cause',
  measured: 'measured',
  goodBefore: 'good before',
}

/** The six tests in full once they decide; before that, what is still missing. */
function narrateSuspicion({ verdict, release, tests }: ReleaseSuspected): readonly Told[] {
  const name = release === undefined ? 'no release' : `v${release.version}`
  const yes = tests.filter(({ answer }) => answer === 'yes').length
  const head = `${name}: ${yes} of ${tests.length} tests hold: ${verdicts[verdict]}`
  if (verdict === 'possible') {
    const missing = tests.filter(({ answer }) => answer === 'unknown').map(({ test }) => testNames[test])
    return [{ step: 'suspect', text: `${head}; not known yet: ${missing.join(', ')}` }]
  }
  const answers = tests.map(({ test, answer, why }): Told => ({
    step: '',
    text: `${testNames[test].padEnd(14)} ${answer.padEnd(8)}${why}`,
    paint: answer === 'yes' ? 'ok' : answer === 'no' ? 'no' : 'warn',
    // With its blanks: the name before it may hold the same word.
    painted: answer.padEnd(8),
  }))
  return [{ step: 'suspect', text: head }, ...answers]
}
