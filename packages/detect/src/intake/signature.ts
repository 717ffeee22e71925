import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { InvalidInput, required } from '@firebreak/core'

/** One secret, or several while they are being rotated. */
export type Secrets = string | readonly string[]

export function readSecrets(secrets: Secrets | undefined, option: string, where: string): readonly string[] {
  const list = typeof secrets === 'string' || secrets === undefined ? [required(secrets, option, where)] : secrets
  if (list.length === 0) throw new InvalidInput(option, `is an empty list; pass at least one secret to ${where}`)
  return list.map((secret, index) => required(secret, `${option}[${index}]`, where))
}

export function hmacSha256(secret: string | Uint8Array, ...parts: readonly (string | Uint8Array)[]): Buffer {
  const hmac = createHmac('sha256', secret)
  for (const part of parts) hmac.update(part)
  return hmac.digest()
}

/** Whether any given signature is any expected one. Takes as long for a near miss as for nonsense. */
export function anyEqual(given: readonly Buffer[], expected: readonly Buffer[]): boolean {
  let found = false
  for (const left of given)
    for (const right of expected) found = (left.length === right.length && timingSafeEqual(left, right)) || found
  return found
}

/** Texts of any length, compared without telling how far they agree. */
export function sameText(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(expected))
}

/** Hex of a SHA-256, or nothing. */
export function hexSignature(text: string): readonly Buffer[] {
  return /^[0-9a-f]{64}$/i.test(text) ? [Buffer.from(text, 'hex')] : []
}
