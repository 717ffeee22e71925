import { intentFirst, noRedundantEffect, nothingWhileHeld, onePerformer, withinBudget } from './acting-invariants.ts'
import { engineerInTime, firstWakeInTime, outagesAreOpen, pageInTime } from './deadline-invariants.ts'
import { capsHold, noPageAfterAcknowledgement, noPageLost, noPageTwice, sentIsArrived } from './paging-invariants.ts'
import { chainVerifies, everythingEnds, severityNeverFallsSilently, theLoopRests } from './record-invariants.ts'
import type { Night } from './night.ts'
import type { Invariant } from './record.ts'

/** What holds in every night. */
export const invariants: Readonly<Record<string, Invariant>> = {
  noPageLost,
  sentIsArrived,
  noPageTwice,
  outagesAreOpen,
  firstWakeInTime,
  pageInTime,
  engineerInTime,
  noPageAfterAcknowledgement,
  capsHold,
  noRedundantEffect,
  onePerformer,
  intentFirst,
  nothingWhileHeld,
  withinBudget,
  severityNeverFallsSilently,
  chainVerifies,
  everythingEnds,
  theLoopRests,
}

/** Each broken rule, with what broke it. A night that was broken off is judged for that alone. */
export function violationsOf(night: Night): readonly string[] {
  const asked = night.restlessSince === undefined ? invariants : { theLoopRests }
  return Object.entries(asked).flatMap(([name, holds]) => holds(night).map((why) => `${name}: ${why}`))
}
