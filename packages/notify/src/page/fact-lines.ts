import { describeReason, oneLine, type Incident, type Reason } from '@firebreak/core'
import { formatTime } from '../text/local-time.ts'
import { figuresOf } from './figures.ts'
import { whole, word } from './numbers.ts'
import type { PageForOptions } from './page-options.ts'

export interface FactLine {
  readonly label:
    | 'Now'
    | 'What'
    | 'Since'
    | 'Level'
    | 'Why'
    | 'Done'
    | 'Next'
    | 'Not undone'
    | 'Blind'
    | 'Support'
    | 'More'
  readonly text: string
}

const mostFigures = 4
const mostSteps = 5

/** The facts of one incident, the most important first. Only figures and names: what others wrote in words stays out. */
export function factLines(
  incident: Readonly<Incident>,
  options: PageForOptions & { timeZone: string },
): readonly FactLine[] {
  const lines: (FactLine | undefined)[] = [
    options.because === undefined ? undefined : { label: 'Now', text: options.because },
    what(incident),
    since(incident, options.timeZone),
    level(incident),
    why(incident),
    ...blind(incident),
    done(incident, options),
    ...next(incident, options),
    planned(incident)
      ? { label: 'Not undone', text: 'secrets, database, volumes, number and size of machines' }
      : undefined,
    incident.code ? { label: 'More', text: `firebreak show ${incident.code}` } : undefined,
  ]
  return lines.filter((line) => line !== undefined)
}

function what(incident: Readonly<Incident>): FactLine {
  const figures = figuresOf(incident).slice(0, mostFigures)
  const text = figures.length === 0 ? 'no figure yet' : `${figures.map(({ full }) => full).join('. ')}.`
  return { label: 'What', text }
}

function since({ onsetAt, impact }: Readonly<Incident>, timeZone: string): FactLine {
  const universal = timeZone === 'UTC' ? '' : ` (${formatTime(onsetAt, 'UTC')})`
  const failed = impact?.failedRequests
  const requests = impact?.requests
  const counted =
    failed === undefined || failed === null
      ? ''
      : `. ${whole(failed)}${requests === undefined || requests === null ? '' : ` of ${whole(requests)}`} requests failed so far`
  const regions =
    impact === undefined || impact.regions.length === 0 ? '' : `, in ${impact.regions.map(word).join(', ')}`
  return { label: 'Since', text: `${formatTime(onsetAt, timeZone)}${universal}${counted}${regions}` }
}

function level({ reasons, severity }: Readonly<Incident>): FactLine | undefined {
  const reason = reasons.find((it) => it.level === severity)
  if (reason === undefined) return undefined
  return { label: 'Level', text: `${reason.level}: ${inWords(reason)}` }
}

/** Figures and names; what somebody wrote about a breach or a warning stays in the log. */
function inWords(reason: Reason): string {
  if (reason.rule === 'security') return 'security incident'
  return reason.rule === 'warning' ? 'warning' : describeReason(reason)
}

function why({ suspicion }: Readonly<Incident>): FactLine | undefined {
  if (suspicion === undefined) return undefined
  const { release, tests, verdict } = suspicion
  if (suspicion.reads === 0) return undefined
  if (release === undefined) return { label: 'Why', text: 'no recent release; the cause is not known' }
  const yes = tests.filter(({ answer }) => answer === 'yes').length
  const against = tests.find(({ answer }) => answer === 'no')
  const name = `release v${release.version}`
  const verdicts = {
    suspected: `${name} is suspected: ${yes} of ${tests.length} tests say yes`,
    possible: `${name} is possible: ${yes} of ${tests.length} tests say yes, the others are not known`,
    'not-suspected': `${name} is not suspected${against === undefined ? '' : ` (${word(against.test)}: no)`}`,
  }
  return { label: 'Why', text: verdicts[verdict] }
}

/** The platform cannot be read: nobody should think that anything will be changed, and its support is asked instead. */
function blind({ suspicion, status }: Readonly<Incident>): FactLine[] {
  if (suspicion?.reads !== 0 || status === 'resolved') return []
  const asked = (suspicion.support ?? '').split('\n').filter((line) => line !== '')
  return [
    { label: 'Blind', text: 'the platform does not answer: nothing can be changed from here now' },
    ...asked.map((line): FactLine => ({ label: 'Support', text: oneLine(line, 1_000) })),
  ]
}

function done(incident: Readonly<Incident>, options: PageForOptions): FactLine {
  const { evidence, units, mitigations, approvals, acknowledgement } = incident
  const changed = Array.from(units.values()).filter(({ outcome }) => outcome === 'updated')
  const last = mitigations.at(-1)
  const waiting = Array.from(approvals.values()).filter(({ decision }) => decision === undefined).length
  const parts = [
    ...(options.done ?? []),
    ...(evidence === undefined ? [] : [evidence.items.length > 0 ? 'evidence saved' : 'no evidence could be saved']),
    ...(acknowledgement === undefined || acknowledgement.lapsed === true
      ? []
      : [`acknowledged by ${word(acknowledgement.by)}`]),
    ...(waiting === 0 ? [] : [`${waiting} ${waiting === 1 ? 'approval is' : 'approvals are'} waiting for you`]),
    ...(last === undefined ? [] : [`${word(last.action)}: ${last.outcome}`]),
    changed.length === 0 ? 'nothing changed yet' : `${changed.length} of ${changed[0]!.total} machines changed`,
  ]
  return { label: 'Done', text: parts.join('; ') }
}

function next(incident: Readonly<Incident>, options: PageForOptions & { timeZone: string }): FactLine[] {
  const { next: steps = [], timeZone, at } = options
  return [...coming(incident, at ?? incident.lastEventAt), ...steps]
    .toSorted((left, right) => left.at - right.at)
    .slice(0, mostSteps)
    .map((step) => ({ label: 'Next', text: `${formatTime(step.at, timeZone, at)}  ${step.what}` }))
}

/** A rollback that nobody will be asked about: whoever is woken must know before it begins, and how to stop it. */
function coming(incident: Readonly<Incident>, now: number): { at: number; what: string }[] {
  const { suspicion, severity, status, plan, mitigations, holds, service } = incident
  const { automatic, release, candidate } = suspicion ?? {}
  if (automatic === undefined || release === undefined || candidate === undefined || severity === null) return []
  if (status !== 'open' || !automatic.levels.includes(severity) || holds.size > 0) return []
  if (plan !== undefined || mitigations.some(({ action }) => action.startsWith('rollback/'))) return []
  const at = Math.max(Date.parse(automatic.notBefore), now + automatic.afterPageMs)
  const what = `automatic rollback of v${release.version} to the image of v${candidate.version}, one machine first, if every test and guard says yes then`
  return Number.isNaN(at) ? [] : [{ at, what: `${what}; stop it: firebreak hold -a ${word(service)}` }]
}

function planned({ plan, mitigations }: Readonly<Incident>): boolean {
  return plan !== undefined && mitigations.every(({ outcome }) => outcome !== 'verified')
}
