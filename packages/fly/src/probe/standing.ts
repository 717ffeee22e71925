import { durationMs, isManaged, isReserved, isGone, servingCheckConfigs, servingResults } from '../machines/facts.ts'
import type { Machine } from '../machines/machine.ts'
import { lastExit } from './exits.ts'

/**
 * How one machine stands, by the rules of the policy ("a fact before a symptom"):
 * - `well`, `ill`: it counts
 * - `resting`: stopped or suspended on purpose; asleep is not down
 * - `unlooked`: does not count now: in grace, in transition, being deployed, cordoned, without a serving check or a result
 */
type Standing = 'well' | 'ill' | 'resting' | 'unlooked'

export interface StandingRules {
  readonly now: number
  /** Machines that a deploy is working on. */
  readonly deploying: ReadonlySet<string>
  /** After a start, at least; a longer `grace_period` of a check counts. */
  readonly graceMs: number
}

export interface MachineStanding {
  readonly machine: Machine
  readonly standing: Standing
  readonly why: string
}

const resting = new Set(['stopped', 'suspended', 'created'])
const failed = new Set(['failed', 'launch_failed'])

/**
 * Machines that `fly deploy` looks after; the rest is none of ours. A host out of reach leaves the metadata out that says so:
 * then it counts that the machine was one of them before.
 */
export function isWatched(machine: Machine, before: ReadonlySet<string>): boolean {
  if (isGone(machine) || isReserved(machine)) return false
  return isManaged(machine) || (machine.config === undefined && before.has(machine.id))
}

export function standingOf(machine: Machine, rules: StandingRules): MachineStanding {
  const is = (standing: Standing, why: string): MachineStanding => ({ machine, standing, why })
  if (machine.host_status === 'unreachable') return is('ill', 'its host is unreachable')
  if (machine.host_status === 'unknown') return is('unlooked', 'its host is unknown')
  if (machine.cordoned === true) return is('unlooked', 'it is cordoned')
  if (rules.deploying.has(machine.id)) return is('unlooked', 'a deploy is working on it')
  if (failed.has(machine.state)) return is('ill', `its state is ${machine.state}`)
  if (resting.has(machine.state)) {
    const exit = lastExit(machine)
    return exit?.crashed === true
      ? is('ill', `it crashed and stays ${machine.state}`)
      : is('resting', `it is ${machine.state}`)
  }
  if (machine.state !== 'started') return is('unlooked', `it is ${machine.state}`)
  if (servingCheckConfigs(machine).length === 0) return is('unlooked', 'no service or readiness check is configured')
  const startedAt = machine.events.find(({ type }) => type === 'start')?.timestamp
  if (startedAt !== undefined && rules.now - startedAt < graceOf(machine, rules.graceMs))
    return is('unlooked', 'it is in its grace period')
  const results = servingResults(machine)
  if (results.length === 0) return is('unlooked', 'no check has reported yet')
  const failing = results.filter(({ status }) => status !== 'passing')
  return failing.length === 0 ? is('well', 'passing') : is('ill', `${failing.map(({ name }) => name).join(', ')} fails`)
}

function graceOf(machine: Machine, least: number): number {
  return Math.max(least, ...servingCheckConfigs(machine).map((check) => durationMs(check.grace_period) ?? 0))
}
