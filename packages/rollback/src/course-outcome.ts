import type { HealthFigures } from '@firebreak/core'
import type { Course, UnitDone } from './course.ts'
import type { OutcomeUnit, RollbackOutcome, RollbackStatus } from './outcome.ts'
import type { RollbackPlan } from './plan.ts'
import { named } from './planned-event.ts'

/** How it ended, from what is known at this moment. */
export function outcomeOf(
  { memory, options, done, judged, recorded, notes }: Course,
  status: RollbackStatus,
  why: string,
  figures: HealthFigures | null,
): RollbackOutcome {
  const { plan } = memory
  return {
    ok: status === 'verified' || status === 'nothingToDo',
    status,
    why,
    service: plan.service,
    plan: plan.id,
    digest: plan.digest,
    from: named(plan.from),
    to: named(plan.to),
    units: plan.units.map((unit) => unitOf(unit, done.get(unit.id), plan.nothingToDo)),
    untouchable: plan.untouchable.map(({ id, why: reason, image }) => ({ id, why: reason, image })),
    ...(judged === undefined ? {} : { judgement: { judgement: judged.judgement, why: judged.why } }),
    ...(recorded.release === undefined
      ? {}
      : { recorded: { version: recorded.release.version, status: recorded.release.status } }),
    figures: figures === null ? null : only(figures),
    startedAt: memory.startedAt,
    finishedAt: new Date(options.clock.now()).toISOString(),
    resumed: memory.resumed,
    notes: [...notes],
  }
}

function unitOf(
  { id, region, image, digest, alreadyThere }: RollbackPlan['units'][number],
  done: UnitDone | undefined,
  nothingToDo: boolean,
): OutcomeUnit {
  const seen = done ?? { image, digest }
  return {
    id,
    region,
    image: seen.image,
    ...(seen.digest === undefined ? {} : { digest: seen.digest }),
    outcome: done?.outcome ?? (nothingToDo && alreadyThere ? 'alreadyThere' : 'untouched'),
    ...(done?.why === undefined ? {} : { why: done.why }),
  }
}

function only({ requests, errors, errorRatio, p95Ms }: HealthFigures): HealthFigures {
  return { requests, errors, errorRatio, p95Ms }
}
