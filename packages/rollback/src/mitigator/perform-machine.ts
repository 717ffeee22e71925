import {
  FirebreakError,
  type MitigationFinished,
  type NewEvent,
  type Outcome,
  type PerformContext,
  type Unit,
} from '@firebreak/core'
import type { Automation } from '../automation.ts'
import { RollbackRefused } from '../errors.ts'
import { crashedUnits, timesOutOfMemory } from '../crashes.ts'
import { gatherSuspectFacts } from '../gather-suspect-facts.ts'
import { sampleOf } from '../judge-unit.ts'
import { healthOfUnits, illnessOf } from '../illness.ts'
import { isServing } from '../plan-units.ts'
import type { HeldLock } from '../service-lock.ts'
import type { ShareLock } from '../shared-lock.ts'
import { watchFigures } from '../verify-rollback.ts'
import { Held } from './held.ts'
import type { Effect, MitigatorOptions } from './options.ts'
import { refused } from './perform-plan.ts'

type MachineEffect = Extract<Effect, { do: 'restart' | 'isolate' | 'rejoin' }>

/** One machine: looked at again, changed under the lock, and judged by what users get afterwards. */
export async function performMachine(
  options: MitigatorOptions,
  automation: Automation,
  share: ShareLock,
  key: string,
  effect: MachineEffect,
  context: PerformContext,
): Promise<Outcome> {
  const { target } = options
  const { subject, signal, clock } = context
  const { service } = subject
  if (!context.held()) throw new Held()
  const unit = await target.observe(effect.unit, { signal })
  if (unit.state === 'gone' || unit.untouchable !== undefined)
    return finished('aborted', `${effect.unit} is ${unit.untouchable ?? 'gone'}`)
  // It became well since it was decided: a restart would only take it away.
  if (effect.do === 'restart' && isServing(unit) && !restartedAlready(unit)) return { events: [] }
  if (effect.do === 'isolate' && !unit.cordoned) {
    const doubt = await stillAlone(options, automation, effect.unit, context)
    if (doubt !== undefined)
      return {
        events: [
          refused(service, {
            guard: 'floor',
            action: key,
            observed: doubt,
            needed: 'one ill machine among healthy ones',
          }),
          ...finished('aborted', doubt).events,
        ],
      }
  }
  const changed = await underLock(unit)
  if ('why' in changed)
    return {
      events: [
        refused(service, { guard: 'lease', action: key, observed: changed.why, needed: 'nobody else deploys' }),
        ...finished('aborted', changed.why).events,
      ],
    }
  if (effect.do === 'rejoin') return { events: [] }
  return judge(changed.unit)

  async function underLock(seen: Unit): Promise<{ unit: Unit } | { why: string }> {
    try {
      const lock = await share({ target, clock, signal, waitMs: automation.lockWaitMs })
      try {
        return { unit: await change(seen, lock) }
      } finally {
        await lock.release()
      }
    } catch (error) {
      if (error instanceof RollbackRefused) return { why: error.message }
      throw error
    }
  }

  /** Not repeatable: one that changed since it was decided has been restarted already, by us or by itself. */
  function restartedAlready({ changedAt = '' }: Unit): boolean {
    return context.takeover && Date.parse(changedAt) >= effect.at
  }

  async function change(seen: Unit, lock: HeldLock): Promise<Unit> {
    if (!context.held() || lock.lost() !== undefined) throw new Held()
    const held = lock.current()
    const own = { signal, idempotencyKey: context.idempotencyKey, ...(held === undefined ? {} : { lock: held }) }
    if (effect.do === 'isolate')
      return seen.cordoned ? seen : ((await target.isolate?.(seen, own)) ?? cannot('isolate'))
    if (effect.do === 'rejoin') return seen.cordoned ? ((await target.rejoin?.(seen, own)) ?? cannot('rejoin')) : seen
    const restarted = restartedAlready(seen) ? seen : ((await target.restart?.(seen, own)) ?? cannot('restart'))
    return target.settle(restarted, own)
  }

  async function judge(after: Unit): Promise<Outcome> {
    if (effect.do === 'restart' && !isServing(after))
      return finished('failed', `${effect.unit} does not serve after its restart`)
    const times = effect.do === 'restart' ? timesOutOfMemory(subject, effect.unit) : 0
    // It serves until the next time, which is worth a restart; no figure of the next minute says that it lasts.
    if (times > 1)
      return finished(
        'unverified',
        `${effect.unit} serves again; it ran out of memory ${times} times, and restarts do not cure that`,
      )
    if (options.health === undefined)
      return finished('unverified', `${effect.unit} was changed; nobody measures what users get`)
    const since = clock.now()
    const { status, why } = await watchFigures({
      health: options.health,
      since,
      numbers: automation.judge,
      clock,
      signal,
    })
    if (status !== 'verified') return finished(status === 'regressed' ? 'failed' : 'unverified', why)
    const units = await target.units({ signal })
    // One that crashed and stays stopped rests for nobody's sake.
    const down = healthOfUnits(units, null, automation.suspect, crashedUnits(subject)).filter(
      ({ ill }) => ill !== undefined,
    )
    if (down.length > 0)
      return finished('partial', `${effect.unit} is well; ${down.map(({ unit: { id } }) => id).join(', ')} is not`)
    const what = effect.do === 'isolate' ? `took ${effect.unit} out of the pool` : `restarted ${effect.unit}`
    const mitigated: NewEvent = {
      type: 'incident.mitigated',
      actor: 'mitigator',
      data: { service, how: `${what}: ${why}`, action: key },
    }
    return { events: [mitigated, ...finished('verified', why).events] }
  }

  function finished(outcome: MitigationFinished['outcome'], why: string): Outcome {
    const data: MitigationFinished = { service, action: key, outcome, why }
    return { events: [{ type: 'mitigation.finished', actor: 'mitigator', data }] }
  }
}

/** More of what is short, after a person said so. */
export async function performScale(
  { target }: MitigatorOptions,
  effect: Extract<Effect, { do: 'scale' }>,
  context: PerformContext,
): Promise<Outcome> {
  if (!context.held()) throw new Held()
  const { signal, idempotencyKey, subject, takeover } = context
  if (target.scale === undefined) cannot('scale')
  const finished = (why: string): Outcome => {
    const data: MitigationFinished = { service: subject.service, action: effect.action, outcome: 'unverified', why }
    return { events: [{ type: 'mitigation.finished', actor: 'mitigator', data }] }
  }
  // Not repeatable: twice as much, twice, is four times.
  if (takeover)
    return finished('an earlier attempt did not end: some machines may have the memory; look before you ask again')
  await target.scale({ memoryFactor: effect.memoryFactor }, { signal, idempotencyKey })
  return finished(`${effect.memoryFactor} times the memory for each machine, as approved`)
}

/** Right before a machine leaves the pool: is it still ill, alone, and not the last of its region? */
async function stillAlone(
  { target, health }: MitigatorOptions,
  automation: Automation,
  id: string,
  { subject, clock, signal }: PerformContext,
): Promise<string | undefined> {
  const numbers = automation.suspect
  const facts = await gatherSuspectFacts({ target, health, incident: subject, numbers, clock, signal })
  const each = healthOfUnits(facts.units, facts.current, numbers, facts.crashed)
  const { ill, total, isolated = 0 } = illnessOf(facts.units, each, undefined, facts.now)
  const own = ill.find(({ unit }) => unit === id)
  if (own === undefined) return `${id} is no longer ill`
  const away = ill.length + isolated
  if (away / total > automation.isolateShare) return `${away} of ${total} are ill or isolated`
  if (own.lastOfRegion) return `${id} is the last of ${own.region}`
  if (health === undefined) return undefined
  // The window looks back; what it did just now has the last word.
  const until = clock.now()
  const justNow = await sampleOf(health, { since: until - numbers.windowMs / 4, until, units: [id], signal })
  const { requests = null, errorRatio = null } = justNow?.units?.[id] ?? {}
  const known = requests !== null && errorRatio !== null && requests >= numbers.requests
  return known && errorRatio < numbers.illRatio ? `${id} has just become well` : undefined
}

function cannot(name: string): never {
  const error = new FirebreakError({ code: 'NOT_SUPPORTED', message: `the target cannot ${name}` })
  throw Object.assign(error, { retryable: false })
}
