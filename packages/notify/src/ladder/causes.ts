import type { Incident, MitigationFinished, Severity } from '@firebreak/core'
import type { Route, Routes } from '../routes/routes.ts'
import { span, word } from '../page/numbers.ts'
import { cleanLine } from '../text/clean-text.ts'
import { fitLine } from '../text/fit-text.ts'
import { pausesOf } from './pauses.ts'

/** Something that makes people look again. Named, so that it is told once. */
export interface Cause {
  /** Unique in the incident: 'mitigation/1', 'refusal/2', 'escalation/1', … */
  readonly name: string
  readonly reason: 'mitigation' | 'refused' | 'expired' | 'escalated' | 'unmitigated' | 'unreachable' | 'approval'
  readonly at: number
  readonly because: string
  /** Nobody here can resolve it: whoever the route names is woken at once. */
  readonly cannotResolve: boolean
  /** Only for `escalated`: whom a person or a part asked for. */
  readonly to?: string
}

const bad: Partial<Record<MitigationFinished['outcome'], string>> = {
  failed: 'failed',
  regressed: 'made it worse',
  refuted: 'did not help: the cause lies elsewhere',
  unverified: 'could not be verified',
  partial: 'only partly worked',
  aborted: 'was stopped',
  nothingToDo: 'has nothing to do here',
}

/** This is asked at every plan, and most incidents have none. */
const none: readonly Cause[] = []

/** What has happened so far, in order, that ends somebody's rest. Pure. */
export function causesOf(incident: Readonly<Incident>, routes: Routes, severity: Severity): readonly Cause[] {
  return [
    ...mitigations(incident),
    ...refusals(incident, routes),
    ...approvals(incident),
    ...escalations(incident),
    ...unmitigated(incident, routes.severities[severity], severity),
  ].toSorted((left, right) => left.at - right.at)
}

function mitigations({ mitigations: all, holds }: Readonly<Incident>): readonly Cause[] {
  if (all.length === 0) return none
  const called = new Set<string>()
  return all.flatMap(({ action, outcome, why, at }, index): Cause[] => {
    const said = bad[outcome]
    // Machine after machine that the same remedy does not help is one reason to wake somebody, and news each time.
    const remedy = outcome === 'regressed' ? undefined : /^(restart|isolate)(?=\/)/.exec(action)?.[0]
    const cannotResolve = remedy === undefined || !called.has(remedy)
    if (remedy !== undefined && said !== undefined) called.add(remedy)
    if (remedy !== undefined && outcome === 'verified') called.delete(remedy)
    if (said === undefined || (outcome === 'aborted' && holds.size > 0)) return []
    const because = `${word(action)} ${said}${why === '' ? '' : ` (${brief(why)})`}`
    return [{ name: `mitigation/${index + 1}`, reason: 'mitigation', at, because, cannotResolve }]
  })
}

/** A guard that hands the decision to a person has not refused: the approval is asked for instead. */
function refusals({ refusals: all, approvals: asked }: Readonly<Incident>, routes: Routes): readonly Cause[] {
  if (all.length === 0) return none
  const decidable = Array.from(asked.values()).filter(
    ({ decision }) => decision === undefined || decision === 'granted',
  )
  return all.flatMap(({ guard, action, observed, needed, at }, index): Cause[] => {
    if (routes.quietGuards.includes(guard) || decidable.some((approval) => approval.at >= at - routes.refusalGraceMs))
      return []
    const because = `${word(action)} was not started: ${word(guard)} is ${word(observed)}, needed ${word(needed)}`
    return [
      { name: `refusal/${index + 1}`, reason: 'refused', at: at + routes.refusalGraceMs, because, cannotResolve: true },
    ]
  })
}

function approvals({ approvals: asked, mitigatedAt }: Readonly<Incident>): Cause[] {
  return Array.from(asked.values()).flatMap(({ approval, action, why, at, decision, expiresAt }): Cause[] => {
    const wanted: Cause = {
      name: `approval/${approval}`,
      reason: 'approval',
      at,
      because: `${word(action)} needs your approval: ${brief(why)}`,
      cannotResolve: false,
    }
    // What was mitigated without the approval did not need it: nobody is woken because it ran out.
    const needless = mitigatedAt !== undefined && mitigatedAt >= at
    if (decision !== 'expired' || needless) return [wanted]
    const because = `nobody approved or refused ${word(action)} in time`
    return [
      wanted,
      { name: `expired/${approval}`, reason: 'expired', at: Date.parse(expiresAt), because, cannotResolve: true },
    ]
  })
}

function escalations({ escalations: all }: Readonly<Incident>): Cause[] {
  return all.map(({ to, why, at, by }, index) => ({
    name: `escalation/${index + 1}`,
    reason: 'escalated',
    at,
    because: by === undefined ? brief(why) : `${word(by)} asks for help: ${brief(why)}`,
    cannotResolve: true,
    to,
  }))
}

function unmitigated(incident: Readonly<Incident>, { unmitigatedMs }: Route, severity: Severity): Cause[] {
  const raisedAt = incident.raisedAt[severity]
  if (unmitigatedMs === undefined || raisedAt === undefined) return []
  const at = raisedAt + unmitigatedMs
  const pauses = pausesOf(incident).filter(({ from }) => from >= raisedAt)
  const since = [incident.mitigatedAt, incident.resolvedAt, ...pauses.map(({ from }) => from)]
  const inTime = since.some((time) => time !== undefined && time >= raisedAt && time <= at)
  const now = incident.status === 'mitigated' || pauses.some(({ until }) => until === Number.POSITIVE_INFINITY)
  if (inTime || now) return []
  const because = `not mitigated for ${span(unmitigatedMs)}`
  return [{ name: `unmitigated/${severity}/${raisedAt}`, reason: 'unmitigated', at, because, cannotResolve: true }]
}

function brief(why: string): string {
  return fitLine(cleanLine(why), 160)
}
