import type { Scope } from './options.ts'
import type { Answer } from './answer.ts'
import type { Caller } from './authorize.ts'

export interface RouteContext {
  readonly request: Request
  readonly url: URL
  readonly caller: Caller
  readonly parameters: Readonly<Record<string, string>>
}

/** What the OpenAPI document says of a route beyond its path. */
export interface Description {
  /** Of the answer when all went well; default 200. */
  readonly statuses?: readonly number[]
  /** Of that answer; default `application/json`. */
  readonly type?: string
  /** JSON Schemas of the parameters after `?`. */
  readonly query?: Readonly<Record<string, object>>
  /** JSON Schema of what is posted. */
  readonly body?: object
}

export interface Route {
  readonly method: 'GET' | 'POST'
  /** `/incidents/:id/note` */
  readonly path: string
  /** None: open to everybody (health checks). */
  readonly scope?: Scope
  /** The sender proves itself otherwise (a webhook's signature). */
  readonly signed?: boolean
  readonly summary: string
  /** For the OpenAPI document. */
  readonly described?: Description
  readonly handle: (context: RouteContext) => Promise<Response | Answer>
}

export interface Match {
  readonly route: Route
  readonly parameters: Readonly<Record<string, string>>
}

/** The path exists, for these methods. */
export interface OtherMethods {
  readonly allow: string
}

/** Finds the route, or the methods for which the path exists. */
export function createRouter(
  routes: readonly Route[],
): (method: string, path: string) => Match | OtherMethods | undefined {
  const table = routes.map((route) => ({ route, segments: route.path.split('/').slice(1) }))
  const fixed = new Map<string, Match>()
  for (const route of routes)
    if (!route.path.includes(':')) fixed.set(`${route.method} ${route.path}`, { route, parameters: {} })

  return function match(method, path) {
    const known = fixed.get(`${method} ${path}`)
    if (known !== undefined) return known
    const segments = path.split('/').slice(1)
    const allowed = new Set<string>()
    for (const entry of table) {
      const parameters = fit(entry.segments, segments)
      if (parameters === undefined) continue
      if (entry.route.method === method || (method === 'HEAD' && entry.route.method === 'GET'))
        return { route: entry.route, parameters }
      allowed.add(entry.route.method)
      if (entry.route.method === 'GET') allowed.add('HEAD')
    }
    return allowed.size > 0 ? { allow: Array.from(allowed).join(', ') } : undefined
  }
}

function fit(pattern: readonly string[], segments: readonly string[]): Record<string, string> | undefined {
  if (pattern.length !== segments.length) return undefined
  const parameters: Record<string, string> = {}
  for (const [index, part] of pattern.entries()) {
    const given = segments[index] ?? ''
    if (!part.startsWith(':')) {
      if (part !== given) return undefined
      continue
    }
    const decoded = decode(given)
    if (decoded === undefined || decoded === '') return undefined
    parameters[part.slice(1)] = decoded
  }
  return parameters
}

function decode(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment)
  } catch {
    return undefined
  }
}
