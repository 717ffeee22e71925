import { messageOf } from '../loop/perform.ts'
import { responseOf, type Answer } from './answer.ts'
import { createAuthorizer, createHostCheck, demand } from './authorize.ts'
import type { HandlerOptions } from './handler-options.ts'
import { incidentRoutes } from './incident-routes.ts'
import { intakeRoutes } from './intake-routes.ts'
import { openApiOf } from './openapi.ts'
import { operateRoutes } from './operate-routes.ts'
import { HttpProblem, problemOf, problemResponse } from './problem.ts'
import { createRouter, type Route } from './router.ts'
import { watchRoutes } from './watch-routes.ts'

/** Answers requests. Without `http` options everything is refused: there is no token to check. */
export function createHandler(options: HandlerOptions): (request: Request) => Promise<Response | Answer> {
  const { http, house } = options
  if (http === undefined) {
    const problem = { status: 404, code: 'HTTP_OFF', title: 'this responder was created without http options' }
    return async function refuse() {
      return problemResponse(problem)
    }
  }
  const authorize = createAuthorizer(http)
  const checkHost = createHostCheck(http.publicUrl)
  const prefix = new URL(http.publicUrl).pathname.replace(/\/$/, '')
  const routes: Route[] = [
    ...intakeRoutes(options, http),
    ...incidentRoutes(options),
    ...operateRoutes(options),
    ...watchRoutes(options),
  ]
  routes.push({
    method: 'GET',
    path: '/openapi.json',
    scope: 'incidents:read',
    summary: 'This interface as an OpenAPI document',
    handle: async () => Response.json(openApiOf(routes, http)),
  })
  const match = createRouter(routes)

  async function answer(request: Request): Promise<Response | Answer> {
    checkHost(request)
    const url = new URL(request.url)
    const path = withEncodedStream(
      prefix !== '' && url.pathname.startsWith(`${prefix}/`) ? url.pathname.slice(prefix.length) : url.pathname,
    )
    const found = match(request.method, path)
    if (found === undefined)
      throw new HttpProblem({ status: 404, code: 'NOT_FOUND', title: `there is no ${path.slice(0, 200)}${hint(path)}` })
    if ('allow' in found)
      throw new HttpProblem({
        status: 405,
        code: 'METHOD_NOT_ALLOWED',
        title: `${request.method} is not how to ask for ${path.slice(0, 200)}; use ${found.allow}`,
        headers: { allow: found.allow },
      })
    const { route, parameters } = found
    const open = route.scope === undefined || route.signed === true
    const caller = open ? { name: 'anybody', scopes: new Set<never>() } : authorize(request)
    if (route.scope !== undefined && !open) demand(caller, route.scope)
    if (request.method !== 'HEAD') return route.handle({ request, url, caller, parameters })
    return withoutBody(responseOf(await route.handle({ request, url, caller, parameters })))
  }

  return async function respond(request: Request): Promise<Response | Answer> {
    try {
      return await answer(request)
    } catch (error) {
      const problem = problemOf(error)
      if (problem.status >= 500)
        house.logger.error('a request failed', { path: new URL(request.url).pathname, error: messageOf(error) })
      return problemResponse(problem)
    }
  }
}

/** An incident's id as it is printed has slashes: `/incidents/incident/shop/3/note` means that one. */
function withEncodedStream(path: string): string {
  return path.replace(/^\/incidents\/incident\/([^/]+)\/(\d+)(?=\/|$)/, '/incidents/incident%2F$1%2F$2')
}

function hint(path: string): string {
  const hook = /^\/hooks\/(grafana|sentry|pagerduty|standard)$/.exec(path)?.[1]
  return hook === undefined ? '' : `: give its intake as http.hooks.${hook} to createResponder`
}

/** What a HEAD is told. A stream that nobody will read is ended. */
function withoutBody({ status, headers, body }: Response): Response {
  void body?.cancel()
  return new Response(null, { status, headers })
}
