import {
  ClaimLost,
  FirebreakError,
  InvalidInput,
  redactSecrets,
  type ActionFinished,
  type ActionStarted,
  type Incident,
  type NewEvent,
  type Outcome,
  type Part,
  type PerformContext,
  type Subject,
} from '@firebreak/core'
import type { Committer } from './commit.ts'
import type { House } from './house.ts'
import { createLease } from './lease.ts'
import type { Streams } from './streams.ts'
import { isRefusal, type Followed } from './subject.ts'

/** How often an action that throws is tried, and how long it waits in between, in milliseconds. */
const attempts = 5
const firstWaitMs = 1_000
const longestWaitMs = 60_000
/** How often an outcome that the log did not take is offered again, and how long it waits in between, in milliseconds. */
const recordings = 60
const recordAgainMs = 1_000

export interface Performance {
  readonly followed: Followed<Incident>
  readonly part: Part
  readonly claim: ActionStarted
  readonly takeover: boolean
  readonly leaseMs: number
  readonly stopping: AbortSignal
  readonly onHold: () => string | undefined
}

/** Performs one claimed action: lease, effect, outcome. Never rejects: what goes wrong is recorded, and a person is told. */
export async function perform(
  house: House,
  streams: Streams,
  committer: Committer,
  performance: Performance,
): Promise<void> {
  const { followed, part, claim, leaseMs, stopping } = performance
  const { clock, logger } = house
  const mine = (state: Readonly<Incident>) => {
    const action = state.actions.get(claim.key)
    return action?.finished === undefined && action?.owner === claim.owner && action.attempt === claim.attempt
  }
  const write = (events: readonly NewEvent[], tell?: Outcome['tell']) =>
    followed.mailbox.run('outcome', () =>
      committer.commit(followed, (state) =>
        mine(state) ? { events, ...(tell === undefined ? {} : { tell }) } : undefined,
      ),
    )
  const finish = (outcome: Omit<ActionFinished, 'key' | 'attempt'>, { events, tell }: Outcome) => {
    const data: ActionFinished = { key: claim.key, attempt: claim.attempt, ...outcome }
    return write([...events, { type: 'action.finished', actor: part.name, data }], tell)
  }
  /** The effect is in the world: a log that takes nothing for a moment must not make it happen once more. */
  const recordDone = async (outcome: Outcome) => {
    for (let left = recordings; ; left = stopping.aborted ? 0 : left - 1) {
      try {
        return await finish({ outcome: 'done' }, outcome)
      } catch (error) {
        if (left <= 0 || isRefusal(error)) throw error
        logger.warn('an outcome is not recorded yet', { key: claim.key, error: messageOf(error) })
        await clock.sleep(recordAgainMs, stopping).catch(() => undefined)
      }
    }
  }
  const lease = createLease({
    clock,
    leaseMs,
    deadlineAt: Date.parse(claim.deadline),
    parent: stopping,
    async renew(deadline) {
      const { key, attempt, owner } = claim
      const data = { key, attempt, owner, deadline: new Date(deadline).toISOString() }
      return (await write([{ type: 'action.renewed', actor: part.name, data }])) !== undefined
    },
  })
  const service = await streams.service(followed.state.kind === 'incident' ? followed.state.service : '*')
  const organisation = await streams.service('*')
  const context: PerformContext<Subject> = {
    subject: followed.state,
    service: service.state,
    organisation: organisation.state,
    attempt: triesOf(performance),
    takeover: performance.takeover,
    idempotencyKey: claim.idempotencyKey,
    clock,
    random: house.random,
    signal: lease.signal,
    held: () => lease.held() && performance.onHold() === undefined,
    async record(events) {
      if ((await write(events)) === undefined) {
        lease.lose()
        throw new ClaimLost(claim.key)
      }
    },
    history: () => house.log.read(followed.stream),
  }
  lease.keep()
  try {
    const action = { key: claim.key, why: claim.why, effect: claim.effect }
    const outcome = await performWith(part, action, context as PerformContext<Incident>)
    await recordDone(outcome)
  } catch (error) {
    logger.warn('an action did not finish', { key: claim.key, attempt: claim.attempt, error: messageOf(error) })
    await finish(verdict(error, triesOf(performance), clock.now(), stopping.aborted), {
      events: tellAPerson(error, performance, stopping.aborted),
    }).catch((failure: unknown) => {
      logger.error('an outcome could not be recorded', { key: claim.key, error: messageOf(failure) })
    })
  } finally {
    lease.end()
  }
}

async function performWith(
  part: Part,
  action: Parameters<NonNullable<Part['perform']>>[0],
  context: PerformContext,
): Promise<Outcome> {
  if (part.perform === undefined)
    throw new FirebreakError({
      code: 'PART_CANNOT_PERFORM',
      message: `the part ${part.name} planned an effect and has no perform`,
    })
  const outcome: unknown = await part.perform(action, context)
  if (!Array.isArray((outcome as Partial<Outcome> | null | undefined)?.events))
    throw new InvalidInput(
      `${part.name}: perform`,
      'gave no outcome; give { events: [] } where there is nothing to say',
    )
  return outcome as Outcome
}

/** The attempts that were really tries, this one included: neither a hold nor a stop says anything about the effect. */
function triesOf({ followed, claim }: Performance): number {
  return Math.max(1, claim.attempt - (followed.state.actions.get(claim.key)?.putOff ?? 0))
}

/** Retryability is known where the error was made: `retryable: false` is final. */
function verdict(
  error: unknown,
  tries: number,
  now: number,
  stopping: boolean,
): Omit<ActionFinished, 'key' | 'attempt'> {
  const { code, retryable, retryAfterMs } = (error ?? {}) as {
    code?: unknown
    retryable?: unknown
    retryAfterMs?: unknown
  }
  const described = { message: messageOf(error), ...(typeof code === 'string' ? { code } : {}) }
  if (stopping) return { outcome: 'released', error: described }
  if (code === 'UNCERTAIN') return { outcome: 'uncertain', error: described }
  // What a hold has put off has not failed, however often it was put off.
  const tried = tries >= attempts && code !== 'HELD'
  const final = retryable === false || code === 'INVALID_INPUT' || code === 'ID_CONFLICT'
  if (final || tried) return { outcome: 'failed', error: described }
  const waitMs = Math.max(
    typeof retryAfterMs === 'number' ? retryAfterMs : 0,
    Math.min(longestWaitMs, firstWaitMs * 2 ** (tries - 1)),
  )
  return { outcome: 'retry', retryAt: new Date(now + waitMs).toISOString(), error: described }
}

/** An action that is given up is somebody's to look at. A desk's own failures are in its pages. */
function tellAPerson(error: unknown, performance: Performance, stopped: boolean): NewEvent[] {
  const { followed, part, claim, stopping } = performance
  const tries = triesOf(performance)
  const { outcome } = verdict(error, tries, 0, stopped || stopping.aborted)
  if (followed.state.kind !== 'incident' || (outcome !== 'failed' && outcome !== 'uncertain')) return []
  const why = `${claim.key} ${outcome === 'failed' ? `failed after ${tries} attempts` : 'may or may not have happened'}: ${messageOf(error)}`
  return [
    { type: 'incident.escalated', actor: part.name, data: { service: followed.state.service, to: 'engineer', why } },
  ]
}

export function messageOf(error: unknown): string {
  return redactSecrets(wordsOf(error)).slice(0, 500)
}

/** Anything can be thrown, also what has no words: that must not stop whoever wants to tell of it. */
function wordsOf(error: unknown): string {
  try {
    return error instanceof Error ? error.message : String(error)
  } catch {
    return 'something was thrown that cannot be put into words'
  }
}
