import type { IncidentLog } from '@firebreak/core'
import { createFly, flyHealth, flyTarget } from '@firebreak/fly'
import {
  describeOutcome,
  describePlan,
  executeRollback,
  fileJournal,
  planRollback,
  RollbackRefused,
} from '@firebreak/rollback'
import { CliError } from '../failure.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { memoryOf, watchHolds } from './service-memory.ts'

export interface RollbackWords {
  readonly app: string
  readonly to?: number | undefined
  readonly plan: boolean
  readonly planId?: string | undefined
  readonly reason: string
  readonly timeZone: string
  readonly log?: IncidentLog | undefined
  readonly signal: AbortSignal
}

/** 0 done or can run · 1 failed · 3 a guard refuses · 4 nothing to do · 5 no proven candidate. */
export async function rollback(words: RollbackWords, terminal: Terminal): Promise<number> {
  const { app: name, to, reason, timeZone, signal } = words
  const app = createFly().app(name)
  const target = flyTarget(app)
  const health = flyHealth(app)
  const record = words.log === undefined ? undefined : await memoryOf(words.log, name)
  const holds = words.log === undefined || record === undefined ? undefined : watchHolds(words.log, name, record)
  try {
    const plan = await planRollback(target, {
      reason,
      health,
      signal,
      ...(to === undefined ? {} : { to }),
      ...(record === undefined ? {} : { record }),
    })
    if (words.planId !== undefined && words.planId !== plan.id)
      throw new CliError(
        'PLAN_CHANGED',
        `the plan is ${plan.id} now, not ${words.planId}: look at it again with --plan`,
        3,
      )
    terminal.line(describePlan(plan, { now: Date.now(), timeZone }))
    if (words.plan) {
      if (plan.nothingToDo) return 4
      terminal.line(`Run it      firebreak rollback -a ${name} --plan-id ${plan.id}`)
      return plan.guards.some(({ verdict }) => verdict === 'no') ? 3 : plan.proven ? 0 : 5
    }
    // Also when nothing is left to do: a run that broke off may still owe its record and its verification.
    const outcome = await executeRollback(plan, target, {
      journal: fileJournal(`.firebreak/rollback-${plan.id}.jsonl`),
      health,
      signal,
      hold: () => holds?.held() === true,
    })
    terminal.line()
    terminal.line(describeOutcome(outcome, { timeZone }))
    if (outcome.status === 'nothingToDo') return 4
    return outcome.ok ? 0 : 1
  } catch (error) {
    if (!(error instanceof RollbackRefused)) throw error
    terminal.complain(`firebreak: ${error.message}`)
    for (const { version, reason: why } of error.candidates) terminal.complain(`  v${version}  ${why}`)
    return error.code === 'NO_CANDIDATE' || error.code === 'UNPROVEN' ? 5 : 3
  } finally {
    await holds?.stop()
  }
}
