import { hash, timingSafeEqual } from 'node:crypto'
import { InvalidInput, required } from '@firebreak/core'
import { allScopes, type HttpOptions, type Scope } from './options.ts'
import { HttpProblem } from './problem.ts'

export interface Caller {
  readonly name: string
  readonly scopes: ReadonlySet<Scope>
}

/** Who calls, by bearer token. Only digests are kept, and they are compared in constant time, all of them. */
export function createAuthorizer(http: HttpOptions): (request: Request) => Caller {
  if (http.open === true) return () => ({ name: 'anybody', scopes: new Set(allScopes) })
  const tokens = http.tokens ?? [
    { name: 'token', secret: required(http.token, 'http.token', 'createResponder'), scopes: allScopes },
  ]
  if (tokens.length === 0) throw new InvalidInput('http.tokens', 'is empty: give a token, or say open: true')
  const known = tokens.map(({ name, secret, scopes }) => ({
    digest: digestOf(required(secret, `http.tokens (${name})`, 'createResponder')),
    caller: { name, scopes: new Set(scopes) },
  }))

  return function authorize(request) {
    const given = /^Bearer (.{1,512})$/i.exec(request.headers.get('authorization') ?? '')?.[1]
    const digest = digestOf(given ?? '')
    let caller: Caller | undefined
    for (const token of known) if (timingSafeEqual(token.digest, digest)) caller = token.caller
    if (given === undefined || caller === undefined)
      throw new HttpProblem({
        status: 401,
        code: 'UNAUTHORIZED',
        title: 'no valid token: send it as Authorization: Bearer <token>',
        headers: { 'www-authenticate': 'Bearer' },
      })
    return caller
  }
}

export function demand(caller: Caller, scope: Scope): void {
  if (!caller.scopes.has(scope))
    throw new HttpProblem({
      status: 403,
      code: 'FORBIDDEN',
      title: `the token ${caller.name} lacks the scope ${scope}`,
    })
}

/**
 * Against DNS rebinding and cross-origin posts: the request must be meant for us. Without `publicUrl`'s host in `Host`, a
 * page in somebody's browser could reach us under a name of its own.
 */
export function createHostCheck(publicUrl: string): (request: Request) => void {
  const expected = new URL(publicUrl)
  const loopback = new Set(['127.0.0.1', 'localhost', '[::1]'])
  const mayBeLoopback = loopback.has(expected.hostname)

  return function checkHost(request) {
    if (request.headers.get('host') === expected.host && request.headers.get('origin') === null) return
    const host = request.headers.get('host') ?? new URL(request.url).host
    // Names know no case, and the port of the scheme may be written out.
    const asked = URL.parse(`${expected.protocol}//${host}`)
    const meant = asked?.host === expected.host || (mayBeLoopback && loopback.has(asked?.hostname ?? ''))
    if (!meant)
      throw new HttpProblem({
        status: 421,
        code: 'WRONG_HOST',
        title: `this is ${expected.host}; the request is for another host`,
      })
    const origin = request.headers.get('origin')
    if (origin !== null && origin !== expected.origin)
      throw new HttpProblem({ status: 403, code: 'WRONG_ORIGIN', title: 'requests from other origins are refused' })
  }
}

function digestOf(secret: string): Buffer {
  return hash('sha256', secret, 'buffer')
}
