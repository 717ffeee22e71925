import type { SimToken } from '../options.ts'
import { refuse } from '../api/refusal.ts'

/** Who is asking, as far as his token says. */
export interface Caller {
  readonly kind: 'org' | 'deploy' | 'readonly'
  readonly organization: string
  readonly app: string | undefined
  readonly user: string
}

export interface Tokens {
  /** Throws 401 for a header that names nobody. */
  identify(authorization: string | undefined): Caller
  add(token: SimToken): void
}

const keptCallers = 1_000

export function createTokens(tokens: readonly SimToken[] | undefined, home: string, now: () => number): Tokens {
  const known = new Map((tokens ?? []).map((token) => [token.token, token]))
  const open = tokens === undefined
  const callers = new Map<string, { readonly caller: Caller; readonly until: number }>()

  function callerOf(token: SimToken): Caller {
    const { class: kind = 'org', organization = home, app, user } = token
    return {
      kind,
      organization,
      app,
      user: user ?? (kind === 'deploy' ? `deploy-token@${app ?? home}` : 'you@example.com'),
    }
  }
  function lookUp(authorization: string): { caller: Caller; until: number } {
    const bare = authorization.replace(/^\s*(?:Bearer|FlyV1)(?:\s+|$)/i, '').trim()
    if (bare === '' || /[^\x21-\x7e]/.test(bare)) throw refuse(401, 'Authenticate: token validation error')
    for (const piece of [bare, ...bare.split(',')]) {
      const token = known.get(piece)
      if (token === undefined) continue
      const until = token.expiresAt === undefined ? Infinity : Date.parse(token.expiresAt)
      if (until <= now()) throw refuse(401, 'Authenticate: token validation error: token expired')
      return { caller: callerOf(token), until }
    }
    if (!open) throw refuse(401, 'Authenticate: token validation error')
    return { caller: callerOf({ token: bare }), until: Infinity }
  }

  return {
    identify(authorization) {
      if (authorization === undefined || authorization === '') throw refuse(401, 'Authenticate: missing token')
      const cached = callers.get(authorization)
      if (cached !== undefined && cached.until > now()) return cached.caller
      const found = lookUp(authorization)
      if (callers.size < keptCallers) callers.set(authorization, found)
      return found.caller
    },
    add: (token) => {
      known.set(token.token, token)
      callers.clear()
    },
  }
}
