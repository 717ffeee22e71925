import { oneLine, type Outcome, type PerformContext, type ReleaseSuspected } from '@firebreak/core'
import type { Automation } from '../automation.ts'
import { gatherSuspectFacts } from '../gather-suspect-facts.ts'
import { suspectRelease } from '../suspect-release.ts'
import { announced } from './announce.ts'
import type { MitigatorOptions } from './options.ts'
import { readsNeeded, situationOf } from './situation.ts'

/** Reads the world and answers the six tests. What has not changed is not told again. */
export async function performSuspect(
  options: MitigatorOptions,
  automation: Automation,
  context: PerformContext,
): Promise<Outcome> {
  const { subject, service, organisation, clock, signal } = context
  const { target, health, neighbours, platform } = options
  const before = subject.suspicion
  // Since when the same ones have been ill is known only to who went on looking.
  const lookedAt = Math.max(0, ...looks(subject).map(({ finishedAt = 0 }) => finishedAt))
  const known = clock.now() - lookedAt <= automation.isolateAfterMs ? before?.illness : undefined
  try {
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
    const data = suspectRelease(facts, automation.suspect, known)
    const reads = before?.reads === undefined || before.reads >= readsNeeded ? undefined : before.reads + 1
    const found = { ...data, ...(reads === undefined ? {} : { reads }) }
    const situation = situationOf(subject, { now: clock.now(), service, organisation }, automation)
    const automatic = announced(situation, found)
    return told(before, { ...found, ...(automatic === undefined ? {} : { automatic }) })
  } catch (error) {
    signal.throwIfAborted()
    const why = `the platform could not be read: ${error instanceof Error ? oneLine(error.message) : 'no answer'}`
    const support = target.supportText?.()
    return told(before, {
      service: subject.service,
      verdict: 'possible',
      tests: [{ test: 'measured', answer: 'unknown', why }],
      reads: 0,
      ...(support === undefined ? {} : { support }),
    })
  }
}

function looks({ actions }: PerformContext['subject']) {
  return [...actions.values()].filter(({ key }) => key.startsWith('suspect/'))
}

function told(before: ReleaseSuspected | undefined, data: ReleaseSuspected): Outcome {
  if (before !== undefined && essence(before) === essence(data)) return { events: [] }
  return { events: [{ type: 'release.suspected', actor: 'mitigator', data }] }
}

/** Verdict, answers and the ill machines: the sentences around them change with every figure. */
function essence({ verdict, release, tests, automatic, illness, reads, support }: ReleaseSuspected): string {
  return JSON.stringify([
    verdict,
    release?.version,
    tests.map(({ test, answer }) => [test, answer]),
    automatic?.levels,
    illness?.since,
    illness?.ill.map(({ unit, kind, lastOfRegion }) => [unit, kind, lastOfRegion]),
    reads,
    support,
  ])
}
