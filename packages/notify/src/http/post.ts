import { AbortedError, NotifyError, TimeoutError, type SendContext } from '@firebreak/core'
import { withoutSecrets, type Target } from './target.ts'

export interface Sending {
  readonly method?: 'POST' | 'PUT' | 'PATCH' | 'GET' | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** A string is sent as it is, anything else as JSON. */
  readonly body?: unknown
}

/** What a target answered, with as much of its body as any of ours reads. */
export interface Answer {
  readonly status: number
  readonly ok: boolean
  readonly headers: Headers
  readonly text: string
}

/** The answers that we understand are a few hundred bytes; a longer one is cut off. */
const mostBytes = 65_536

/** Failures before the request left: the target cannot have taken it. */
const notTaken = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
])

/** One request. Redirects are not followed: a page must not go where the person who set it up did not send it. */
export async function post(target: Target, url: string | URL, sending: Sending, context: SendContext): Promise<Answer> {
  const { body, method = 'POST' } = sending
  const json = body !== undefined && typeof body !== 'string'
  const headers = { ...(json ? { 'content-type': 'application/json' } : {}), ...sending.headers }
  try {
    const response = await context.fetch(url, {
      method,
      headers,
      redirect: 'manual',
      signal: context.signal,
      ...(body === undefined ? {} : { body: json ? JSON.stringify(body) : (body as string) }),
    })
    const text = await readBounded(response)
    return { status: response.status, ok: response.ok, headers: response.headers, text }
  } catch (error) {
    throw brokenOff(error, target, context.signal)
  }
}

/** The same, and every answer but a 2xx is an error. */
export async function postOk(
  target: Target,
  url: string | URL,
  sending: Sending,
  context: SendContext,
): Promise<Answer> {
  const answer = await post(target, url, sending, context)
  if (!answer.ok) throw await refusalOf(answer, target)
  return answer
}

/** The error for an answer that was not a delivery. */
export async function refusalOf(answer: Answer, target: Target): Promise<NotifyError> {
  const text = withoutSecrets(answer.text, target)
  const bodiless = answer.status === 204 || answer.status === 205 || answer.status === 304
  const response = new Response(bodiless ? null : text, { status: answer.status, headers: answer.headers })
  const { outcome, retryAfterMs, status, message } = await NotifyError.fromResponse(response)
  return new NotifyError({ outcome, retryAfterMs, status, message: `${target.name} ${oneLine(message)}` })
}

/** The error for a 2xx whose body says that nothing was delivered. */
export function notDelivered(
  target: Target,
  answer: Answer,
  outcome: NotifyError['outcome'] = 'permanent',
  retryAfterMs?: number,
): NotifyError {
  const said = oneLine(withoutSecrets(answer.text, target)).slice(0, 300)
  const message = `${target.name} answered ${answer.status} but did not deliver: ${said === '' ? 'an empty body' : said}`
  return new NotifyError({ outcome, status: answer.status, message, retryAfterMs })
}

/** The body of an answer as an object; anything else is an empty one. */
export function objectIn({ text }: Answer): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(text)
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

/** A member of such an object when it is text, or a number as text. */
export function textIn(said: Readonly<Record<string, unknown>>, member: string): string | undefined {
  const value = said[member]
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined
}

function brokenOff(error: unknown, target: Target, signal: AbortSignal): Error {
  if (signal.aborted) {
    const reason: unknown = signal.reason
    if (reason instanceof TimeoutError || (reason as { code?: unknown } | null)?.code === 'TIMEOUT')
      return new NotifyError({
        outcome: 'ambiguous',
        message: `${target.name} did not answer in time; it may have taken the page`,
      })
    return new AbortedError(`sending to ${target.name} was aborted; it may have taken the page`)
  }
  const code = codeOf(error)
  const outcome = code !== undefined && notTaken.has(code) ? 'transient' : 'ambiguous'
  const detail = code ?? withoutSecrets(error instanceof Error ? error.message : String(error), target).slice(0, 200)
  const message = `${target.name} could not be reached (${detail})${outcome === 'ambiguous' ? '; it may have taken the page' : ''}`
  return new NotifyError({ outcome, message })
}

/** Undici hides the reason in a chain of causes, or in an aggregate when several addresses were tried. */
function codeOf(error: unknown): string | undefined {
  let current: unknown = error
  for (let depth = 0; depth < 5 && typeof current === 'object' && current !== null; depth += 1) {
    const { code, cause, errors } = current as { code?: unknown; cause?: unknown; errors?: readonly unknown[] }
    if (typeof code === 'string' && /^[A-Z][A-Z0-9_]{2,60}$/.test(code)) return code
    current = cause ?? errors?.[0]
  }
  return undefined
}

async function readBounded(response: Response): Promise<string> {
  if (response.body === null) return ''
  const reader = response.body.getReader()
  const chunks: Uint8Array[] = []
  let bytes = 0
  try {
    while (bytes < mostBytes) {
      const { done, value } = await reader.read()
      if (done) break
      chunks.push(value)
      bytes += value.byteLength
    }
  } catch (error) {
    // A refusal is one even when its explanation breaks off; of a 2xx nobody knows then.
    if (response.ok) throw error
  }
  if (bytes >= mostBytes) await reader.cancel().catch(() => undefined)
  return Buffer.concat(chunks).subarray(0, mostBytes).toString('utf8').trim()
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim()
}
