import type { RollbackPlanned } from '@firebreak/core'
import type { PlannedRelease, RollbackPlan } from './plan.ts'

/** `rollback.planned` as the bus and the log carry it. */
export function plannedEvent({ service, id, digest, from, to, units, reason }: RollbackPlan): RollbackPlanned {
  return {
    service,
    plan: id,
    digest,
    from: named(from),
    to: named(to),
    units: units.map((unit) => unit.id),
    reason,
  }
}

/** A release by what identifies it. */
export function named({ version, image, digest }: PlannedRelease): { version: number; image: string; digest?: string } {
  return { version, image, ...(digest === undefined ? {} : { digest }) }
}
