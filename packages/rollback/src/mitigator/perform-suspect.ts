import type { Outcome, PerformContext } from '@firebreak/core'
import { gatherSuspectFacts } from '../gather-suspect-facts.ts'
import { suspectRelease } from '../suspect-release.ts'
import type { Automation } from '../automation.ts'
import type { MitigatorOptions } from './options.ts'

/** Reads the world and answers the six tests. */
export async function performSuspect(
  options: MitigatorOptions,
  automation: Automation,
  { subject, clock, signal }: PerformContext,
): Promise<Outcome> {
  const { target, health, neighbours, platform } = options
  const facts = await gatherSuspectFacts({
    target,
    health,
    neighbours,
    platform,
    incident: subject,
    numbers: automation.suspect,
    clock,
    signal,
  })
  const data = suspectRelease(facts, automation.suspect, subject.suspicion?.illness)
  return { events: [{ type: 'release.suspected', actor: 'mitigator', data }] }
}
