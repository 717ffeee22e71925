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

export function createTokens(tokens: readonly SimToken[] | undefined, home: string, now: () => number): Tokens {
  const known = new Map((tokens ?? []).map((token) => [token.token, token]))
  const open = tokens === undefined
  const callers = new Map<string, Caller>()

  function callerOf(token: SimToken): Caller {
    const { class: kind = 'org', organization = home, app, user } = token
    return {
      kind,
      organization,
      app,
      user: user ?? (kind === 'deploy' ? `deploy-token@${app ?? home}` : 'you@example.com'),
    }
  }
  function lookUp(authorization: string): Caller {
    const bare = authorization.replace(/^\s*(?:Bearer|FlyV1)\s+/i, '').trim()
    if (bare === '' || /[^\x21-\x7e]/.test(bare)) throw refuse(401, 'Authenticate: token validation error')
    for (const piece of [bare, ...bare.split(',')]) {
      const token = known.get(piece)
      if (token === undefined) continue
      if (token.expiresAt !== undefined && Date.parse(token.expiresAt) <= now())
        throw refuse(401, 'Authenticate: token validation error: token expired')
      return callerOf(token)
    }
    if (!open) throw refuse(401, 'Authenticate: token validation error')
    return callerOf({ token: bare })
  }

  return {
    identify(authorization) {
      if (authorization === undefined || authorization === '') throw refuse(401, 'Authenticate: missing token')
      const cached = open && known.size === 0 ? callers.get(authorization) : undefined
      if (cached !== undefined) return cached
      const caller = lookUp(authorization)
      if (callers.size < 1_000) callers.set(authorization, caller)
      return caller
    },
    add: (token) => {
      known.set(token.token, token)
      callers.clear()
    },
  }
}
