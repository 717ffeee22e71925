import { AbortedError, FirebreakError, type EffectContext, type Unit } from '@firebreak/core'
import { FlyError } from '../errors/fly-error.ts'
import type { FlyApp } from '../fly-app.ts'
import { durationMs, servingCheckConfigs, servingResults } from '../machines/facts.ts'
import type { Machine } from '../machines/machine.ts'
import { unitOf } from './unit.ts'

const passing = new Set([
  'created',
  'creating',
  'starting',
  'restarting',
  'stopping',
  'suspending',
  'updating',
  'replacing',
])

export interface SettleTimes {
  /** Longest single wait before the machine itself is asked again: a silent revert is seen that soon. */
  readonly lookEveryMs: number
  /** Between two looks at the checks. */
  readonly checkEveryMs: number
  /** Longest wait for checks, whatever their grace periods say. */
  readonly checksWithinMs: number
}

export const settleTimes: SettleTimes = { lookEveryMs: 5_000, checkEveryMs: 1_000, checksWithinMs: 300_000 }

/**
 * Waits for the ordered version, and asks the machine itself what became of it: the platform may have gone back to the
 * old version and call that "started". The unit that comes back is what really runs.
 */
export async function settleMachine(
  app: FlyApp,
  unit: Unit,
  times: SettleTimes,
  { signal }: EffectContext,
): Promise<Unit> {
  try {
    return await settled(app, unit, times, signal)
  } catch (error) {
    if (FirebreakError.isInstance(error)) throw error
    throw new AbortedError(`waiting for machine ${unit.id} was given up by the caller`, error)
  }
}

async function settled(app: FlyApp, unit: Unit, times: SettleTimes, signal: AbortSignal): Promise<Unit> {
  let startedAt: number | undefined
  let createdAt: number | undefined
  for (;;) {
    const machine = await app.machines.get(unit.id, { signal })
    if (machine.state === 'created') createdAt ??= app.clock.now()
    else createdAt = undefined
    // A machine passes through `created`, or stays there when nothing boots it.
    const staysCreated = createdAt !== undefined && app.clock.now() - createdAt >= times.lookEveryMs
    const resting = !passing.has(machine.state) || staysCreated
    if (resting && machine.state !== 'started') return unitOf(machine)
    if (resting) {
      startedAt ??= app.clock.now()
      const waited = app.clock.now() - startedAt
      if (machine.instance_id !== unit.revision || checksAreIn(machine) || waited >= checksWithin(machine, times))
        return unitOf(machine)
      await app.clock.sleep(times.checkEveryMs, signal)
      continue
    }
    const beganAt = app.clock.now()
    await waitForVersion(app, unit, times, signal)
    if (app.clock.now() === beganAt) await app.clock.sleep(200, signal)
  }
}

/** Whatever the wait says, the machine is asked next: a wait can neither prove nor refute a revert. */
async function waitForVersion(app: FlyApp, unit: Unit, times: SettleTimes, signal: AbortSignal): Promise<void> {
  try {
    await app.machines.wait(unit.id, {
      state: ['started', 'stopped', 'suspended', 'failed', 'destroyed'],
      version: unit.revision,
      timeoutMs: times.lookEveryMs,
      signal,
    })
  } catch (error) {
    if (signal.aborted) throw error
    if (!FlyError.isInstance(error) || error.code === 'FLY_UNAUTHORIZED' || error.code === 'FLY_FORBIDDEN') throw error
  }
}

/** Every check that takes traffic away has reported and passes. No result yet is not a pass. */
function checksAreIn(machine: Machine): boolean {
  if (servingCheckConfigs(machine).length === 0) return true
  const results = servingResults(machine)
  return results.length > 0 && results.every(({ status }) => status === 'passing')
}

/** Grace, then two rounds: after that a check that does not pass fails. */
function checksWithin(machine: Machine, times: SettleTimes): number {
  const each = servingCheckConfigs(machine).map((check) => {
    const interval = durationMs(check.interval) ?? 15_000
    return (durationMs(check.grace_period) ?? 1_000) + 2 * interval + (durationMs(check.timeout) ?? 2_000)
  })
  return Math.min(times.checksWithinMs, Math.max(1_000, ...each))
}
