import { assertPositive } from './bounds.ts'
import { applyClaims, type Claims, claimsIgnore, judgeClaim, readClaims } from './claim.ts'
import { systemClock, type Clock } from './clock.ts'
import type { ActionFinished, ActionStarted } from './events.ts'
import { InvalidInput } from './errors.ts'
import { describeError, judgeFailure } from './failure.ts'
import { incidentJournal } from './incident-journal.ts'
import type { IncidentLog, Presence, Write } from './incident-log.ts'
import type { Journal } from './journal.ts'
import type { Json } from './json.ts'
import { isRefused, keepLease } from './lease.ts'
import { isVersionConflict } from './log-errors.ts'
import { createId, systemRandom, type Random } from './random.ts'
import type { NewEvent, RecordedEvent, StreamId } from './recorded.ts'
import { defaultRetry, type RetryPolicy } from './retry.ts'

/** What an effect gets. */
export interface OnceContext {
  /** URL-safe, globally unique, the same for every attempt at this key: hand it to whatever deduplicates. */
  readonly idempotencyKey: string
  /** Aborts when the claim is lost or the time is over, and with the caller's signal. The effect must stop then. */
  readonly signal: AbortSignal
  /** 1 for the first performer. */
  readonly attempt: number
  /** Somebody has been here before and may have got far: look before you act. */
  readonly takeover: boolean
  /** What the first claim recorded: a takeover performs that, whatever its own caller passed. */
  readonly input: Json
  /** The memory of this key across crashes; refuses entries when the claim is lost. */
  readonly journal: Journal
  readonly clock: Clock
  readonly random: Random
  /** Is the claim still ours? Read synchronously right before each effect on the world. */
  held(): boolean
}

/** Changes the world, and says what to record of it. */
export type Effect = (context: OnceContext) => Promise<readonly NewEvent[] | undefined>

export interface OnceOptions {
  /** What the effect needs, recorded with the first claim. */
  readonly input?: Json | undefined
  /** One sentence for the record: why this is done. */
  readonly why?: string | undefined
  /** How long a claim holds without renewal, in milliseconds; default 30,000. It is renewed at half. */
  readonly leaseMs?: number | undefined
  /**
   * How long an attempt may take, in milliseconds; default one hour. Then its signal aborts and its claim runs out, so that
   * an effect that hangs does not keep others away for ever.
   */
  readonly timeoutMs?: number | undefined
  /** When a failed attempt is worth another, and after how long; default five attempts, 1 s doubling to 60 s. */
  readonly retry?:
    | Partial<Pick<RetryPolicy, 'attempts' | 'baseMs' | 'maxMs' | 'jitter' | 'maxRetryAfterMs' | 'filter'>>
    | undefined
  /** Names this performer; default a new id for each call. Needed together with `presence`. */
  readonly owner?: string | undefined
  /** Tells that another owner is dead before its deadline does: what `log.presence(owner)` gave. */
  readonly presence?: Pick<Presence, 'isGone'> | undefined
  readonly actor?: string | undefined
  readonly clock?: Clock | undefined
  readonly random?: Random | undefined
  readonly signal?: AbortSignal | undefined
}

/** What became of this call. Only `done` means that this call performed the effect and recorded it. */
export type OnceResult =
  | { readonly status: 'done'; readonly attempt: number; readonly events: readonly RecordedEvent[] }
  /** It threw; the key may be claimed again from `retryAt` (milliseconds since the epoch). */
  | { readonly status: 'retry'; readonly attempt: number; readonly retryAt: number; readonly error: unknown }
  /** It threw, for good; or it may have happened and a person has to look. */
  | { readonly status: 'failed' | 'uncertain'; readonly attempt: number; readonly error: unknown }
  /** It took longer than its lease and another performer has it now; nothing was recorded. */
  | { readonly status: 'lost'; readonly attempt: number }
  /** Another performer has it; or a retry is not due yet. */
  | { readonly status: 'busy' | 'waiting'; readonly until: number }
  /** It was finished before. */
  | { readonly status: 'finished'; readonly outcome: ActionFinished['outcome'] }

const retryDefaults = { attempts: 5, baseMs: 1_000, maxMs: 60_000 }
const defaultLeaseMs = 30_000
const defaultTimeoutMs = 3_600_000

/**
 * Performs an effect once, across crashes and replicas: claims the key in one append, performs, and records what came of it
 * together with the end of the claim in one append. While a claim lives, other callers do nothing. When it ran out, the
 * next caller takes it over, with the input that was recorded and `takeover: true`. What the effect throws is recorded and
 * returned, never thrown; what the log throws is thrown.
 */
export async function once(
  log: IncidentLog,
  stream: StreamId,
  key: string,
  effect: Effect,
  options: OnceOptions = {},
): Promise<OnceResult> {
  const { clock = systemClock, random = systemRandom, leaseMs = defaultLeaseMs, actor = 'once', signal } = options
  const { timeoutMs = defaultTimeoutMs } = options
  assertPositive(leaseMs, 'leaseMs')
  assertPositive(timeoutMs, 'timeoutMs')
  if (key === '') throw new InvalidInput('key', 'is empty: name the action')
  const claims: Claims = { stream, version: 0, actions: new Map() }
  const refused = await takeClaim(log, claims, key, options)
  if (refused !== undefined) return refused

  const action = claims.actions.get(key)!
  const { attempt, owner, idempotencyKey, deadlineAt } = action
  const claim = { key, owner, attempt }
  const lease = keepLease({ log, claims, claim, leaseMs, timeoutMs, deadlineAt, actor, clock, signal })
  const append = (event: NewEvent) => lease.append([event])
  const context: OnceContext = {
    idempotencyKey,
    attempt,
    takeover: attempt > 1,
    input: action.effect,
    journal: incidentJournal(log, stream, key, { actor, clock, random, append }),
    signal: lease.signal,
    held: lease.held,
    clock,
    random,
  }
  try {
    let ended = await perform(effect, context, options)
    const end = () => {
      const data = { key, attempt, outcome: ended.outcome, ...ended.recorded }
      return { type: 'action.finished', actor, at: new Date(clock.now()).toISOString(), data }
    }
    const events = await lease.finish([...ended.events, end()]).catch((error: unknown) => {
      if (!isRefused(error)) throw error
      // It has happened, and what it says of itself can never be recorded: it must not be repeated for that.
      ended = { outcome: 'uncertain', events: [], recorded: { error: describeError(error) }, retryAt: 0, error }
      return lease.finish([end()])
    })
    if (events === undefined) return { status: 'lost', attempt }
    if (ended.outcome === 'done') return { status: 'done', attempt, events }
    if (ended.outcome === 'retry') return { status: 'retry', attempt, retryAt: ended.retryAt, error: ended.error }
    return { status: ended.outcome, attempt, error: ended.error }
  } finally {
    lease.stop()
  }
}

/** How an attempt ended, and what of it goes into the record. */
interface Ended {
  readonly outcome: 'done' | 'retry' | 'failed' | 'uncertain'
  readonly events: readonly NewEvent[]
  readonly recorded: Pick<ActionFinished, 'retryAt' | 'error'>
  readonly retryAt: number
  readonly error?: unknown
}

async function perform(effect: Effect, context: OnceContext, options: OnceOptions): Promise<Ended> {
  try {
    return { outcome: 'done', events: (await effect(context)) ?? [], recorded: {}, retryAt: 0 }
  } catch (error) {
    const policy = { ...defaultRetry, ...retryDefaults, ...options.retry }
    // Our own stop is no failure of the effect: whoever comes next may go on at once.
    const stopped = options.signal?.aborted === true
    const { outcome, waitMs } = stopped
      ? { outcome: 'retry' as const, waitMs: 0 }
      : judgeFailure(error, context.attempt, policy, context.random)
    const retryAt = context.clock.now() + waitMs
    const again = outcome === 'retry' ? { retryAt: new Date(retryAt).toISOString() } : {}
    return { outcome, events: [], recorded: { ...again, error: describeError(error) }, retryAt, error }
  }
}

/** Claims the key in one append; after a lost race looks again. Gives why not, or nothing when it is ours. */
async function takeClaim(
  log: IncidentLog,
  claims: Claims,
  key: string,
  options: OnceOptions,
): Promise<OnceResult | undefined> {
  const { clock = systemClock, random = systemRandom, leaseMs = defaultLeaseMs, actor = 'once', signal } = options
  const owner = options.owner ?? createId(clock, random)
  for (;;) {
    signal?.throwIfAborted()
    await readClaims(log, claims)
    const before = claims.actions.get(key)
    const gone = before !== undefined && (await options.presence?.isGone(before.owner)) === true
    const now = clock.now()
    const verdict = judgeClaim(before, now, gone)
    if (verdict.status !== 'free') return verdict
    const data: ActionStarted = {
      key,
      part: 'once',
      attempt: verdict.attempt,
      owner,
      deadline: new Date(now + leaseMs).toISOString(),
      effect: before === undefined ? (options.input ?? null) : before.effect,
      why: options.why ?? '',
      idempotencyKey: before?.idempotencyKey ?? createId(clock, random),
    }
    const id = createId(clock, random)
    const events = [{ type: 'action.started', actor, id, at: new Date(now).toISOString(), data }]
    const expected = { since: claims.version, ignoring: claimsIgnore }
    try {
      const appended = await appendTwice(log, { stream: claims.stream, events, expected })
      for (const event of appended) applyClaims(claims, event)
      return undefined
    } catch (error) {
      if (!isVersionConflict(error)) throw error
    }
  }
}

/** A log that broke off may have taken it: the same id gives the first result, so that asking once more is harmless. */
async function appendTwice(log: IncidentLog, write: Write): Promise<readonly RecordedEvent[]> {
  const append = async () => (await log.append([write]))[0]?.events ?? []
  return append().catch((error: unknown) => {
    if (isVersionConflict(error) || isRefused(error)) throw error
    return append()
  })
}
