import { parseRetryAfter } from '@firebreak/core'
import type { FlyError, FlyErrorDetails } from './fly-error.ts'
import {
  FlyCapacityError,
  FlyConflictError,
  FlyForbiddenError,
  FlyInvalidRequestError,
  FlyNotFoundError,
  FlyPlatformError,
  FlyPreconditionError,
  FlyRateLimitedError,
  FlyTimeoutError,
  FlyUnauthorizedError,
} from './kinds.ts'

/** An answer with a status above 299, its body read as text (and cut). */
export interface BadAnswer {
  readonly status: number
  readonly headers: Headers
  readonly body: string
  readonly method: string
  readonly path: string
  readonly requestId?: string | undefined
}

const noRoom = /could not reserve resource|insufficient (memory|resources|cpu|capacity)|insufficient_capacity/i
const maintenance = /deploys to this host are temporarily disabled/i
const leaseHeld = /lease (?:is )?currently held by (\S[^,]{0,200}), expires at ([0-9T:.Z+-]{10,40})/i
const nameTaken = /name has already been taken/i
const busy = /concurrent update in progress|machine is replacing|getting replaced/i
const stale = /current_version|instance_id|version mismatch/i

/** What an answer means: by status, and where Fly uses one status for several things, by its text. */
export function errorFromAnswer(answer: BadAnswer, now: number): FlyError {
  const { status, headers, body, method, path, requestId } = answer
  const said = explain(body)
  const where = `${method} ${path}`
  const details: FlyErrorDetails = { status, method, path, requestId }
  if (maintenance.test(said)) return new FlyPlatformError('FLY_HOST_MAINTENANCE', `${where}: ${said}`, details)
  if (status !== 429 && noRoom.test(`${said} ${statusWord(body)}`))
    return new FlyCapacityError(`${where}: no room: ${said}; try another region or a smaller machine`, details)
  if (statusWord(body) === 'name_taken' || (status === 422 && nameTaken.test(said)))
    return new FlyConflictError('FLY_NAME_TAKEN', `${where}: ${said}; names are shared by all of Fly`, details)
  switch (status) {
    case 400:
    case 422:
      return new FlyInvalidRequestError(`${where} was not accepted (${status}): ${said}`, details)
    case 401:
      return new FlyUnauthorizedError(
        `${where}: Fly does not accept the token (401: ${said}); create one with \`fly tokens create\``,
        details,
      )
    case 403:
      return new FlyForbiddenError(
        `${where}: the token may not do this (403: ${said}); the app belongs to another organization, or the token is too narrow`,
        details,
      )
    case 404:
      return new FlyNotFoundError(`${where}: not found (${said})`, details)
    case 408:
      return new FlyTimeoutError(`${where}: Fly timed out talking to the host (408: ${said})`, details)
    case 409:
      return conflict(where, said, details)
    case 412:
      return new FlyPreconditionError(`${where}: not possible in the present state: ${said}`, details)
    case 429: {
      const retryAfterMs = parseRetryAfter(headers, body, now)
      return new FlyRateLimitedError(`${where}: too many requests (429)`, { ...details, retryAfterMs })
    }
    default:
      return status >= 500
        ? new FlyPlatformError('FLY_PLATFORM', `${where}: Fly answered ${status}: ${said}`, {
            ...details,
            ambiguous: true,
            retryable: true,
            retryAfterMs: parseRetryAfter(headers, body, now),
          })
        : new FlyInvalidRequestError(`${where}: Fly answered ${status}: ${said}`, details)
  }
}

function conflict(where: string, said: string, details: FlyErrorDetails): FlyConflictError {
  const held = leaseHeld.exec(said)
  if (held !== null) {
    const [, holder, until] = held
    const message = `${where}: ${holder} holds the lease until ${until}; wait for it, it is never stolen`
    return new FlyConflictError('FLY_LEASE_HELD', message, { ...details, holder, until })
  }
  if (/lease/i.test(said)) return new FlyConflictError('FLY_LEASE_HELD', `${where}: ${said}`, details)
  if (busy.test(said)) return new FlyConflictError('FLY_UPDATE_IN_PROGRESS', `${where}: ${said}`, details)
  if (stale.test(said))
    return new FlyConflictError(
      'FLY_STALE_VERSION',
      `${where}: the machine changed since it was read: ${said}`,
      details,
    )
  return new FlyConflictError('FLY_CONFLICT', `${where}: ${said}`, details)
}

/** The sentence in an error body: JSON's `message`, `error` or `detail`, short text, or a word on what else came. */
function explain(body: string): string {
  const parsed = parseObject(body)
  for (const field of ['message', 'error', 'detail']) {
    const text = parsed?.[field]
    if (typeof text === 'string' && text !== '') return printable(text)
  }
  if (body === '') return 'no explanation'
  return /^\s*</.test(body) ? 'an HTML page, so not the API itself' : printable(body)
}

function statusWord(body: string): string {
  const status = parseObject(body)?.status
  return typeof status === 'string' ? status : ''
}

function parseObject(body: string): Record<string, unknown> | undefined {
  if (!body.trimStart().startsWith('{')) return undefined
  try {
    return JSON.parse(body) as Record<string, unknown>
  } catch {
    return undefined
  }
}

/** One line without control characters, of bounded length: error texts end up in terminals and pages. */
function printable(text: string): string {
  return text
    .slice(0, 600)
    .replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ')
    .trim()
    .slice(0, 300)
}
