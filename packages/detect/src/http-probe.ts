import { InvalidInput, required, systemClock, withDeadline, type Probe } from '@firebreak/core'
import type { Baseline } from './baseline.ts'
import { readBeginning } from './bounded-body.ts'
import { couldNotLook } from './could-not-look.ts'
import { numberIn } from './numbers.ts'
import type { FactProbeOptions } from './probe-options.ts'
import { createLatencyLook } from './probe-latency.ts'
import { createCertificateLook } from './tls-expiry.ts'
import { createVerdicts, type Verdict } from './verdict.ts'

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
  /**
   * What response time is usual, in milliseconds, or a `baseline()` to learn it: gives latency as a figure besides,
   * `<name>/latency`, the median of the last five answers. Left out, only `expect.withinMs` judges the time.
   */
  readonly baselineMs?: number | Baseline | undefined
  /**
   * A warning when the certificate ends within so many days, `<name>/certificate`, looked at once an hour. Default 14 for
   * https, 0 for never; never with an own `fetch` unless given.
   */
  readonly certificateDays?: number | undefined
  readonly fetch?: typeof fetch | undefined
}

const maxBodyBytes = 1024 * 1024

/** Is it up? Refused, reset, too slow, wrong status or wrong body is the service being down; no network of our own is not. */
export function httpProbe(options: HttpProbeOptions): Probe & { readonly service: string } {
  const url = parseUrl(options.url)
  const { clock = systemClock, method = 'GET', headers = {}, expect = {}, followRedirects = false } = options
  const timeoutMs = numberIn(options.timeoutMs ?? 5_000, 'timeoutMs', 1)
  const name = options.name ?? `http/${url.host}${url.pathname === '/' ? '' : url.pathname}`

  const judge = createVerdicts('http', name, options)
  const { baselineMs } = options
  const latency = baselineMs === undefined ? undefined : createLatencyLook('http', name, { ...options, baselineMs })
  const certificateDays = numberIn(
    options.certificateDays ?? (options.fetch === undefined ? 14 : 0),
    'certificateDays',
    0,
  )
  const looksAtCertificate = url.protocol === 'https:' && certificateDays > 0
  const certificate = looksAtCertificate ? createCertificateLook(url, name, { ...options, certificateDays }) : undefined

  async function ask(signal: AbortSignal): Promise<Answer> {
    const startedAt = clock.now()
    const redirect = followRedirects ? 'follow' : 'manual'
    const response = await (options.fetch ?? fetch)(url, { method, headers, redirect, signal })
    const body = await readBody(response)
    const tookMs = clock.now() - startedAt
    const wrong = mistake(response.status, body, tookMs, expect)
    const summary = `${url.host} ${wrong ?? `answers ${response.status} in ${tookMs} ms`}`
    return { verdict: { ok: wrong === undefined, summary }, tookMs }
  }
  async function readBody(response: Response): Promise<string> {
    if (expect.body !== undefined) return readBeginning(response, maxBodyBytes)
    await response.body?.cancel()
    return ''
  }
  async function askInTime(signal: AbortSignal): Promise<Answer> {
    const deadline = withDeadline(clock, timeoutMs, signal)
    const failed = (what: string): Answer => ({ verdict: { ok: false, summary: `${url.host} ${what}` } })
    try {
      return await ask(deadline.signal)
    } catch (error) {
      if (signal.aborted) throw signal.reason
      if (deadline.signal.aborted) return failed(`does not answer within ${timeoutMs} ms`)
      return failed(couldNotLook(error, name))
    } finally {
      deadline.clear()
    }
  }

  return {
    name,
    service: options.service,
    async observe({ signal }) {
      signal.throwIfAborted()
      const { verdict, tookMs } = await askInTime(signal)
      // A time is a figure only of an answer that was right: errors are quick.
      if (!verdict.ok) return judge(verdict)
      const slow = latency === undefined || tookMs === undefined ? [] : latency(tookMs)
      return [...judge(verdict), ...slow, ...((await certificate?.(signal)) ?? [])]
    },
  }
}

interface Answer {
  readonly verdict: Verdict
  /** Missing when there was none. */
  readonly tookMs?: number
}

function parseUrl(text: string): URL {
  const url = URL.parse(required(text, 'url', 'httpProbe'))
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new InvalidInput('url', 'must be an address that begins with http:// or https://')
  if (url.username !== '' || url.password !== '')
    throw new InvalidInput('url', 'holds a user or password: pass them in headers')
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
