import type { Clock, DeployTarget } from '@firebreak/core'
import type { Comparison } from './compare-samples.ts'
import type { ExecuteRollbackOptions } from './execute-rollback.ts'
import type { JudgeNumbers } from './plan.ts'
import type { Recorded } from './release-record.ts'
import type { RunMemory } from './run-memory.ts'
import type { HeldLock } from './service-lock.ts'
import type { UnitResult } from './update-unit.ts'

/** What a unit's outcome is in the journal. */
export interface UnitDone {
  readonly outcome: UnitResult['outcome']
  readonly serving: boolean
  readonly image: string
  readonly digest?: string
  /** Milliseconds since the epoch. */
  readonly settledAt: number
  readonly why?: string
}

/** One rollback while it goes on. What is remembered across a crash is in `memory`; the rest is read from it at the start. */
export interface Course {
  readonly memory: RunMemory
  readonly target: DeployTarget
  readonly options: ExecuteRollbackOptions & { readonly clock: Clock; readonly signal: AbortSignal }
  readonly numbers: JudgeNumbers
  readonly done: Map<string, UnitDone>
  judged: Comparison | undefined
  recorded: Recorded
  /** What went wrong besides. */
  readonly notes: string[]
}

export function openCourse(memory: RunMemory, target: DeployTarget, options: Course['options']): Course {
  const done = new Map<string, UnitDone>()
  for (const { id } of memory.plan.units) {
    const before = memory.outcome(`unit/${id}`) as unknown as UnitDone | undefined
    if (before !== undefined) done.set(id, before)
  }
  return {
    memory,
    target,
    options,
    numbers: { ...memory.plan.verify, ...options.judge },
    done,
    judged: memory.outcome('judge') as unknown as Comparison | undefined,
    recorded: (memory.outcome('release') ?? {}) as Recorded,
    notes: [],
  }
}

/** Why no other unit may be begun, or nothing. */
export function stopped({ options }: Course, lock: HeldLock): string | undefined {
  return options.hold?.() === true ? 'on hold' : lock.lost()
}
