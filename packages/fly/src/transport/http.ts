import {
  FirebreakError,
  retry,
  withDeadline,
  type Clock,
  type Random,
  type Teller,
  type TimeoutError,
} from '@firebreak/core'
import ky from 'ky'
import { FlyError } from '../errors/fly-error.ts'
import { FlyAbortedError, FlyTimeoutError, FlyUnexpectedAnswerError } from '../errors/kinds.ts'
import { TooLarge } from './body.ts'
import { troubleMemory, type TroubleMemory } from '../support/trouble-memory.ts'
import type { CallOptions } from './call.ts'
import { networkError } from './network-error.ts'
import type { Pace, Pacer, Pacing } from './pacing.ts'
import { readAnswer, type ReadLimits } from './read-answer.ts'
import { mayRepeat, retryPolicy, type Repeat } from './retry-policy.ts'
import { checkedNumber, fillRoute } from './route.ts'
import type { FlyService } from './token.ts'

/** Everything a request needs that is the same for all requests of one client. */
export interface HttpSettings {
  readonly urls: Readonly<Record<FlyService, string>>
  readonly authorization: (service: FlyService) => string | undefined
  readonly hide: (text: string) => string
  readonly fetch: typeof fetch
  readonly clock: Clock
  readonly random: Random
  readonly bus?: Teller | undefined
  readonly retry: CallOptions['retry']
  readonly userAgent: string
  readonly attemptTimeoutMs: number
  readonly maxResponseBytes: number
  readonly pacing: Pacing | false
  readonly pacer: Pacer
}

export interface FlyRequest {
  readonly service: FlyService
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** With `{placeholders}`; this is what the bus is told. */
  readonly route: string
  /** Values for the placeholders, checked or encoded already. */
  readonly values?: Readonly<Record<string, string>> | undefined
  readonly query?: readonly (readonly [string, string])[] | undefined
  readonly headers?: Readonly<Record<string, string | undefined>> | undefined
  /** Sent as JSON. */
  readonly body?: unknown
  readonly repeat: Repeat
  /** Which queue it waits in; absent where Fly counts nothing. */
  readonly pace?: { readonly key: string; readonly by: keyof Pacing } | undefined
  /** Longest single attempt. */
  readonly attemptTimeoutMs?: number | undefined
  /** Which attempt this is, when the caller does the repeating. */
  readonly attempt?: number | undefined
}

export interface FlyAnswer {
  readonly json: unknown
  readonly response: Response
  readonly requestId: string | undefined
}

export interface Http {
  readonly settings: HttpSettings
  /** What each app's API failed to answer lately. */
  readonly troubles: TroubleMemory
  /** One call: paced, bounded in time, repeated as its kind allows. Rejects with a `FlyError`. */
  send(request: FlyRequest, options?: CallOptions): Promise<FlyAnswer>
  /** Runs several requests as one call: under one deadline, with its failures in the family's words. */
  within<T>(options: CallOptions, about: About, work: (signal: AbortSignal) => Promise<T>): Promise<T>
}

/** For errors: what was being done. */
export interface About {
  readonly method: string
  readonly path: string
}

const defaultTimeoutMs = 120_000

export function createHttp(settings: HttpSettings): Http {
  const { clock, random } = settings
  const troubles = troubleMemory()
  const limits: ReadLimits = { ...settings, now: () => clock.now() }

  async function within<T>(options: CallOptions, about: About, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const timeoutMs = checkedNumber(options.timeoutMs ?? defaultTimeoutMs, 'timeoutMs', 1, 86_400_000)
    const deadline = withDeadline(clock, timeoutMs, options.signal)
    try {
      return await work(deadline.signal)
    } catch (error) {
      throw deadline.signal.aborted && !FlyError.isInstance(error) ? gaveUp(error, about, options.signal) : error
    } finally {
      deadline.clear()
    }
  }

  function send(request: FlyRequest, options: CallOptions = {}): Promise<FlyAnswer> {
    const path = fillRoute(request.route, request.values ?? {})
    const url = new URL(settings.urls[request.service] + path)
    for (const [name, value] of request.query ?? []) url.searchParams.append(name, value)
    const about = { method: request.method, path }
    const policy = retryPolicy(settings.retry, options.retry, (error) => mayRepeat(request.repeat, error))
    return within(options, about, (signal) =>
      retry((number) => attempt(request, url, about, number + (request.attempt ?? 1) - 1, signal), {
        policy,
        clock,
        random,
        signal,
      }),
    )
  }

  async function attempt(request: FlyRequest, url: URL, about: About, number: number, parent: AbortSignal) {
    if (request.pace !== undefined && settings.pacing !== false) {
      const pace: Pace = settings.pacing[request.pace.by]
      await settings.pacer.take(request.pace.key, pace, parent)
    }
    const startedAt = clock.now()
    const limitMs = request.attemptTimeoutMs ?? settings.attemptTimeoutMs
    const deadline = withDeadline(clock, limitMs, parent)
    let response: Response | undefined
    let failure: unknown
    try {
      const exchanged = exchange(request, url, deadline.signal).then((answer) => {
        response = answer
        return readAnswer(answer, about, limits)
      })
      return await unlessAborted(exchanged, deadline.signal)
    } catch (error) {
      failure = translate(error, { about, parent, deadline: deadline.signal, limitMs, response })
      throw failure
    } finally {
      deadline.clear()
      remember(request, response, failure, parent)
      tell(request, response, number, clock.now() - startedAt, failure)
    }
  }

  /** Only the Machines API: the rest is beside it, and fails without it being down. */
  function remember(
    { service, values }: FlyRequest,
    response: Response | undefined,
    failure: unknown,
    parent: AbortSignal,
  ) {
    const app = values?.['app']
    if (service !== 'machines' || app === undefined) return
    const status = response?.status
    const unanswered = failure !== undefined && (status === undefined || status >= 500)
    if (!unanswered) return troubles.answered(app)
    if (parent.aborted) return
    const id = response?.headers.get('fly-request-id') ?? ''
    troubles.failed(app, { at: clock.now(), status, requestId: /^[\w.-]{1,80}$/.test(id) ? id : undefined })
  }

  /** ky carries it, with its own retry and timeout off: both run on our clock. Any `fetch` gets an address and plain options. */
  function exchange(request: FlyRequest, url: URL, signal: AbortSignal): Promise<Response> {
    const { method } = request
    const body = request.body === undefined ? undefined : JSON.stringify(request.body)
    const all = {
      accept: 'application/json',
      'user-agent': settings.userAgent,
      authorization: settings.authorization(request.service),
      'content-type': body === undefined ? undefined : 'application/json',
      ...request.headers,
    }
    const headers = Object.fromEntries(
      Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined),
    )
    const init: RequestInit = { method, headers, signal, redirect: 'manual', ...(body === undefined ? {} : { body }) }
    const fetch = () => settings.fetch(url.href, init)
    return ky(url, { method, signal, fetch, retry: 0, timeout: false, throwHttpErrors: false })
  }

  function translate(
    error: unknown,
    at: { about: About; parent: AbortSignal; deadline: AbortSignal; limitMs: number; response: Response | undefined },
  ): unknown {
    if (FlyError.isInstance(error)) return error
    const requestId = at.response?.headers.get('fly-request-id') ?? undefined
    const details = { ...at.about, requestId, ...(at.response === undefined ? {} : { status: at.response.status }) }
    const where = `${at.about.method} ${at.about.path}`
    if (at.parent.aborted) return at.parent.reason
    if (at.deadline.aborted) return new FlyTimeoutError(`${where}: no answer within ${at.limitMs} ms`, details)
    if (error instanceof TooLarge)
      return new FlyUnexpectedAnswerError(`${where}: the answer is ${error.message}; it was not read`, details)
    return networkError(error, settings.hide, details)
  }

  function tell(
    request: FlyRequest,
    response: Response | undefined,
    attempt: number,
    durationMs: number,
    error: unknown,
  ) {
    const requestId = response?.headers.get('fly-request-id')
    try {
      settings.bus?.emit('fly.requested', {
        method: request.method,
        route: request.route,
        status: response?.status ?? null,
        attempt,
        durationMs,
        ...(requestId === null || requestId === undefined ? {} : { requestId }),
        ...(error === undefined ? {} : { error: FirebreakError.isInstance(error) ? error.code : 'ABORTED' }),
      })
    } catch {
      // A bus of ours never throws; a foreign one must not turn an answer into an error.
    }
  }

  return { settings, troubles, send, within }
}

/** The caller's abort, or the end of the time that the whole call was given. */
function gaveUp(error: unknown, about: About, own: AbortSignal | undefined): FlyError {
  const where = `${about.method} ${about.path}`
  const reason = own?.aborted === true ? own.reason : error
  if (FirebreakError.isInstance(reason) && reason.code === 'TIMEOUT') {
    const { timeoutMs } = reason as TimeoutError
    return new FlyTimeoutError(`${where}: not done within ${timeoutMs} ms`, { ...about, retryable: false })
  }
  return new FlyAbortedError(`${where}: given up by the caller`, { ...about, cause: reason })
}

/** A `fetch` that was passed in may ignore its signal; the caller is let go all the same. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let abort: (() => void) | undefined
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
  })
  if (signal.aborted) abort?.()
  try {
    return await Promise.race([work, aborted])
  } finally {
    if (abort !== undefined) signal.removeEventListener('abort', abort)
  }
}
