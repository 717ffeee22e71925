import type { Guard } from '../plan.ts'

/** Guards that a person's approval lifts; the others count for everybody. */
export const liftedByApproval: ReadonlySet<Guard['guard']> = new Set([
  'target',
  'newer',
  'migration',
  'security',
  'flap',
  'quarantine',
  'budget',
  'neverBelow',
])
