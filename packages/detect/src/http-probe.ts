import { InvalidInput, required, systemClock, withDeadline, type Probe } from '@firebreak/core'
import { readBeginning } from './bounded-body.ts'
import { couldNotLook } from './could-not-look.ts'
import { numberIn } from './numbers.ts'
import type { FactProbeOptions } from './probe-options.ts'
import { factProbe, type Verdict } from './verdict.ts'

export interface HttpExpectation {
  /** Default: 200 to 299. */
  readonly status?: number | readonly number[] | undefined
  /** A part of the body, or a pattern of yours that must match it. At most the first 1 MiB is read. */
  readonly body?: string | RegExp | undefined
  /** Slower than so many milliseconds, body included, is a failure. */
  readonly withinMs?: number | undefined
}

export interface HttpProbeOptions extends FactProbeOptions {
  readonly url: string
  readonly method?: 'GET' | 'HEAD' | 'POST' | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly expect?: HttpExpectation | undefined
  /** Milliseconds until no answer counts as down. Default 5,000. */
  readonly timeoutMs?: number | undefined
  /** A redirect is a failure unless allowed: a login page answers 200. */
  readonly followRedirects?: boolean | undefined
  readonly fetch?: typeof fetch | undefined
}

const maxBodyBytes = 1024 * 1024

/** Is it up? Refused, reset, too slow, wrong status or wrong body is the service being down; no network of our own is not. */
export function httpProbe(options: HttpProbeOptions): Probe & { readonly service: string } {
  const url = parseUrl(options.url)
  const { clock = systemClock, method = 'GET', headers = {}, expect = {}, followRedirects = false } = options
  const timeoutMs = numberIn(options.timeoutMs ?? 5_000, 'timeoutMs', 1)
  const name = options.name ?? `http/${url.host}${url.pathname === '/' ? '' : url.pathname}`

  async function ask(signal: AbortSignal): Promise<Verdict> {
    const startedAt = clock.now()
    const redirect = followRedirects ? 'follow' : 'manual'
    const response = await (options.fetch ?? fetch)(url, { method, headers, redirect, signal })
    const body = await readBody(response)
    const tookMs = clock.now() - startedAt
    const wrong = mistake(response.status, body, tookMs, expect)
    return { ok: wrong === undefined, summary: `${url.host} ${wrong ?? `answers ${response.status} in ${tookMs} ms`}` }
  }
  async function readBody(response: Response): Promise<string> {
    if (expect.body !== undefined) return readBeginning(response, maxBodyBytes)
    await response.body?.cancel()
    return ''
  }

  return factProbe('http', name, options, async (signal) => {
    signal.throwIfAborted()
    const deadline = withDeadline(clock, timeoutMs, signal)
    try {
      return await ask(deadline.signal)
    } catch (error) {
      if (signal.aborted) throw signal.reason
      if (deadline.signal.aborted) return { ok: false, summary: `${url.host} does not answer within ${timeoutMs} ms` }
      return { ok: false, summary: `${url.host} ${couldNotLook(error, name)}` }
    } finally {
      deadline.clear()
    }
  })
}

function parseUrl(text: string): URL {
  const url = URL.parse(required(text, 'url', 'httpProbe'))
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new InvalidInput('url', 'must be an address that begins with http:// or https://')
  return url
}

function mistake(status: number, body: string, tookMs: number, expect: HttpExpectation): string | undefined {
  if (!isExpected(status, expect.status)) return `answers ${status}`
  if (typeof expect.body === 'string' && !body.includes(expect.body))
    return `answers ${status} without the expected text`
  if (expect.body instanceof RegExp && body.search(expect.body) < 0)
    return `answers ${status} without the expected text`
  if (expect.withinMs !== undefined && tookMs > expect.withinMs)
    return `answers in ${tookMs} ms, ${expect.withinMs} ms allowed`
  return undefined
}

function isExpected(status: number, expected: HttpExpectation['status']): boolean {
  if (expected === undefined) return status >= 200 && status <= 299
  return typeof expected === 'number' ? status === expected : expected.includes(status)
}
