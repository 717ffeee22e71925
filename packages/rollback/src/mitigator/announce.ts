import { severities, type ReleaseSuspected } from '@firebreak/core'
import { budgetGuard } from '../budget.ts'
import { urgentSince } from '../trouble.ts'
import { canRead, isSecurity, modeOf, type Situation } from './situation.ts'

/** A first look that only lacks time is not asked about; one that has had its time is. */
export function lacksOnlyTime({ tests }: Pick<ReleaseSuspected, 'tests'>): boolean {
  return tests.every(
    ({ test, answer }) =>
      answer === 'yes' || (['measured', 'place', 'goodBefore'].includes(test) && answer === 'unknown'),
  )
}

/** Has its image been left by a rollback before? Then somebody ships it again and again, and a person is asked. */
export function quarantined({ view }: Situation, release: NonNullable<ReleaseSuspected['release']>) {
  return view.service.quarantined.find(({ image, digest }) =>
    digest === undefined ? image === release.image : digest === release.digest,
  )
}

/** What a page may say of a rollback that nobody will be asked about: only what the record allows as it stands. */
export function announced(situation: Situation, found: ReleaseSuspected): ReleaseSuspected['automatic'] {
  const { incident, automation, now, view } = situation
  const { release, candidate, verdict } = found
  if (release === undefined || candidate === undefined || !(verdict === 'suspected' || isOpen(found))) return undefined
  if (situation.held !== undefined || situation.ended.length > 0 || !canRead({ ...situation, suspicion: found }))
    return undefined
  if (isSecurity(situation) || quarantined(situation, release) !== undefined) return undefined
  if (automation.services !== undefined && !automation.services.includes(incident.service)) return undefined
  if (budgetGuard(view, automation, now).verdict === 'no') return undefined
  const levels = severities.filter((level) => modeOf(situation, automation.rollback[level]?.suspected) === 'auto')
  const measuredMs = Math.max(0, ...levels.map((level) => automation.suspect.measuredMs[level] ?? 0))
  const notBefore = new Date(urgentSince(incident) + measuredMs).toISOString()
  return levels.length === 0 ? undefined : { levels, notBefore, afterPageMs: automation.afterPageMs }
}

function isOpen(found: ReleaseSuspected): boolean {
  return found.verdict === 'possible' && lacksOnlyTime(found)
}
