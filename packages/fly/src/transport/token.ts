import { InvalidInput, required } from '@firebreak/core'

/** Which of Fly's services is asked: they differ in which kinds of token they take. */
export type FlyService = 'machines' | 'graphql' | 'releases' | 'logs' | 'metrics' | 'status'

/** What one configured string holds: macaroons (`fm1r_`, `fm1a_`, `fm2_`) and OAuth or personal tokens. */
export interface FlyTokens {
  readonly macaroons: readonly string[]
  readonly others: readonly string[]
}

const macaroon = /^(fm1r|fm1a|fm2)_/
const headerSafe = /^[\u0021-\u007e]+$/

/** Takes the string apart as flyctl does: scheme off, split at commas, classified by what stands before the first `_`. */
export function parseTokens(text: string | undefined): FlyTokens {
  const given = required(text?.trim(), 'token', 'createFly() or set FLY_API_TOKEN')
  const pieces = given
    .replace(/^((bearer|flyv1)\s+){1,4}/i, '')
    .split(',')
    .map((piece) => piece.trim())
    .filter((piece) => piece !== '')
  if (pieces.length === 0 || /^(bearer|flyv1)$/i.test(given)) throw new InvalidInput('token', 'holds no token')
  if (!pieces.every((piece) => headerSafe.test(piece)))
    throw new InvalidInput(
      'token',
      'holds characters that no Fly token has (a line break, a blank?); copy it again from `fly tokens create`',
    )
  return {
    macaroons: pieces.filter((piece) => macaroon.test(piece)),
    others: pieces.filter((piece) => !macaroon.test(piece)),
  }
}

/** The `Authorization` header of one service, as flyctl sends it. The status page gets none. */
export function authorizationFor(service: FlyService, { macaroons, others }: FlyTokens): string | undefined {
  if (service === 'status') return undefined
  const scheme = macaroons.length > 0 && service !== 'releases' ? 'FlyV1' : 'Bearer'
  if (service === 'graphql' || service === 'releases') return `${scheme} ${[...macaroons, ...others].join(',')}`
  return `${scheme} ${(macaroons.length > 0 ? macaroons : others).join(',')}`
}

/** Takes the configured tokens out of a text, whatever they look like. */
export function tokenHider({ macaroons, others }: FlyTokens): (text: string) => string {
  const secrets = [...macaroons, ...others].filter((piece) => piece.length >= 4)
  return (text) => secrets.reduce((result, secret) => result.replaceAll(secret, '[fly token]'), text)
}
