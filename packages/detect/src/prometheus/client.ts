import {
  AbortedError,
  InvalidInput,
  NetworkError,
  required,
  systemClock,
  withDeadline,
  type Clock,
} from '@firebreak/core'
import { readBounded } from '../bounded-body.ts'
import { DetectError } from '../detect-error.ts'
import { numberIn } from '../numbers.ts'
import { parseVector, type Series } from './vector.ts'

export interface PrometheusOptions {
  /** What stands before `/api/v1/query`: `https://api.fly.io/prometheus/<org>`, `http://localhost:9090`. */
  readonly url: string
  /** Sent as `Authorization`: Fly's macaroons (`fm2_…`) as `FlyV1`, anything else as `Bearer`; an own scheme before a space stays. */
  readonly token?: string | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Milliseconds for one query. Default 5,000. */
  readonly queryTimeoutMs?: number | undefined
  readonly fetch?: typeof fetch | undefined
  readonly clock?: Clock | undefined
}

/** Runs one instant query; an empty list is "absent", which is not zero. */
export type PromQuery = (query: string, context: { at?: number; signal: AbortSignal }) => Promise<readonly Series[]>

const maxAnswerBytes = 10 * 1024 * 1024

export function createPromQuery(options: PrometheusOptions): PromQuery {
  const { clock = systemClock, headers = {} } = options
  const base = trimUrl(options.url)
  const timeoutMs = numberIn(options.queryTimeoutMs ?? 5_000, 'queryTimeoutMs', 1)
  const authorization = 'token' in options ? scheme(required(options.token, 'token', 'prometheus')) : undefined
  const sent = { accept: 'application/json', ...(authorization === undefined ? {} : { authorization }), ...headers }
  const origin = new URL(base).origin

  async function ask(address: string, signal: AbortSignal): Promise<string> {
    const send = options.fetch ?? fetch
    const response = await send(address, { headers: sent, redirect: 'manual', signal })
    if (response.status >= 300 && response.status < 400) {
      await response.body?.cancel()
      throw new DetectError('PROMETHEUS_REFUSED', `${origin} redirects (${response.status}): give the final url`)
    }
    const body = await readBounded(response, maxAnswerBytes)
    if (body === undefined)
      throw new DetectError('PROMETHEUS_UNREADABLE', `${origin} answered more than 10 MB: narrow the query`)
    // 400, 422 and 503 carry Prometheus's own explanation; a gateway in front of it does not.
    if (!response.ok && !/"status"\s{0,5}:\s{0,5}"error"/.test(body.slice(0, 1_000)))
      throw new DetectError('PROMETHEUS_REFUSED', `${origin} answered ${response.status}: ${body.slice(0, 200)}`)
    return body
  }

  return async function promQuery(query, { at, signal }) {
    signal.throwIfAborted()
    const deadline = withDeadline(clock, timeoutMs, signal)
    const search = new URLSearchParams({ query, ...(at === undefined ? {} : { time: (at / 1_000).toFixed(3) }) })
    try {
      return parseVector(await ask(`${base}/api/v1/query?${search.toString()}`, deadline.signal), origin)
    } catch (error) {
      if (deadline.signal.aborted) throw deadline.signal.reason
      if (error instanceof DetectError || error instanceof AbortedError) throw error
      throw new NetworkError(`${origin} cannot be reached, or broke off: ${reason(error)}`, error)
    } finally {
      deadline.clear()
    }
  }
}

function trimUrl(text: string): string {
  const url = URL.parse(required(text, 'url', 'prometheus'))
  if (url === null) throw new InvalidInput('url', 'must be what stands before /api/v1/query: http://localhost:9090')
  if (url.username !== '' || url.password !== '')
    throw new InvalidInput('url', 'holds a user or password: pass it as token, or in headers')
  return text.replace(/\/+$/, '')
}

function scheme(token: string): string {
  if (token.includes(' ')) return token
  return /^fm\d?[a-z]?_|^fm2_/.test(token) ? `FlyV1 ${token}` : `Bearer ${token}`
}

function reason(error: unknown): string {
  const cause = (error as { cause?: { code?: unknown } } | null)?.cause?.code
  return typeof cause === 'string' ? cause : error instanceof Error ? error.message : 'unknown error'
}
