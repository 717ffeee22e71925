import type { UnitUpdated } from '@firebreak/core'
import type { Judgement } from './compare-samples.ts'
import type { PlannedUnit, RollbackPlan } from './plan.ts'

export type UnitOutcome = UnitUpdated['outcome']

/** What is known of one unit of a rollback in course. */
export interface UnitProgress {
  /** Absent: not yet. `reverted` is not final: it is tried again. */
  readonly outcome?: UnitOutcome
  /** Somebody is at it. */
  readonly running?: boolean
  /** Does it serve since it settled? */
  readonly serving?: boolean
  /** Milliseconds since the epoch: the target asked us to wait until then. */
  readonly notBefore?: number
}

/** Everything the next step depends on. */
export interface RollbackState {
  readonly plan: Pick<RollbackPlan, 'units' | 'batch' | 'floor'>
  readonly progress: ReadonlyMap<string, UnitProgress>
  /** The verdict on the first unit, once there is one. */
  readonly judgement?: Judgement
  /** What an inconclusive verdict means: a person's rollback goes on, an automatic one stops. */
  readonly onInconclusive: 'continue' | 'stop'
  /** Why no other unit may be begun: a hold, an abort, a lost lock. */
  readonly stop?: string
}

export type NextSteps =
  /** Update these now; each at its `notBefore` at the earliest. */
  | {
      readonly kind: 'update'
      readonly units: readonly { readonly id: string; readonly notBefore?: number }[]
      readonly why: string
    }
  /** Judge this unit before any other is touched. */
  | { readonly kind: 'judge'; readonly unit: string; readonly why: string }
  /** Something runs: nothing to begin until it is done. */
  | { readonly kind: 'wait'; readonly why: string }
  /** End here. Nothing is written back. */
  | { readonly kind: 'stop'; readonly status: 'refuted' | 'partial' | 'unverified' | 'aborted'; readonly why: string }
  /** Every unit is done: verify the whole. */
  | { readonly kind: 'verify'; readonly why: string }

const settled = new Set<UnitOutcome | undefined>(['updated', 'alreadyThere', 'skipped', 'failed'])

/** The unit that is judged: the planned one, or the next in order when that one is gone. */
export function deciderOf(
  units: readonly PlannedUnit[],
  progress: ReadonlyMap<string, Pick<UnitProgress, 'outcome'>>,
): PlannedUnit | undefined {
  if (!units.some(({ judged }) => judged)) return undefined
  return units.find(
    ({ id, staysStopped, alreadyThere }) => !staysStopped && !alreadyThere && progress.get(id)?.outcome !== 'skipped',
  )
}

/**
 * What a rollback does next: one unit first and judged, then batches that keep the floor; a failure or a verdict that is not
 * better stops it. Pure: the command and the responder both ask it.
 */
export function nextSteps(state: RollbackState, now: number): NextSteps {
  const { plan, progress, judgement, stop } = state
  const of = (id: string): UnitProgress => progress.get(id) ?? {}
  const running = plan.units.filter(({ id }) => of(id).running === true)
  const waiting = plan.units.filter(({ id }) => !settled.has(of(id).outcome) && of(id).running !== true)
  const failed = plan.units.filter(({ id }) => of(id).outcome === 'failed')
  const count = `${plan.units.length - waiting.length - running.length} of ${plan.units.length}`

  if (running.length > 0 && (stop !== undefined || failed.length > 0))
    return { kind: 'wait', why: `${running.length} still at work` }
  if (failed.length > 0)
    return { kind: 'stop', status: 'partial', why: `${failed.map(({ id }) => id).join(', ')} failed after ${count}` }
  const first = deciderOf(plan.units, progress)
  if (first !== undefined && of(first.id).running === true)
    return { kind: 'wait', why: `${first.id} decides for the others` }
  if (first !== undefined && settled.has(of(first.id).outcome)) {
    if (judgement === undefined) return { kind: 'judge', unit: first.id, why: 'the first one decides' }
    if (judgement === 'worse')
      return { kind: 'stop', status: 'refuted', why: `${first.id} is as ill on the other image` }
    if (judgement === 'inconclusive' && state.onInconclusive === 'stop' && waiting.length > 0)
      return { kind: 'stop', status: 'unverified', why: `whether ${first.id} is better could not be told` }
  }
  if (waiting.length === 0)
    return running.length > 0
      ? { kind: 'wait', why: `${running.length} still at work` }
      : { kind: 'verify', why: `${count} done` }
  if (stop !== undefined) return { kind: 'stop', status: 'aborted', why: `${stop}, after ${count}` }

  const isFirst = first !== undefined && waiting.includes(first)
  if (isFirst) return begin([first], of, 'one first, and judged')
  const room = plan.batch - running.length
  if (room <= 0) return { kind: 'wait', why: `${running.length} at a time` }
  const chosen = withinFloor(state, waiting, room)
  if (chosen.length > 0) return begin(chosen, of, `${count} done; ${plan.batch} at a time`)
  if (running.length > 0) return { kind: 'wait', why: 'the capacity floor' }
  return { kind: 'stop', status: 'partial', why: `another would go below the capacity floor, after ${count}` }

  function begin(
    units: readonly { readonly id: string }[],
    progressOf: (id: string) => UnitProgress,
    why: string,
  ): NextSteps {
    return {
      kind: 'update',
      why,
      units: units.map(({ id }) => {
        const { notBefore } = progressOf(id)
        return notBefore === undefined || notBefore <= now ? { id } : { id, notBefore }
      }),
    }
  }
}

/** As many as may be away at once. One that does not serve costs nothing. */
function withinFloor(
  { plan, progress }: RollbackState,
  waiting: RollbackPlan['units'],
  room: number,
): RollbackPlan['units'] {
  const serving = new Map<string, number>()
  const serves = (unit: RollbackPlan['units'][number]) => {
    const { running, serving: after } = progress.get(unit.id) ?? {}
    return running !== true && (after ?? unit.serving)
  }
  for (const unit of plan.units) if (serves(unit)) serving.set(unit.group, (serving.get(unit.group) ?? 0) + 1)
  const chosen: RollbackPlan['units'][number][] = []
  for (const unit of waiting) {
    if (chosen.length >= room) break
    const left = serving.get(unit.group) ?? 0
    if (serves(unit) && !unit.alreadyThere && left - 1 < (plan.floor[unit.group] ?? 0)) continue
    if (serves(unit) && !unit.alreadyThere) serving.set(unit.group, left - 1)
    chosen.push(unit)
  }
  return chosen
}
