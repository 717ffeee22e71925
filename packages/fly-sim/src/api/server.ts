import type { Fault } from '../faults/fault.ts'
import type { World } from '../world/world.ts'
import { isWrite } from './call-log.ts'
import type { CallLog, LoggedCall } from './call-log.ts'
import type { Answer, Call } from './call.ts'
import type { Limiter } from './limiter.ts'
import { Refusal, refuse } from './refusal.ts'
import type { Match, Router, Surface } from './router.ts'

export interface Incoming {
  readonly method: string
  readonly path: string
  readonly query: string
  header(name: string): string | undefined
  readonly body: string
  readonly signal: AbortSignal | undefined
}

/** Undefined: the connection breaks without an answer. */
export type Reply = Answer | undefined

export interface Server {
  handle(incoming: Incoming): Reply | Promise<Reply>
}

const jsonHeaders = { 'content-type': 'application/json; charset=utf-8' }
const htmlHeaders = { 'content-type': 'text/html; charset=utf-8' }
const noQuery = new URLSearchParams()

export function createServer(world: World, router: Router, log: CallLog, limiter: Limiter): Server {
  return {
    handle(incoming) {
      world.agenda.catchUp()
      const { method, path } = incoming
      const match = router.find(method, path)
      const logged = log.begin({
        at: world.agenda.now(),
        method,
        path,
        query: incoming.query,
        operation: match?.route.operation ?? '',
        app: match?.params['app'],
        machine: match?.params['machine'],
        body: match?.route.operation.startsWith('secrets.') === true ? '' : incoming.body,
      })
      try {
        if (match === undefined) throw refuse(404, 'not_found: no such route')
        const reply = run(world, limiter, match, incoming, logged)
        if (!(reply instanceof Promise)) return finish(world, logged, reply)
        return reply.then(
          (answer) => finish(world, logged, answer),
          (error: unknown) => finish(world, logged, refusal(error, match.route.surface)),
        )
      } catch (error) {
        return finish(world, logged, refusal(error, match?.route.surface ?? surfaceOf(path)))
      }
    },
  }
}

function finish(world: World, logged: LoggedCall, reply: Reply): Reply {
  logged.status = reply?.status ?? 0
  if (reply === undefined) return undefined
  return {
    ...reply,
    headers: {
      ...(reply.body === '' ? {} : jsonHeaders),
      'fly-request-id': world.ids.request(world.agenda.now()),
      ...reply.headers,
    },
  }
}

function run(
  world: World,
  limiter: Limiter,
  match: Match,
  incoming: Incoming,
  logged: LoggedCall,
): Reply | Promise<Reply> {
  const { route, params } = match
  const call: Call = {
    method: incoming.method,
    path: incoming.path,
    query: incoming.query === '' ? noQuery : new URLSearchParams(incoming.query),
    header: (name) => incoming.header(name),
    body: incoming.body,
    signal: incoming.signal,
    params,
    operation: route.operation,
    caller: route.open
      ? { kind: 'readonly', organization: world.home.slug, app: undefined, user: '' }
      : world.tokens.identify(incoming.header('authorization')),
  }
  logged.user = call.caller.user
  if (call.caller.kind === 'readonly' && !route.open && isWrite({ ...incoming, operation: route.operation }))
    throw refuse(403, 'unauthorized: token is read-only')
  if (route.surface === 'machines' && limiter.enabled) {
    const identifier = params['machine'] ?? params['app'] ?? params['org'] ?? ''
    if (!limiter.allow(route.operation, identifier, world.agenda.now())) {
      logged.fault = 'rate limiter'
      throw new Refusal(429, 'rate limit exceeded', undefined, { 'retry-after': '1' })
    }
  }
  if (!world.faults.any || route.surface === 'sim') return route.handler(call)
  return withFaults(world, match, call, logged)
}

/** Faults that answer in the handler's place, before or after its effect. */
const answering = [
  'rate-limit',
  'unavailable',
  'not-found',
  'bad-gateway',
  'timeout',
  'drop',
  'redirect',
  'huge-answer',
  'wrong-type',
] as const
const hugeBytes = 11 * 1024 * 1024

function withFaults(world: World, match: Match, call: Call, logged: LoggedCall): Reply | Promise<Reply> {
  const app = world.apps.get(call.params['app'] ?? '')
  const occasion = {
    operation: call.operation,
    app: app?.name,
    machine: app?.machines.get(call.params['machine'] ?? ''),
  }
  const slow = world.faults.strike('slow', occasion)
  const act = (): Reply | Promise<Reply> => {
    for (const kind of answering) {
      const fault = world.faults.strike(kind, occasion)
      if (fault === undefined) continue
      logged.fault = kind
      if (fault.effect !== true) return replyOf(fault)
      return afterEffect(match, call, fault)
    }
    const answer = match.route.handler(call)
    if (world.faults.strike('cut-answer', occasion) === undefined) return answer
    logged.fault = 'cut-answer'
    return Promise.resolve(answer).then((whole) => ({ ...whole, cut: true }))
  }
  if (slow === undefined) return act()
  logged.fault = 'slow'
  return new Promise((resolve) => {
    const release = world.agenda.hold()
    world.agenda.after(slow.milliseconds ?? 1_000, () => {
      release()
      resolve(undefined)
    })
  }).then(act)
}

async function afterEffect({ route }: Match, call: Call, fault: Fault): Promise<Reply> {
  try {
    await route.handler(call)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return refusal(error, route.surface)
  }
  return replyOf(fault)
}

function replyOf(fault: Fault): Reply {
  const { kind } = fault
  if (kind === 'rate-limit') {
    const seconds = fault.retryAfterSeconds === undefined ? 1 : fault.retryAfterSeconds
    const headers = seconds === null ? undefined : { 'retry-after': String(seconds) }
    return { status: 429, body: '{"error":"rate limit exceeded"}', headers }
  }
  if (kind === 'unavailable')
    return { status: fault.status ?? 503, body: '{"error":"unavailable: upstream is not available"}' }
  if (kind === 'not-found') return { status: 404, body: '{"error":"not_found: machine not found"}' }
  if (kind === 'timeout') return { status: 408, body: 'upstream timeout', headers: { 'content-type': 'text/plain' } }
  if (kind === 'redirect') return { status: 302, body: '', headers: { location: 'http://127.0.0.1:9/elsewhere' } }
  if (kind === 'huge-answer') return { status: 200, body: `{"padding":"${'x'.repeat(hugeBytes)}"}` }
  if (kind === 'wrong-type') return { status: 200, body: '<html><body>all is well</body></html>', headers: htmlHeaders }
  if (kind !== 'bad-gateway') return undefined
  const status = fault.status ?? 502
  const words = status === 504 ? '504 Gateway Time-out' : '502 Bad Gateway'
  const body = `<html><head><title>${words}</title></head><body><h1>${words}</h1></body></html>`
  return { status, body, headers: htmlHeaders }
}

function refusal(error: unknown, surface: Surface): Answer {
  if (!(error instanceof Refusal)) throw error
  const { httpStatus, message, word, headers } = error
  return { status: httpStatus, headers, body: JSON.stringify(errorBody(surface, message, word)) }
}

function errorBody(surface: Surface, message: string, word: string | undefined) {
  if (surface === 'rest') return { error: message, detail: message }
  if (surface === 'prometheus') return { status: 'error', errorType: 'unavailable', error: message }
  if (surface === 'graphql') return { errors: [{ message }] }
  return { error: message, ...(word === undefined ? {} : { status: word }) }
}

function surfaceOf(path: string): Surface {
  return path.startsWith('/api/v1') ? 'rest' : path.startsWith('/prometheus') ? 'prometheus' : 'machines'
}
