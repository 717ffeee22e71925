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
import { errorFromAnswer } from '../errors/from-answer.ts'
import { FlyAbortedError, FlyTimeoutError, FlyUnexpectedAnswerError } from '../errors/kinds.ts'
import { readText, TooLarge } from './body.ts'
import type { CallOptions } from './call.ts'
import { parseJson } from './json.ts'
import { networkError } from './network-error.ts'
import type { Pace, Pacer, Pacing } from './pacing.ts'
import { flyRetry, mayRepeat, type Repeat } from './retry-policy.ts'
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
const errorBodyBytes = 64 * 1024

export function createHttp(settings: HttpSettings): Http {
  const { clock, random } = settings

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
    const own = options.retry ?? settings.retry
    const policy = own === false ? { attempts: 1 } : { ...settings.retry, ...own }
    return within(options, about, (signal) =>
      retry((number) => attempt(request, url, about, number + (request.attempt ?? 1) - 1, signal), {
        policy: { ...flyRetry, ...policy, filter: (error) => mayRepeat(request.repeat, error) },
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
      const exchanged = exchange(request, url, deadline.signal).then((answer) => read((response = answer), about))
      return await unlessAborted(exchanged, deadline.signal)
    } catch (error) {
      failure = translate(error, { about, parent, deadline: deadline.signal, limitMs, response })
      throw failure
    } finally {
      deadline.clear()
      tell(request, response, number, clock.now() - startedAt, failure)
    }
  }

  function exchange(request: FlyRequest, url: URL, signal: AbortSignal): Promise<Response> {
    const headers: Record<string, string | undefined> = {
      accept: 'application/json',
      'user-agent': settings.userAgent,
      authorization: settings.authorization(request.service),
      ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...request.headers,
    }
    return ky(url, {
      method: request.method,
      headers,
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
      signal,
      fetch: settings.fetch,
      redirect: 'manual',
      retry: 0,
      timeout: false,
      throwHttpErrors: false,
    })
  }

  async function read(response: Response, about: About): Promise<FlyAnswer> {
    const requestId = response.headers.get('fly-request-id') ?? undefined
    const details = { ...about, status: response.status, requestId }
    if (response.type === 'opaqueredirect' || (response.status >= 300 && response.status < 400)) {
      await response.body?.cancel()
      const message = `${about.method} ${about.path}: answered with a redirect, which is not followed (the token would travel along)`
      throw new FlyUnexpectedAnswerError(message, details)
    }
    if (response.status < 200 || response.status > 299) {
      const body = settings.hide(await readText(response, errorBodyBytes).catch(() => ''))
      const { status, headers } = response
      throw errorFromAnswer({ status, headers, body, requestId, ...about }, clock.now())
    }
    const text = await readText(response, settings.maxResponseBytes)
    return { json: json(response, text, details), response: copyOf(response, text), requestId }
  }

  function json(response: Response, text: string, details: About): unknown {
    if (text.trim() === '') return undefined
    const type = response.headers.get('content-type')
    const where = `${details.method} ${details.path}`
    if (type !== null && !/^application\/(?:[\w.+-]+\+)?json\b/i.test(type))
      throw new FlyUnexpectedAnswerError(
        `${where}: answered with ${settings.hide(type.slice(0, 60))}, not JSON`,
        details,
      )
    try {
      return parseJson(text)
    } catch {
      const message = `${where}: the answer is not valid JSON; it was probably cut off`
      throw new FlyUnexpectedAnswerError(message, { ...details, retryable: true, ambiguous: true })
    }
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
    settings.bus?.emit('fly.requested', {
      method: request.method,
      route: request.route,
      status: response?.status ?? null,
      attempt,
      durationMs,
      ...(requestId === null || requestId === undefined ? {} : { requestId }),
      ...(error === undefined ? {} : { error: FirebreakError.isInstance(error) ? error.code : 'ABORTED' }),
    })
  }

  return { settings, send, within }
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

/** The body has been read; a copy lets the caller read it again. */
function copyOf({ status, statusText, headers }: Response, text: string): Response {
  return new Response(text === '' ? null : text, { status, statusText, headers })
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
