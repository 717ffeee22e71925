import * as z from 'zod'
import { FlyNotFoundError, FlyTimeoutError, FlyWaitTimeoutError } from '../errors/kinds.ts'
import type { Answered, CallOptions } from '../transport/call.ts'
import { isTransient } from '../transport/retry-policy.ts'
import { checkedId, checkedNumber } from '../transport/route.ts'
import type { About } from '../transport/http.ts'
import { decode, flag, text } from '../transport/schema.ts'
import { aboutOf, machineRequest, type AppScope } from './scope.ts'

/** `settled` is any state that is not a passing one. */
export type WaitState = 'started' | 'stopped' | 'suspended' | 'destroyed' | 'failed' | 'settled'

export interface WaitQuery extends Omit<CallOptions, 'timeoutMs' | 'retry'> {
  /** One, or any of several. Default `started`. */
  readonly state?: WaitState | readonly WaitState[] | undefined
  /** Of this version (`instance_id`) only. Without it a machine that went back to its old version counts too. */
  readonly version?: string | undefined
  /** Only what happens after this event counts. */
  readonly fromEventId?: string | undefined
  /** How long to wait, in milliseconds; Fly waits 60 s at most, longer waits are repeated. Default 60 s. */
  readonly timeoutMs?: number | undefined
}

/** What Fly said when the state was reached; empty fields where it said nothing. */
export interface WaitResult {
  readonly state?: string | undefined
  readonly version?: string | undefined
  readonly event_id?: string | undefined
}

const waitAnswer = z.looseObject({ ok: flag, state: text, version: text, event_id: text }).nullish()

/** Fly waits from 1 to 60 s in whole seconds. */
const longestSliceMs = 60_000
const pause = { firstMs: 500, longestMs: 2_000 }

/** `GET …/wait`, repeated until the state is reached or the time is over. */
export async function waitForState(scope: AppScope, id: string, query: WaitQuery = {}): Promise<Answered<WaitResult>> {
  const { http } = scope
  const { clock } = http.settings
  const states = [query.state ?? 'started'].flat()
  const timeoutMs = checkedNumber(query.timeoutMs ?? 60_000, 'timeoutMs', 1, 86_400_000)
  const until = clock.now() + timeoutMs
  for (let failures = 0; ;) {
    const startedAt = clock.now()
    const sliceMs = Math.min(longestSliceMs, Math.max(1_000, until - startedAt))
    const request = waitRequest(scope, id, states, query, Math.ceil(sliceMs / 1_000))
    const about = aboutOf(request)
    try {
      const limits = { signal: query.signal, retry: false as const, timeoutMs: Math.max(1, until - startedAt) }
      const { data, response, requestId } = decode(waitAnswer, await http.send(request, limits), about)
      return { data: data ?? {}, response, requestId }
    } catch (error) {
      if (error instanceof FlyNotFoundError && states.includes('destroyed'))
        return { data: { state: 'destroyed' }, response: new Response(null), requestId: error.requestId }
      const over = clock.now() >= until && error instanceof FlyTimeoutError
      if (!over && !isTransient(error)) throw error
      const waited = error instanceof FlyTimeoutError && clock.now() - startedAt >= pause.firstMs
      failures = waited ? 0 : failures + 1
      const asked = (error as { retryAfterMs?: number }).retryAfterMs ?? 0
      const waitMs = waited ? asked : Math.max(asked, Math.min(pause.longestMs, pause.firstMs * 2 ** (failures - 1)))
      if (over || clock.now() + waitMs >= until) throw tooLate(id, states, timeoutMs, about, error)
      await clock.sleep(waitMs, query.signal)
    }
  }
}

function tooLate(id: string, states: readonly string[], timeoutMs: number, about: About, cause: unknown) {
  const message = `machine ${id} is not ${states.join(' or ')} after ${timeoutMs} ms (${(cause as Error).message})`
  return new FlyWaitTimeoutError(message, { ...about, cause })
}

function waitRequest(scope: AppScope, id: string, states: readonly string[], query: WaitQuery, seconds: number) {
  const parameters: [string, string][] = states.map((state) => ['state', state])
  parameters.push(['timeout', String(seconds)])
  if (query.version !== undefined) parameters.push(['version', checkedId(query.version, 'version')])
  if (query.fromEventId !== undefined) parameters.push(['from_event_id', checkedId(query.fromEventId, 'fromEventId')])
  return machineRequest(scope, 'GET', id, '/wait', {
    query: parameters,
    attemptTimeoutMs: seconds * 1_000 + answerMs,
  })
}

/** What the answer may take beyond the waiting itself. */
const answerMs = 15_000
