import { createPublicKey, verify as verifyEd25519, type KeyObject } from 'node:crypto'
import { InvalidInput } from '@firebreak/core'
import { numberIn } from '../numbers.ts'
import { defaultWindowMs, refuseStale, unixSeconds } from './freshness.ts'
import { IntakeRefused } from './intake-refused.ts'
import { anyEqual, hmacSha256, readSecrets, type Secrets } from './signature.ts'

export interface StandardVerifierOptions {
  /** `whsec_` and base64, or the base64 alone; several while they change. This or `publicKey` is needed. */
  readonly secret?: Secrets | undefined
  /** `whpk_` and the base64 of 32 bytes (ed25519), for senders that sign with a key of their own. */
  readonly publicKey?: Secrets | undefined
  /** Milliseconds that the signed time may lie before or after now. Default 5 min. */
  readonly windowMs?: number | undefined
}

/** A delivery whose signature holds and whose time is near. */
export interface VerifiedDelivery {
  /** `webhook-id`. */
  readonly id: string
  /** `webhook-timestamp` in milliseconds since the epoch. */
  readonly at: number
  /** Until when a copy must be refused: after that its time is too old anyway. */
  readonly expiresAt: number
}

export type StandardVerifier = (delivery: {
  readonly headers: Headers
  /** Raw: the signature is over these bytes. */
  readonly body: Uint8Array | string
  /** Milliseconds since the epoch. */
  readonly now: number
}) => VerifiedDelivery

/** Verifies signatures of Standard Webhooks 1.0.0 (`v1` and `v1a`) in constant time, with the time that it is given. */
export function createStandardVerifier(options: StandardVerifierOptions): StandardVerifier {
  const windowMs = numberIn(options.windowMs ?? defaultWindowMs, 'windowMs', 1)
  const keys = 'secret' in options || !('publicKey' in options) ? symmetricKeys(options.secret) : []
  const publicKeys = 'publicKey' in options ? asymmetricKeys(options.publicKey) : []

  return function verify({ headers, body, now }) {
    const id = headers.get('webhook-id') ?? ''
    // No braces: a body begins with one, so that what is signed cannot be cut apart otherwise.
    if (!/^[\w.~:+=/-]{1,200}$/.test(id))
      throw new IntakeRefused('SIGNATURE_WRONG', 'webhook-id', 'is missing or not an id')
    const stamp = headers.get('webhook-timestamp')
    const at = unixSeconds('webhook-timestamp', stamp)
    const prefix = `${id}.${stamp}.`
    const { shared, own } = signaturesIn(headers.get('webhook-signature') ?? '')
    const expected = keys.map((key) => hmacSha256(key, prefix, body))
    if (!anyEqual(shared, expected) && !anyVerified(own, publicKeys, prefix, body))
      throw new IntakeRefused(
        'SIGNATURE_WRONG',
        'webhook-signature',
        'is not that of this id, timestamp and body: check the secret on both sides',
      )
    refuseStale('webhook-timestamp', at, now, windowMs)
    return { id, at, expiresAt: at + 2 * windowMs }
  }
}

const mostSignatures = 20

/** `v1,<base64> v1a,<base64>`; versions that nobody knows are skipped. */
function signaturesIn(header: string): { shared: readonly Buffer[]; own: readonly Buffer[] } {
  const shared: Buffer[] = []
  const own: Buffer[] = []
  for (const part of header.split(' ', mostSignatures)) {
    const [version, text = ''] = part.split(',', 2)
    if (version === 'v1') shared.push(Buffer.from(text, 'base64'))
    if (version === 'v1a') own.push(Buffer.from(text, 'base64'))
  }
  return { shared, own }
}

function anyVerified(
  signatures: readonly Buffer[],
  keys: readonly KeyObject[],
  prefix: string,
  body: Uint8Array | string,
): boolean {
  if (signatures.length === 0 || keys.length === 0) return false
  const signed = Buffer.concat([Buffer.from(prefix), Buffer.from(body)])
  return signatures.some((signature) => keys.some((key) => verifyEd25519(null, signed, key, signature)))
}

function symmetricKeys(secrets: Secrets | undefined): readonly Buffer[] {
  return readSecrets(secrets, 'secret', 'standardWebhookIntake').map((secret) =>
    base64Of(secret.replace(/^whsec_/, ''), 'secret', 'whsec_ and base64'),
  )
}

function asymmetricKeys(keys: Secrets | undefined): readonly KeyObject[] {
  return readSecrets(keys, 'publicKey', 'standardWebhookIntake').map((text) => {
    const bytes = base64Of(text.replace(/^whpk_/, ''), 'publicKey', 'whpk_ and base64')
    if (bytes.length !== 32) throw new InvalidInput('publicKey', 'must be an ed25519 key of 32 bytes')
    return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: bytes.toString('base64url') }, format: 'jwk' })
  })
}

function base64Of(text: string, option: string, shape: string): Buffer {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) throw new InvalidInput(option, `must be ${shape}`)
  return Buffer.from(text, 'base64')
}
