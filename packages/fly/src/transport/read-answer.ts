import { errorFromAnswer } from '../errors/from-answer.ts'
import { FlyUnexpectedAnswerError } from '../errors/kinds.ts'
import { readText } from './body.ts'
import type { About, FlyAnswer } from './http.ts'
import { parseJson } from './json.ts'

export interface ReadLimits {
  readonly maxResponseBytes: number
  readonly hide: (text: string) => string
  readonly now: () => number
}

const errorBodyBytes = 64 * 1024
const jsonType = /^application\/(?:[\w.+-]+\+)?json\b/i

/** Reads an answer within bounds; whatever is not JSON from Fly's API is an error of its kind. */
export async function readAnswer(response: Response, about: About, limits: ReadLimits): Promise<FlyAnswer> {
  const { status, headers } = response
  const requestId = headers.get('fly-request-id') ?? undefined
  const details = { ...about, status, requestId }
  const where = `${about.method} ${about.path}`
  if (response.type === 'opaqueredirect' || (status >= 300 && status < 400)) {
    await response.body?.cancel().catch(() => undefined)
    const message = `${where}: answered with a redirect, which is not followed (the token would travel along)`
    throw new FlyUnexpectedAnswerError(message, details)
  }
  if (status < 200 || status > 299) {
    const body = limits.hide(await readText(response, errorBodyBytes).catch(() => ''))
    throw errorFromAnswer({ status, headers, body, requestId, ...about }, limits.now())
  }
  const text = await readText(response, limits.maxResponseBytes)
  if (text.trim() === '') return { json: undefined, response: copyOf(response, ''), requestId }
  const type = headers.get('content-type')
  if (type !== null && !jsonType.test(type)) {
    const said = limits.hide(type.slice(0, 60)).replaceAll(/[^\w/.;=+ -]/g, '?')
    throw new FlyUnexpectedAnswerError(`${where}: answered with ${said}, not JSON`, details)
  }
  try {
    return { json: parseJson(text), response: copyOf(response, text), requestId }
  } catch {
    const message = `${where}: the answer is not valid JSON; it was probably cut off`
    throw new FlyUnexpectedAnswerError(message, { ...details, retryable: true, ambiguous: true })
  }
}

/** The body has been read; a copy lets the caller read it again. */
function copyOf({ status, statusText, headers }: Response, text: string): Response {
  return new Response(text === '' ? null : text, { status, statusText, headers })
}
