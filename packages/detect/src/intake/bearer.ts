import { IntakeRefused } from './intake-refused.ts'
import { readSecrets, sameText, type Secrets } from './signature.ts'

/**
 * For senders that cannot sign: a token in `Authorization`, as `Bearer` or as the password of `Basic`. Without the option
 * nothing is checked, and whoever mounts the intake must; given and unset, it throws.
 */
export function bearerCheck(options: { token?: Secrets | undefined }, where: string): (headers: Headers) => void {
  if (!('token' in options)) return () => undefined
  const tokens = readSecrets(options.token, 'token', where)
  return (headers) => {
    const given = tokenOf(headers.get('authorization') ?? '')
    // All are compared, so that the time does not tell which one was near.
    const right = tokens.filter((token) => sameText(given, token))
    if (right.length === 0) throw new IntakeRefused('TOKEN_WRONG', 'authorization', 'is not the token of this intake')
  }
}

function tokenOf(authorization: string): string {
  const [scheme = '', value = ''] = authorization.split(' ', 2)
  if (/^bearer$/i.test(scheme)) return value
  if (!/^basic$/i.test(scheme)) return ''
  const pair = Buffer.from(value, 'base64').toString()
  return pair.includes(':') ? pair.slice(pair.indexOf(':') + 1) : ''
}
