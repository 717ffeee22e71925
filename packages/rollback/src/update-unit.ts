import {
  withDeadline,
  type Clock,
  type DeployTarget,
  type Lock,
  type Release,
  type Unit,
  oneLine,
} from '@firebreak/core'
import type { ImageBook } from './images.ts'
import { span } from './plain-text.ts'
import { isResting, isServing, servingChecks } from './plan-units.ts'

export interface UpdateUnitOptions {
  readonly target: DeployTarget
  readonly id: string
  readonly release: Release
  readonly book: ImageBook
  /** What the plan saw it run: anything else means that somebody else deploys. */
  readonly expected: { readonly image: string; readonly digest?: string | undefined }
  /** It is the one to be judged: failing checks are for the judge, not for the stop rule. */
  readonly judged: boolean
  /** An earlier attempt may have sent it: finding it done is then "updated". */
  readonly attempted: boolean
  readonly lock?: (() => Lock | undefined) | undefined
  readonly idempotencyKey: string
  /** Longest time for the unit as a whole, waits included. */
  readonly unitMs: number
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Read right before each write: a reason to stop, or nothing. */
  readonly stopped: () => string | undefined
  /** Told before each wait, and waited for; must not reject. */
  readonly onWait?: ((wait: { milliseconds: number; why: string }) => void | Promise<void>) | undefined
  readonly onReverted?: (() => void | Promise<void>) | undefined
}

export interface UnitResult {
  readonly outcome: 'updated' | 'alreadyThere' | 'failed' | 'skipped'
  /** As observed last. */
  readonly unit: Unit
  readonly why?: string
  readonly serving: boolean
  /** Not begun, because of `stopped()`. */
  readonly held?: boolean
}

/** A write is tried so often when the answer is an error; being told to wait is no error. */
const maxErrors = 4
const maxWaits = 10
/** The platform put the old image back: tried again once. */
const maxReverts = 2
const transitional = new Set(['starting', 'stopping', 'updating'])

/**
 * Brings one unit to the image: looks, acts only where the look says so, settles, and looks again. Safe to repeat after a
 * crash at any point. Never throws for what the platform says: that is an outcome.
 */
export async function updateUnit(options: UpdateUnitOptions): Promise<UnitResult> {
  const { target, id, release, book, clock, stopped } = options
  const deadline = withDeadline(clock, options.unitMs, options.signal)
  const { signal } = deadline
  let attempted = options.attempted
  let [errors, waits, reverts] = [0, 0, 0]
  let unit: Unit | undefined
  try {
    for (;;) {
      try {
        unit = await look(target, id, signal)
        if (unit.state === 'gone') return result('skipped', unit, 'it is gone: nothing to change')
        if (book.same(unit, release)) return judgeSettled(unit, attempted, options)
        if (unit.untouchable !== undefined)
          return result('failed', unit, `left alone: ${oneLine(unit.untouchable, 80)}`)
        if (!book.same(unit, options.expected))
          return result('failed', unit, `somebody else gave it ${oneLine(unit.image, 80)}: plan again`)
        const reason = stopped()
        if (reason !== undefined) return { ...result('skipped', unit, reason), held: true }
        const before = unit
        const lock = options.lock?.()
        attempted = true
        const updated = await target.update(unit, release, {
          signal,
          idempotencyKey: options.idempotencyKey,
          ...(lock === undefined ? {} : { lock }),
        })
        unit = await target.settle(updated, { signal })
        unit = await target.observe(id, { signal })
        if (book.same(unit, release)) return judgeSettled(unit, true, options, before)
        reverts += 1
        await options.onReverted?.()
        if (reverts >= maxReverts)
          return result('failed', unit, `the platform put the old image back ${reverts} times without saying so`)
      } catch (error) {
        if (signal.aborted) throw error
        const { retryAfterMs, code, retryable, isRetryable } = error as {
          retryAfterMs?: unknown
          code?: unknown
          retryable?: unknown
          isRetryable?: unknown
        }
        const told = typeof retryAfterMs === 'number'
        if (told) waits += 1
        else errors += 1
        const last = error instanceof Error ? oneLine(error.message) : 'an unknown error'
        const final = retryable === false || isRetryable === false || code === 'LOCK_HELD'
        if (errors >= maxErrors || waits > maxWaits || final)
          return { outcome: 'failed', unit: unit ?? unknownUnit(id), why: last, serving: false }
        const milliseconds = told ? retryAfterMs : 500 * 2 ** (errors - 1)
        await options.onWait?.({ milliseconds, why: last })
        await clock.sleep(milliseconds, signal)
      }
    }
  } catch (error) {
    if (options.signal.aborted) throw error
    return {
      outcome: 'failed',
      unit: unit ?? unknownUnit(id),
      why: `not settled within ${span(options.unitMs)}`,
      serving: false,
    }
  } finally {
    deadline.clear()
  }
}

/** What it is once nothing is in motion. */
async function look(target: DeployTarget, id: string, signal: AbortSignal): Promise<Unit> {
  const unit = await target.observe(id, { signal })
  if (!transitional.has(unit.state)) return unit
  await target.settle(unit, { signal })
  return target.observe(id, { signal })
}

function result(outcome: UnitResult['outcome'], unit: Unit, why?: string): UnitResult {
  return { outcome, unit, serving: isServing(unit), ...(why === undefined ? {} : { why }) }
}

/** It runs the image: does it run? */
function judgeSettled(unit: Unit, attempted: boolean, { judged }: UpdateUnitOptions, before?: Unit): UnitResult {
  const outcome = attempted ? 'updated' : 'alreadyThere'
  if (unit.state === 'failed' || unit.state === 'unknown')
    return result('failed', unit, `runs the image, and its state is ${unit.state}`)
  if (before !== undefined && before.state === 'started' && isResting(unit))
    return result(outcome, unit, `runs the image, and was put to ${unit.state} meanwhile`)
  const failing = servingChecks(unit).filter(({ status }) => status !== 'passing')
  if (failing.length > 0 && !isResting(unit) && !judged)
    return result(
      'failed',
      unit,
      `runs the image, and ${failing.map(({ name }) => oneLine(name, 40)).join(', ')} fails`,
    )
  return result(outcome, unit)
}

function unknownUnit(id: string): Unit {
  return { id, region: '', group: '', state: 'unknown', image: '', revision: '', checks: [], cordoned: false }
}
