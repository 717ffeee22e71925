import { withDeadline, type Clock } from '@firebreak/core'
import { arrivedBody, readBoundedBytes } from '../bounded-body.ts'
import { IntakeRefused } from './intake-refused.ts'
import type { IntakeLimits } from './limits.ts'
import { tooLarge } from './parse-body.ts'

/** The raw bytes of a JSON POST within the limits. A `Content-Length` is believed only when it says too much. */
export async function readRequest(request: Request, limits: IntakeLimits, clock: Clock): Promise<Uint8Array> {
  const { headers, method } = request
  if (method !== 'POST')
    throw new IntakeRefused('METHOD_NOT_ALLOWED', 'method', `send POST, not ${method.slice(0, 20)}`)
  if (!/^application\/([\w.+-]+\+)?json\s*(;|$)/i.test(headers.get('content-type') ?? ''))
    throw new IntakeRefused('UNSUPPORTED_MEDIA_TYPE', 'content-type', 'send application/json')
  if (!/^(identity)?$/i.test(headers.get('content-encoding') ?? ''))
    throw new IntakeRefused('UNSUPPORTED_MEDIA_TYPE', 'content-encoding', 'send the body uncompressed')
  if (Number(headers.get('content-length') ?? 0) > limits.maxBytes) throw tooLarge(limits.maxBytes)
  const bytes = arrivedBody(request) ?? (await readInTime(request, limits, clock))
  if (bytes === undefined || bytes.byteLength > limits.maxBytes) throw tooLarge(limits.maxBytes)
  return bytes
}

async function readInTime(request: Request, { maxBytes, bodyTimeoutMs }: IntakeLimits, clock: Clock) {
  const deadline = withDeadline(clock, bodyTimeoutMs)
  try {
    const bytes = await readBoundedBytes(request, maxBytes, deadline.signal)
    if (!deadline.signal.aborted) return bytes
  } catch {
    if (!deadline.signal.aborted) throw new IntakeRefused('BODY_UNREADABLE', 'body', 'broke off: send it again')
  } finally {
    deadline.clear()
  }
  throw new IntakeRefused('BODY_TOO_SLOW', 'body', `has not arrived within ${bodyTimeoutMs} ms: send it again`)
}
