import { appendWhileCurrent, type Claims, readClaims } from './claim.ts'
import type { Clock } from './clock.ts'
import { FirebreakError, TimeoutError } from './errors.ts'
import type { IncidentLog } from './incident-log.ts'
import { ClaimLost } from './log-errors.ts'
import type { NewEvent, RecordedEvent } from './recorded.ts'

/** A claim that was won and is kept alive at half-lease until it is stopped. */
export interface Lease {
  /** Aborts when the claim is lost, its lease ran out unrenewed or its time is over, and with the caller's signal. */
  readonly signal: AbortSignal
  /** True only while the last deadline that was really recorded lies ahead. */
  readonly held: () => boolean
  /** Appends while the claim is ours. */
  append(events: readonly NewEvent[]): Promise<readonly RecordedEvent[]>
  /** Appends the outcome; `undefined` when the claim was lost. A log that fails is asked again, after a look whether it took it. */
  finish(events: readonly NewEvent[]): Promise<readonly RecordedEvent[] | undefined>
  stop(): void
}

/** The log will never take these events, however often it is asked. */
export function isRefused(error: unknown): boolean {
  return FirebreakError.isInstance(error) && (error.code === 'INVALID_INPUT' || error.code === 'ID_CONFLICT')
}

/** Waits before each further try to record an outcome that has happened, in milliseconds. */
const patience: readonly number[] = [100, 500, 2_000, 10_000]

export interface LeaseOptions {
  readonly log: IncidentLog
  readonly claims: Claims
  readonly claim: { readonly key: string; readonly owner: string; readonly attempt: number }
  readonly leaseMs: number
  /** For how long it is kept alive at most. */
  readonly timeoutMs: number
  /** Milliseconds since the epoch; as recorded with the claim. */
  readonly deadlineAt: number
  readonly actor: string
  readonly clock: Clock
  readonly signal?: AbortSignal | undefined
}

export function keepLease(options: LeaseOptions): Lease {
  const { log, claims, claim, leaseMs, timeoutMs, actor, clock } = options
  const limitAt = clock.now() + timeoutMs
  let { deadlineAt } = options
  let renewing = false
  let ended = false
  const over = new AbortController()
  const stopping = new AbortController()
  const abort = () => over.abort(options.signal?.reason)
  if (options.signal?.aborted === true) abort()
  options.signal?.addEventListener('abort', abort, { once: true })

  async function append(events: readonly NewEvent[]) {
    try {
      return await appendWhileCurrent(log, claims, claim, events)
    } catch (error) {
      if (error instanceof ClaimLost) over.abort(error)
      throw error
    }
  }
  /** The lease extends when the append resolves, never when it is tried: a zombie must not keep itself alive. */
  async function renew() {
    const next = clock.now() + leaseMs
    const data = { ...claim, deadline: new Date(next).toISOString() }
    await append([{ type: 'action.renewed', actor, at: new Date(clock.now()).toISOString(), data }])
    deadlineAt = next
  }
  async function keep() {
    while (!over.signal.aborted) {
      const now = clock.now()
      if (now >= limitAt)
        return over.abort(new TimeoutError(`${claim.key} took longer than ${timeoutMs} ms`, timeoutMs))
      if (now >= deadlineAt) return over.abort(new ClaimLost(claim.key))
      // Far from the end: wait for half of the lease and renew. Near it: the renewal did not come through in time.
      await clock.sleep(Math.min(leaseMs / 2, deadlineAt - now, limitAt - now), stopping.signal)
      if (clock.now() < Math.min(deadlineAt, limitAt) && !renewing) {
        renewing = true
        void renew()
          .catch(() => undefined)
          .finally(() => (renewing = false))
      }
    }
  }
  async function finish(events: readonly NewEvent[]) {
    // The claim lives on until its end is recorded; the effect has had its time.
    ended = true
    for (let failures = 0; ; failures += 1) {
      try {
        if (failures > 0) {
          await readClaims(log, claims)
          if (claims.actions.get(claim.key)?.finished?.attempt === claim.attempt) return await recordedOutcome()
        }
        return await append(events)
      } catch (error) {
        if (error instanceof ClaimLost) return undefined
        const waitMs = patience[failures]
        if (waitMs === undefined || isRefused(error)) throw error
        await clock.sleep(waitMs)
      }
    }
    /** The append that seemed to fail had been taken: its events are the last ones before the end of the claim. */
    async function recordedOutcome() {
      const recorded: RecordedEvent[] = []
      for await (const event of log.read(claims.stream)) recorded.push(event)
      const end = recorded.findLastIndex(
        ({ type, data }) => type === 'action.finished' && (data as { key?: string }).key === claim.key,
      )
      return recorded.slice(Math.max(0, end + 1 - events.length), end + 1)
    }
  }
  keep().catch(() => undefined)

  return {
    signal: over.signal,
    held: () => !ended && !over.signal.aborted && !stopping.signal.aborted && clock.now() < deadlineAt,
    append,
    finish,
    stop() {
      options.signal?.removeEventListener('abort', abort)
      stopping.abort()
    },
  }
}
