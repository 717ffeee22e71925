import { isAscii } from 'node:buffer'
import { IntakeRefused } from './intake-refused.ts'
import { defaultLimits, type IntakeLimits } from './limits.ts'
import { scanJson } from './scan-json.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** A body within the limits, as JSON. Text and bytes are the same to it. */
export function parseBody(body: Uint8Array | string, limits: IntakeLimits = defaultLimits): unknown {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body
  if (bytes.byteLength > limits.maxBytes) throw tooLarge(limits.maxBytes)
  scanJson(bytes, limits)
  try {
    return JSON.parse(typeof body === 'string' ? body : decode(body))
  } catch (error) {
    // The parser's own words quote the body, which may hold secrets.
    const isUtf8 = error instanceof SyntaxError
    throw new IntakeRefused('BODY_UNREADABLE', 'body', isUtf8 ? 'is not JSON' : 'is not UTF-8')
  }
}

/** Nearly every body is plain ASCII, which needs no decoding. */
function decode(bytes: Uint8Array): string {
  if (!isAscii(bytes)) return utf8.decode(bytes)
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}

export function tooLarge(maxBytes: number): IntakeRefused {
  return new IntakeRefused('BODY_TOO_LARGE', 'body', `is larger than ${maxBytes} bytes: send it in parts`)
}
