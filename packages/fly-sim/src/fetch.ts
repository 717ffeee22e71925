import type { Server } from './api/server.ts'
import { writtenResponse } from './written-response.ts'

/** The body of a request as text; only what our own clients send is understood. */
async function bodyText(body: unknown, request: Request | undefined): Promise<string> {
  if (typeof body === 'string') return body
  if (body === undefined || body === null) return request === undefined ? '' : request.text()
  return new Response(body as ConstructorParameters<typeof Response>[0]).text()
}

/** How an app's users are answered. Undefined: there is no such app. */
export type AskApp = (app: string, path: string) => Promise<UserAnswer> | undefined

export interface UserAnswer {
  readonly status: number
  /** Who answered. */
  readonly machine: string | undefined
}

/** `fetch` straight into the simulator: any host that is Fly's, no socket, no time but the clock's. */
export function createFetch(server: Server, ask: AskApp, closing: AbortSignal): typeof globalThis.fetch {
  return async function simulatedFetch(input, init) {
    const request = input instanceof Request ? input : undefined
    const address = input instanceof Request ? input.url : typeof input === 'string' ? input : input.href
    const signal = init?.signal ?? request?.signal ?? undefined
    signal?.throwIfAborted()
    if (closing.aborted) throw dropped(address)
    const { path, query, host } = split(address)
    const user = /^([a-z0-9-]+)\.fly\.dev$/.exec(host)?.[1]
    if (user !== undefined) {
      const asked = ask(user, path)
      if (asked === undefined) throw dropped(address)
      const { status, machine } = await abortable(asked, signal, closing, address)
      const headers: Record<string, string> = machine === undefined ? {} : { 'fly-machine-id': machine }
      return new Response(status < 400 ? 'ok' : 'error', { status, headers })
    }
    const given = init?.headers ?? request?.headers
    const raw = init?.body
    const body =
      typeof raw === 'string' ? raw : raw === undefined && request === undefined ? '' : await bodyText(raw, request)
    const reply = server.handle({
      method: (init?.method ?? request?.method ?? 'GET').toUpperCase(),
      path,
      query,
      header: headerReader(given),
      body,
      signal: signal ?? undefined,
    })
    const answer = reply instanceof Promise ? await abortable(reply, signal, closing, address) : reply
    if (answer === undefined) throw dropped(address)
    const { status, headers } = answer
    if (answer.cut === true) return new Response(cutBody(answer.body), { status, headers: headers ?? {} })
    const hollow = status === 204 || status === 304 || status === 101
    if (hollow) return new Response(null, { status, headers: headers ?? {} })
    return writtenResponse(answer.body, { status, headers: headers ?? {} })
  }
}

function cutBody(body: string): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(body.slice(0, body.length / 2)))
    },
    pull(controller) {
      controller.error(new TypeError('terminated'))
    },
  })
}

/** As the platform's own fetch fails: a TypeError with the reason as its cause. */
function dropped(address: string): TypeError {
  const cause = Object.assign(new Error(`connection to ${split(address).host} was reset`), { code: 'ECONNRESET' })
  return new TypeError('fetch failed', { cause })
}

const dotted = /\/(?:\.|%2e){1,2}(?:\/|$)/i

function split(address: string): { host: string; path: string; query: string } {
  const scheme = address.indexOf('://')
  const start = scheme < 0 ? 0 : address.indexOf('/', scheme + 3)
  const host = scheme < 0 ? '' : address.slice(scheme + 3, start < 0 ? undefined : start)
  const rest = start < 0 ? '/' : address.slice(start)
  const hash = rest.indexOf('#')
  const whole = hash < 0 ? rest : rest.slice(0, hash)
  const mark = whole.indexOf('?')
  const path = mark < 0 ? whole : whole.slice(0, mark)
  return {
    host,
    // Dots are resolved before anything is sent, as the platform's own fetch does.
    path: dotted.test(path) ? new URL(path, 'http://x').pathname : path,
    query: mark < 0 ? '' : whole.slice(mark + 1),
  }
}

function headerReader(given: RequestInit['headers'] | undefined): (name: string) => string | undefined {
  if (given === undefined) return () => undefined
  if (given instanceof Headers) return (name) => given.get(name) ?? undefined
  if (Array.isArray(given)) {
    const headers = new Headers(given as [string, string][])
    return (name) => headers.get(name) ?? undefined
  }
  const entries = Object.entries(given as Record<string, string>)
  return (name) => entries.find(([key]) => key.toLowerCase() === name)?.[1]
}

/** The work, unless its caller gives up or the simulator closes meanwhile. */
function abortable<T>(
  work: Promise<T>,
  signal: AbortSignal | null | undefined,
  closing: AbortSignal,
  address: string,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () =>
      reject(
        signal?.reason instanceof Error ? signal.reason : new DOMException('This operation was aborted', 'AbortError'),
      )
    const close = () => reject(dropped(address))
    signal?.addEventListener('abort', abort, { once: true })
    closing.addEventListener('abort', close, { once: true })
    work.then(resolve, reject).finally(() => {
      signal?.removeEventListener('abort', abort)
      closing.removeEventListener('abort', close)
    })
  })
}
