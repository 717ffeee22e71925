import {
  InvalidInput,
  systemClock,
  systemRandom,
  type Clock,
  type DeployTarget,
  type HealthSource,
  type Journal,
  type Random,
  type Teller,
} from '@firebreak/core'
import { RollbackRefused } from './errors.ts'
import type { UnitProbe } from './judge-unit.ts'
import { memoryJournal } from './memory-journal.ts'
import type { RollbackOutcome } from './outcome.ts'
import { performRollback } from './perform-rollback.ts'
import type { JudgeNumbers, RollbackPlan } from './plan.ts'
import { checkPlan, openRun } from './run-memory.ts'

/** What happens, as it happens: for a terminal. */
export type RollbackProgress =
  | { readonly step: 'locked'; readonly why: string }
  | { readonly step: 'waiting'; readonly unit?: string; readonly milliseconds: number; readonly why: string }
  | { readonly step: 'updating'; readonly unit: string }
  | {
      readonly step: 'updated'
      readonly unit: string
      readonly outcome: string
      readonly done: number
      readonly total: number
      readonly why?: string
    }
  | { readonly step: 'judged'; readonly unit: string; readonly judgement: string; readonly why: string }
  | { readonly step: 'verifying' | 'baking'; readonly why: string }

export interface ExecuteRollbackOptions {
  /** Memory across a crash; default: none beyond this process. */
  readonly journal?: Journal | undefined
  /** What users get. Without it the outcome can only be `unverified`. */
  readonly health?: HealthSource | undefined
  /** One own request to a unit, for where there is too little traffic to judge by. */
  readonly probe?: UnitProbe | undefined
  /** How long a verified rollback is watched on before this resolves; default 0 ms. */
  readonly bakeMs?: number | undefined
  /** Numbers of the judgement; default the plan's. */
  readonly judge?: Partial<JudgeNumbers> | undefined
  /** Longest time for one unit, waits included; default 300,000 ms. */
  readonly unitMs?: number | undefined
  /** How long to wait for somebody else's lock; default 60,000 ms. */
  readonly lockWaitMs?: number | undefined
  /** What an inconclusive first unit means; default 'continue': the outcome then says `unverified` if nothing proves it. */
  readonly onInconclusive?: 'continue' | 'stop' | undefined
  readonly bus?: Teller | undefined
  /** Read before every unit: true stops, and leaves what is done. */
  readonly hold?: (() => boolean) | undefined
  readonly onProgress?: ((progress: RollbackProgress) => void) | undefined
  readonly clock?: Clock | undefined
  readonly random?: Random | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Does what the plan says: one unit first and judged, then the rest in batches; verified by asking the machines and the
 * users' figures. Run again after a crash with the same journal it goes on, and nothing is done twice. Resolves however it
 * ended (`outcome.ok`); always gives the lock back; leaves no timer.
 *
 * @throws RollbackRefused when a guard says no, the service is locked, or the world is no longer the plan's: nothing changed
 * @throws JournalError when the journal cannot be used
 */
export async function executeRollback(
  plan: RollbackPlan,
  target: DeployTarget,
  options: ExecuteRollbackOptions = {},
): Promise<RollbackOutcome> {
  const { clock = systemClock, random = systemRandom, journal = memoryJournal() } = options
  checkPlan(plan, target.service)
  checkNumbers(options)
  const signal = options.signal ?? new AbortController().signal
  signal.throwIfAborted()
  const memory = await openRun(journal, plan, clock, random)
  // After a crash our own lease may still live: the lock waits for it. Every other guard counts again.
  const refusing = plan.guards.filter(
    ({ guard, verdict }) => verdict === 'no' && !(memory.resumed && guard === 'lease'),
  )
  if (refusing.length > 0 && !(plan.nothingToDo && !memory.resumed))
    throw new RollbackRefused(
      'GUARD_REFUSED',
      refusing.map(({ guard, observed, needed }) => `${guard}: ${observed} (needed: ${needed})`).join('; '),
      { candidates: plan.candidates, guards: refusing },
    )
  return performRollback(memory, target, { ...options, clock, signal })
}

function checkNumbers({ bakeMs, unitMs, lockWaitMs, judge = {} }: ExecuteRollbackOptions): void {
  const judged = Object.entries(judge).map(([name, value]) => [`judge.${name}`, value] as const)
  for (const [field, value] of [
    ['bakeMs', bakeMs] as const,
    ['unitMs', unitMs] as const,
    ['lockWaitMs', lockWaitMs] as const,
    ...judged,
  ])
    if (value !== undefined && !(Number.isFinite(value) && value >= 0))
      throw new InvalidInput(field, `must be a number, 0 or more, not ${String(value)}`)
}
