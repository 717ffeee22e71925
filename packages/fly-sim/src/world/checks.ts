import type { ConfiguredCheck } from './config.ts'
import { configuredChecks } from './config.ts'
import type { CheckState, Machine } from './machine.ts'
import { nextChangeIn, profileOf } from './profile.ts'
import type { World } from './world.ts'

export interface CheckResult {
  readonly passed: boolean
  readonly output: string
}

/** With no grace period, the first look is not later than this after the start. */
const firstLookMs = 1_000

/**
 * Starts all checks of a machine that has just started. Results are missing until each check has run once, unless the
 * machine has been up for long (`settled`): then a computed check has just passed, and a real one is made at once.
 */
export function beginChecks(world: World, machine: Machine, settled = false): void {
  machine.checks = []
  machine.json = undefined
  const turn = (machine.checkTurn += 1)
  for (const check of checksOf(machine)) {
    const first = Math.min(check.intervalMs, check.graceMs > 0 ? check.graceMs : firstLookMs)
    if (settled && world.runtime.probe === undefined)
      conclude(world, machine, check, { passed: true, output: 'HTTP 200 OK' })
    world.agenda.after(settled && world.runtime.probe !== undefined ? 0 : first, () =>
      run(world, machine, check, turn, 0),
    )
  }
}

/** A stopped machine keeps the names of its checks; what they said no longer counts. */
export function endChecks(world: World, machine: Machine): void {
  for (const state of machine.checks) {
    if (state.status === 'warning') continue
    state.status = 'warning'
    state.output = 'the machine has not started'
    state.updatedAt = world.stamp()
  }
  machine.json = undefined
}

/** After a behaviour was laid over or taken away: checks that were at rest look again. */
export function rouseChecks(world: World, machine: Machine): void {
  if (machine.process === undefined || world.runtime.probe !== undefined) return
  const turn = (machine.checkTurn += 1)
  for (const check of checksOf(machine)) {
    const alive = world.agenda.now() - machine.process.startedAt
    world.agenda.after(untilNextRun(check, alive), () => run(world, machine, check, turn, 0))
  }
}

const cache = new WeakMap<object, readonly ConfiguredCheck[]>()

export function checksOf(machine: Machine): readonly ConfiguredCheck[] {
  const { config } = machine.version
  const known = cache.get(config)
  if (known !== undefined) return known
  const checks = configuredChecks(config)
  cache.set(config, checks)
  return checks
}

/** Does the proxy send it requests? Only service and readiness checks count, and each must have passed. */
export function isRoutable(machine: Machine): boolean {
  if (machine.state !== 'started' || machine.cordoned || machine.process === undefined) return false
  for (const { name, kind } of checksOf(machine)) {
    if (kind === 'informational') continue
    if (!machine.checks.some((state) => state.name === name && state.status === 'passing')) return false
  }
  return true
}

function run(world: World, machine: Machine, check: ConfiguredCheck, turn: number, index: number): void {
  if (machine.checkTurn !== turn || machine.process === undefined) return
  const { probe } = world.runtime
  if (probe === undefined) {
    conclude(world, machine, check, drawResult(world, machine, check, index))
    scheduleNext(world, machine, check, turn, index)
    return
  }
  scheduleNext(world, machine, check, turn, index)
  void probe(machine, check).then((real) => {
    if (machine.checkTurn !== turn || machine.process === undefined) return
    const flapping = world.faults.active('flapping-checks', { machine }) && index % 2 === 1
    conclude(world, machine, check, flapping ? { passed: false, output: 'connection reset by peer' } : real)
  })
}

function scheduleNext(world: World, machine: Machine, check: ConfiguredCheck, turn: number, index: number) {
  const wait = world.runtime.probe === undefined ? restFor(world, machine, check) : check.intervalMs
  if (wait !== undefined) world.agenda.after(wait, () => run(world, machine, check, turn, index + 1))
}

/** Computed checks rest while their result cannot change: an app of a thousand healthy machines costs nothing. */
function restFor(world: World, machine: Machine, check: ConfiguredCheck): number | undefined {
  const { errorRatio } = profileOf(world, machine, check.path)
  const certain = errorRatio === 0 || errorRatio === 1
  if (!certain || world.faults.mentions('flapping-checks')) return check.intervalMs
  const alive = world.agenda.now() - (machine.process?.startedAt ?? 0)
  const change = nextChangeIn(world, machine)
  const graceLeft = alive < check.graceMs ? check.graceMs - alive : undefined
  const soonest = Math.min(change ?? Infinity, graceLeft ?? Infinity)
  if (soonest === Infinity) return undefined
  return Math.ceil(soonest / check.intervalMs) * check.intervalMs
}

function untilNextRun(check: ConfiguredCheck, aliveMs: number): number {
  const first = Math.min(check.intervalMs, check.graceMs > 0 ? check.graceMs : firstLookMs)
  const since = aliveMs - first
  return since < 0 ? -since : check.intervalMs - (since % check.intervalMs)
}

function drawResult(world: World, machine: Machine, check: ConfiguredCheck, index: number): CheckResult {
  if (world.faults.active('flapping-checks', { machine }) && index % 2 === 1)
    return { passed: false, output: 'connection reset by peer' }
  if (check.type === 'tcp') return { passed: true, output: 'Success' }
  const { errorRatio, status, p50Ms } = profileOf(world, machine, check.path)
  if (p50Ms > check.timeoutMs) return { passed: false, output: 'context deadline exceeded' }
  const failed = errorRatio === 1 || (errorRatio > 0 && world.random() < errorRatio)
  return failed ? { passed: false, output: `HTTP ${status}` } : { passed: true, output: 'HTTP 200 OK' }
}

function conclude(world: World, machine: Machine, check: ConfiguredCheck, { passed, output }: CheckResult) {
  const alive = world.agenda.now() - (machine.process?.startedAt ?? 0)
  const status: CheckState['status'] = passed ? 'passing' : alive < check.graceMs ? 'warning' : 'critical'
  const known = machine.checks.find(({ name }) => name === check.name)
  if (known?.status === status && known.output === output) return
  const turned = known?.status !== status
  if (known === undefined) machine.checks.push({ name: check.name, status, output, updatedAt: world.stamp() })
  else {
    if (known.status !== status) known.updatedAt = world.stamp()
    known.status = status
    known.output = output
  }
  machine.json = undefined
  if (turned && status === 'critical')
    world.logs.write(
      machine,
      'error',
      `Health check '${check.name}' on port ${check.port} has failed: ${output}`,
      'health',
    )
  world.runtime.changed(machine)
  world.watchers.changed(machine)
}
